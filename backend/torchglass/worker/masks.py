"""Which numbers dropout has set to zero in the newest training step: drawn again from that step's random stream."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from torchglass.training.randomness import generator

#: Layers that draw from the same stream, so that what dropout draws after them can not be known without them.
_DRAW_TOO = frozenset({"rrelu"})


def masks(trainer: Any) -> dict[str, Tensor] | None:
    """By dropout node, for the first example of the newest step, (D,) of bool: kept. None before the first step, and
    where it can not be told: dropout on more than vectors, or another random layer in the network."""
    if trainer.step == 0 or not hasattr(trainer, "cursor"):  # an earlier step that is looked at knows no batch
        return None
    order = trainer.analysis.main.order
    nodes = trainer.analysis.main.nodes
    plans = [nodes[name] for name in order]
    dropouts = [plan for plan in plans if plan.node.kind == "dropout"]
    if trainer.analysis.parts or any(plan.node.kind in _DRAW_TOO for plan in plans):
        return None
    if any(len(plan.outputs["out"].axes) != 1 for plan in dropouts):
        return None
    stream = generator(trainer.context.seed, "dropout", trainer.step)
    batch = _newest_batch(trainer)
    found: dict[str, Tensor] = {}
    for plan in dropouts:
        size = plan.outputs["out"].count()
        drawn = torch.empty(batch, size, dtype=trainer.model.parameters_dtype)
        if plan.layer.config.p > 0:
            drawn.bernoulli_(1 - plan.layer.config.p, generator=stream)
        else:
            drawn.fill_(1)
        found[plan.node.id] = drawn[0] > 0
    return found


def _newest_batch(trainer: Any) -> int:
    """How many examples the newest step has seen (see ``Feed.take``)."""
    total, size, used = trainer.data.count("train"), trainer.experiment.data.batch_size, trainer.cursor.used
    if used or total <= size:
        return int(min(size, used or total))
    rest = total % size
    return int(size + 1 if rest == 1 and size > 1 else rest or size)
