"""The example itself."""

from __future__ import annotations

from torchglass.probes._numbers import array, source_label, source_parts
from torchglass.probes.base import Capture, Picture, Probe, Target


class Example(Probe):
    kind = "example"
    label = "Example"
    group = "data"
    summary = "The picture that the network is shown, as it was before standardisation."
    docs = "Values (C, H, W). Somebody's own drawing has no label."
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(C, H, W) as stored; None for data without pictures."""
        import numpy as np

        field = capture.picture_field()
        if field is None:
            return None
        raw = capture.example_raw().get(field)
        if raw is None:  # kept only as fed: undo the standardisation
            mean, std = capture.input_statistics()
            fed = array(capture.example()[field])
            raw = np.clip((fed * std + mean) * 255 + 0.5, 0, 255).astype(np.uint8)
        split, index = source_parts(target.source)
        extra = {
            "label": source_label(capture),
            "classes": list(capture.classes()),
            "split": split,
            "index": index,
        }
        sizes = capture.field_shape(field).known()
        return Picture(raw.reshape(sizes), ("C", "H", "W"), signed=False, extra=extra)
