"""What every unit answers to one point: its path through the network."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchglass.probes._numbers import array, finite
from torchglass.probes._plane import signed_reading
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

#: Layers with more units are left out: they have no place in the picture.
_MOST_UNITS = 64


class Path(Probe):
    kind = "path"
    label = "Path of an example"
    group = "activations"
    summary = "The output of every unit for one example, what the network says about it and what it is."
    docs = (
        "Exact values (number): node after node its outputs, then what is said (between −1 and 1 for two classes, "
        "one probability per class for more, or a value). `layers` in the extra says where each node begins; `target` "
        "is the class or value that it really has. A unit's output times a weight is the signal on that connection."
    )
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N,) exact; None where no node has units."""
        layers: list[dict[str, Any]] = []
        parts: list[np.ndarray] = []
        place = 0
        for node in capture.network().nodes:
            try:
                values = array(capture.activation(node.id)[0])
            except KeyError:
                continue  # not reached from this source
            if values.ndim != 1 or values.size > _MOST_UNITS:
                continue
            layers.append({"node": node.id, "first": place, "count": values.size})
            parts.append(values)
            place += values.size
        if not layers:
            return None
        extra: dict[str, Any] = {"layers": layers, "said": place, "classes": list(capture.classes())}
        read = capture.prediction()
        if read is not None:
            said, extra["scale"] = signed_reading(read, capture)
            parts.append(array(said)[0])
        field = capture.target_field()
        truth = None if field is None else capture.example_raw().get(field)
        extra["target"] = None if truth is None or truth.size != 1 else finite(float(truth.reshape(-1)[0]))
        return Picture(np.concatenate(parts), ("number",), encoding="exact", extra=extra)
