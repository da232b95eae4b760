"""The network behind one picture, as a function of its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from torchglass.probes.base import Sight
from torchglass.worker.attacking import unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torchglass.probes.base import Capture


def sight_of(trainer: Any, batch: Mapping[str, Tensor], capture: Capture) -> Sight | None:
    """``batch``: the fields of one example, each (1, ...). None without a picture, or where the first output of the
    recipe has no number for each class (two classes may share one, the score of the second)."""
    field, classes = capture.picture_field(), len(capture.classes())
    outputs = trainer.recipe.outputs(trainer.subject)
    if field is None or not classes or not outputs:
        return None
    output, model = outputs[0], trainer.model

    def run(pictures: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        count = len(pictures)
        others = {name: value.expand(count, *value.shape[1:]) for name, value in batch.items() if name != field}
        values = model.run({**others, field: pictures})
        scores = values[output].reshape(count, -1)
        return values, torch.cat([-scores, scores], dim=1) if classes == 2 and scores.shape[1] == 1 else scores

    def through(picture: Tensor, node: str) -> tuple[Tensor, Tensor]:
        values, scores = run(picture)
        return scores, values[node]

    x = batch[field].detach()
    if run(x)[1].shape[1] != classes:
        return None
    unit = unit_of(x, field, capture)
    dark = -capture.natural(field, torch.zeros_like(x)) * unit  # what is undone is a shift and a scale
    return Sight(x, dark, unit.expand_as(x), lambda pictures: run(pictures)[1], through)
