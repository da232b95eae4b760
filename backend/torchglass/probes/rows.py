"""Rows of a table with their target and what the network makes of each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, class_shares, without_interval
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target


class Rows(Probe):
    kind = "rows"
    label = "Rows"
    group = "data"
    summary = "Some rows of a table in the units of the data, with target and prediction."
    docs = (
        "Exact values (row, column), before preparation; `truth` and `said` are classes by number, or numbers. The "
        "places of a sequence T×D stand one after the other, each with its D features."
    )
    scope = "network"

    class Config(base.Config):
        split: Annotated[Literal["train", "test"], Field(title="Split")] = "train"
        start: Annotated[int, Field(ge=0, lt=10**9, title="First row")] = 0
        count: Annotated[int, Field(ge=1, le=64, title="How many")] = 8

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, D) exact; None for data whose examples are no rows of numbers. ValueError beyond the last row."""
        settings, field = self.config, capture.target_field()
        if capture.picture_field() is not None:
            return None
        total = capture.count(settings.split)
        indices = list(range(settings.start, min(settings.start + settings.count, total)))
        if not indices:
            raise ValueError(f"The {settings.split} split has no row {settings.start}.")
        raw = capture.examples_raw(settings.split, indices)
        inputs = [v for name, v in raw.items() if name != field and v.ndim in (2, 3) and v.dtype.kind == "f"]
        if len(inputs) != 1:
            return None
        truth = raw[field].reshape(len(indices), -1)[:, 0].tolist() if field is not None else []
        extra: dict[str, Any] = {
            "indices": indices,
            "total": total,
            "rows": capture.rows(settings.split),
            "classes": list(capture.classes()),
        }
        extra |= {"truth": truth, "said": _said(capture, settings.split, indices, field)}
        rows = inputs[0].reshape(len(indices), -1).astype(np.float32)
        return Picture(rows, ("row", "column"), encoding="exact", extra=extra)


def _said(capture: Capture, split: str, indices: list[int], field: str | None) -> list[float | None]:
    """The most probable class, or the number in the units of the data; None where it is not finite."""
    _, read = capture.examples(split, indices)
    if read is None or field is None:
        return [None] * len(indices)
    if capture.classes():
        shares = array(class_shares(read, capture)).reshape(len(indices), -1)
        return [float(row.argmax()) if np.isfinite(row).all() else None for row in shares]
    read = without_interval(read, capture)
    if read.numel() != len(indices):
        return [None] * len(indices)
    values = array(capture.natural(field, read.reshape(-1)))
    return [float(value) if np.isfinite(value) else None for value in values]
