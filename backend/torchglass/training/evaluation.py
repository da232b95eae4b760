"""Metrics on a held-out split, computed in slices so that a command never waits for the whole of it."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from torchglass.recipes.base import Recipe
from torchglass.training.feed import Feed
from torchglass.training.model import Network

BLOCK = 250


def evaluate(
    recipe: Recipe, model: Network, feed: Feed, split: str, limit: int | None
) -> Iterator[dict[str, float] | None]:
    """Yields None after each block of examples and, last, the means by metric name.

    Weights must not change in between: whoever drives this trains on only after the last block.
    """
    totals: dict[str, torch.Tensor] = {}
    seen = 0
    for batch, count in feed.blocks(split, limit, BLOCK):
        was_training = model.training
        model.eval()
        with torch.no_grad():
            for name, value in recipe.evaluate(batch, model).items():
                totals[name] = totals.get(name, torch.zeros((), device=value.device)) + value.double() * count
        model.train(was_training)
        seen += count
        yield None
    yield {name: float(total) / seen for name, total in totals.items()} if seen else {}
