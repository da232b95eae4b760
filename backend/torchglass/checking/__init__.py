"""How an experiment is checked: settings, wiring, shapes, costs. ``torchglass.catalog`` is the way in."""
