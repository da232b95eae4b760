"""Magnitude pruning: the smallest weights are taken out for good, at once or in rounds; what is left may be rewound.

Han et al. (2015), *Learning both weights and connections*; Frankle, Carbin (2019), *The lottery ticket hypothesis*:
rewound to the weights that they began with, the few that are left learn as well as all; with others in their places
they do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from torchglass.spec.training import Pruning
from torchglass.training.builder import initialise
from torchglass.training.holding import frozen_places

if TYPE_CHECKING:
    from torchglass.training.context import TrainingContext
    from torchglass.training.trainer import Trainer

#: Purpose of the random streams from which the weights of a ticket are drawn anew.
REDRAWN = "redrawn"
NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Pruned:
    """``mask`` (P,) bool: what is taken out of the flat buffer. ``done`` rounds of the schedule that began at
    ``first``, the last of them at step ``last``; ``sparsity`` is the share that it aimed at."""

    mask: Tensor
    first: int = 0
    done: int = 0
    last: int = 0
    sparsity: float = 0.0

    def facts(self) -> dict[str, float]:
        """What a checkpoint keeps beside the mask."""
        return {"first": self.first, "done": self.done, "last": self.last, "sparsity": self.sparsity}


def configured(before: Pruned | None, settings: Pruning | None, flat: Tensor) -> Pruned | None:
    """What is taken out under these settings: all of it stays out, unless pruning is switched off. A schedule that
    begins later than the last round begins with its own first round."""
    if settings is None:
        return None
    if before is None:
        return Pruned(torch.zeros(flat.numel(), dtype=torch.bool, device=flat.device), settings.first)
    if settings.first != before.first:
        return replace(before, first=settings.first, done=0)
    return before


def steps_until_round(settings: Pruning | None, pruned: Pruned | None, step: int) -> int:
    """0 where a round is due before the next step."""
    if settings is None or pruned is None:
        return NEVER
    if pruned.done >= settings.rounds:
        return 0 if settings.sparsity > pruned.sparsity + 1e-9 else NEVER
    due = settings.first + pruned.done * settings.every
    if pruned.done:
        due = max(due, pruned.last + settings.every)
    return max(0, due - step)


def prune(trainer: Trainer, *, now: bool = False) -> bool:
    """Carries out the round that is due (``now``: the next one, due or not); False where none is."""
    settings, context = trainer.experiment.training.pruning, trainer.context
    pruned = context.pruned
    if settings is None or pruned is None:
        return False
    if not now and steps_until_round(settings, pruned, trainer.step) > 0:
        return False
    number = min(pruned.done + 1, settings.rounds)
    share = settings.aim(number)
    with torch.no_grad():
        mask = smallest(context, pruned.mask, share, settings.scope)
        context.take_pruned(replace(pruned, mask=mask, done=number, last=trainer.step, sparsity=share))
        if settings.rewind != "keep":
            _rewind(trainer, settings.rewind == "random" and number == settings.rounds)
        context.storage.flat[mask] = 0
        for role in context.roles.values():
            for flat in role.state.values():
                flat[mask[role.start : role.stop]] = 0
    return True


def smallest(context: TrainingContext, out: Tensor, share: float, scope: str) -> Tensor:
    """(P,) bool: the ``share`` of the weights with the smallest magnitude, layer by layer or over all of them, those
    that are ``out`` already first; of every layer the largest weight stays. Biases, normalisation and what is frozen
    by hand are no candidates."""
    held = frozen_places(context.training.held, context.storage, context.model.aliases)
    free = context.storage.decays > 0
    if held is not None:
        free[held] = False
    sizes = context.storage.flat.abs().masked_fill(out, -1.0)
    free_by, size_by = context.storage.views(free), context.storage.views(sizes)
    names = [name for name, view in free_by.items() if bool(view.any())]
    layers = [(free_by[name].reshape(-1), size_by[name].reshape(-1)) for name in names]
    chosen = [torch.zeros_like(allowed) for allowed, _ in layers]
    if scope == "layer":
        for (allowed, size), mask in zip(layers, chosen, strict=True):
            _choose(allowed, size, mask, share)
    elif layers:
        allowed, size = (torch.cat(parts) for parts in zip(*layers, strict=True))
        mask = torch.zeros_like(allowed)
        _choose(allowed, size, mask, share)
        chosen = list(torch.split(mask, [len(one) for one in chosen]))
    found = torch.zeros_like(out)
    for name, (allowed, size), mask in zip(names, layers, chosen, strict=True):
        if bool(mask[allowed].all()):
            mask[int(size.masked_fill(~allowed, -2.0).argmax())] = False
        context.storage.write(found, name, mask.view(free_by[name].shape))
    return found


def _choose(allowed: Tensor, size: Tensor, mask: Tensor, share: float) -> None:
    places = allowed.nonzero().squeeze(-1)
    order = torch.argsort(size[places], stable=True)
    mask[places[order[: round(share * len(places))]]] = True


def _rewind(trainer: Trainer, anew: bool) -> None:
    """Weights, biases and running statistics as they were drawn at the start (``anew``: drawn again), the optimizers
    without memory; what is frozen by hand stays."""
    context, flat = trainer.context, trainer.storage.flat
    held = frozen_places(context.training.held, context.storage, context.model.aliases)
    kept = None if held is None else flat[held]
    initialise(trainer.model, trainer.analysis, trainer.experiment.seed, REDRAWN if anew else "init")
    if held is not None and kept is not None:
        flat[held] = kept
    for role in context.roles.values():
        role.updates = 0
        for state in role.state.values():
            state.zero_()
    context.forget_leftovers()


def masks_of(context: TrainingContext) -> dict[str, Tensor]:
    """The mask by parameter, as a checkpoint keeps it; empty where nothing is pruned."""
    if context.pruned is None:
        return {}
    return {f"pruned/{name}": view for name, view in context.storage.views(context.pruned.mask).items()}


def restored(context: TrainingContext, tensors: dict[str, Tensor], facts: Any) -> None:
    """Take over what a checkpoint kept."""
    if context.pruned is None:
        return
    mask = torch.zeros_like(context.pruned.mask)
    for name in context.storage.slots:
        if (kept := tensors.get(f"pruned/{name}")) is not None:
            context.storage.write(mask, name, kept.to(mask))
    numbers = facts if isinstance(facts, dict) else {}
    context.take_pruned(
        Pruned(
            mask,
            int(numbers.get("first", 0)),
            int(numbers.get("done", 0)),
            int(numbers.get("last", 0)),
            float(numbers.get("sparsity", 0.0)),
        )
    )
