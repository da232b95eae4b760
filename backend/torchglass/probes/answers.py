"""The test images behind a cell of the confusion matrix, and the worst mistakes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, class_shares
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

Class = Annotated[int, Field(ge=0, le=10_000)]


class Answers(Probe):
    kind = "answers"
    label = "Images by answer"
    group = "outputs"
    summary = "Test images of one class that are taken for a class, or the worst mistakes: wrong, and surest of it."
    docs = (
        "Pictures (N, C, H, W), the surest first, from the same fixed part of the test split as the confusion matrix; "
        "the extra has `indices`, `labels`, `predicted`, `confidence`, and `total`, how many there are. Without a cell "
        "(`truth`, `said`): the mistakes."
    )
    scope = "network"

    class Config(base.Config):
        truth: Annotated[Class | None, Field(title="Is", description="The true class.")] = None
        said: Annotated[Class | None, Field(title="Said", description="The class that the network says.")] = None
        count: Annotated[int, Field(ge=1, le=256, title="How many")] = 24

    def needs(self, target: Target) -> Needs:
        return Needs(evaluation=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, C, H, W) bytes, N may be 0; None for data without pictures or classes."""
        import torch

        field, outcome = capture.picture_field(), capture.evaluation()
        if field is None or not capture.classes() or outcome is None or outcome[0].dim() != 2:
            return None
        shares, truth = class_shares(outcome[0], capture), outcome[1].reshape(-1).long()
        sure, said = shares.max(dim=1)
        wanted = torch.isfinite(shares).all(dim=1)  # an output that is not a number says nothing
        if self.config.truth is None and self.config.said is None:
            wanted &= said != truth
        if self.config.truth is not None:
            wanted &= truth == self.config.truth
        if self.config.said is not None:
            wanted &= said == self.config.said
        found = torch.nonzero(wanted).reshape(-1)
        order = found[sure[found].argsort(descending=True, stable=True)][: self.config.count]
        indices = order.tolist()
        raw = capture.examples_raw("test", indices)[field]
        extra: dict[str, Any] = {
            "indices": indices,
            "labels": truth[order].tolist(),
            "predicted": said[order].tolist(),
            "confidence": [round(float(value), 4) for value in array(sure[order])],
            "classes": list(capture.classes()),
            "total": len(found),
        }
        sizes = capture.field_shape(field).known()
        return Picture(raw.reshape(-1, *sizes), ("N", "C", "H", "W"), signed=False, extra=extra)
