"""What thinned networks say: dropout left on at prediction (Gal and Ghahramani 2016, MC dropout)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

#: Every look draws the same networks: what moves is what the weights have learned.
_SEED = 0


def read_of_thinned(trainer: Any, fed: Mapping[str, Tensor], draws: int) -> Tensor | None:
    """What the recipe reads of ``draws`` thinned networks, each with one mask for all N inputs ``fed``: (draws, N, K).

    None for a network without dropout. Call it in eval mode without gradients; no stream of the training is drawn from.
    """
    dropouts = [plan.node.id for plan in trainer.analysis.plans() if plan.node.kind == "dropout"]
    if not dropouts:
        return None
    stream = torch.Generator().manual_seed(_SEED)
    many = {name: value.repeat(draws, *[1] * (value.dim() - 1)) for name, value in fed.items()}

    def drop(module: nn.Module, inputs: tuple[Tensor, ...], _: Tensor) -> Tensor:
        (x,) = inputs
        p = float(module.p)  # type: ignore[arg-type]  # nn.Module's attributes have no types
        kept = torch.empty(draws, 1, *x.shape[1:]).bernoulli_(1 - p, generator=stream).to(x)
        thinned = x.reshape(draws, -1, *x.shape[1:]) * kept
        # As while training: PyTorch's form makes up for what is missing there, the textbook's does not.
        return (thinned / (1 - p) if isinstance(module, nn.Dropout) else thinned).reshape(x.shape)

    hooks = [trainer.model.module(node).register_forward_hook(drop) for node in dropouts]
    try:
        read = trainer.recipe.predict(trainer.model.run(many))
    finally:
        for hook in hooks:
            hook.remove()
    return None if read is None else read.reshape(draws, len(read) // draws, -1)
