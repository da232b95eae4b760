"""Several examples side by side, with what the network makes of each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, class_shares
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

Index = Annotated[int, Field(ge=0, lt=10**9)]


class Samples(Probe):
    kind = "samples"
    label = "Samples"
    group = "data"
    summary = "A handful of examples with label, prediction and confidence."
    docs = "Pictures (N, C, H, W). A run of `count` examples from `start`, or the `indices` given."
    scope = "network"

    class Config(base.Config):
        split: Annotated[Literal["train", "test"], Field(title="Split")] = "test"
        start: Annotated[Index, Field(title="First example")] = 0
        count: Annotated[int, Field(ge=1, le=256, title="How many")] = 24
        indices: Annotated[list[Index], Field(max_length=256, title="Examples", description="Instead of a run.")] = []

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, C, H, W); None for data without pictures. ValueError for examples that do not exist."""
        field = capture.picture_field()
        if field is None:
            return None
        settings = self.config
        indices = list(settings.indices) or list(range(settings.start, settings.start + settings.count))
        raw = capture.examples_raw(settings.split, indices)
        pictures = raw[field]
        if not len(pictures):
            raise ValueError(f"The {settings.split} split has no example {indices[0]}.")
        indices = indices[: len(pictures)]
        extra: dict[str, Any] = {"indices": indices, "classes": list(capture.classes())}
        extra["labels"] = _labels(capture, raw, len(indices))
        extra |= _predicted(capture, settings.split, indices)
        sizes = capture.field_shape(field).known()
        return Picture(pictures.reshape(-1, *sizes), ("N", "C", "H", "W"), signed=False, extra=extra)


def _labels(capture: Capture, raw: Any, count: int) -> list[int | None]:
    field = capture.target_field()
    if field is None or not capture.classes():
        return [None] * count
    return [int(value) for value in raw[field].reshape(count, -1)[:, 0]]


def _predicted(capture: Capture, split: str, indices: list[int]) -> dict[str, list[Any]]:
    """Most probable class and its probability, for every example; None where the output is not a number."""
    import numpy as np

    _, read = capture.examples(split, indices)
    if read is None or read.dim() != 2:
        return {"predicted": [None] * len(indices), "confidence": [None] * len(indices)}
    values = array(class_shares(read, capture))
    best = [int(row.argmax()) if np.isfinite(row).all() else None for row in values]
    return {
        "predicted": best,
        "confidence": [None if b is None else round(float(row[b]), 4) for row, b in zip(values, best, strict=True)],
    }
