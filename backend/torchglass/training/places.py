"""Where the tensors of a checkpoint live in a network that trains."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from torchglass.training.checkpoints import Checkpoint
from torchglass.training.context import TrainingContext
from torchglass.training.model import Network

#: What has no place of its own: the recipe's tensors, and what edits took out, what is pruned.
_ELSEWHERE = ("recipe/", "attic/", "pruned/")


def places_of(model: Network, context: TrainingContext) -> dict[str, Tensor]:
    """Weights, buffers and optimizer state by the names that they have in a checkpoint."""
    storage = context.storage
    places: dict[str, Tensor] = {f"parameter/{name}": slot.parameter.data for name, slot in storage.slots.items()}
    places |= {f"buffer/{name}": value for name, value in model.buffers_by_name().items()}
    for role in context.roles.values():
        for slot_name, flat in role.state.items():
            for name, view in storage.views(flat, role.start).items():
                places[f"optimizer/{role.name}/{slot_name}/{name}"] = view
    return places


def fill(places: Mapping[str, Tensor], checkpoint: Checkpoint, but: tuple[str, ...] = ()) -> None:
    """Write a checkpoint into its places; tensors that begin with one of ``but`` are left out. Raises ValueError
    where it belongs to another network."""
    names = {name for name in checkpoint.tensors if not name.startswith((*_ELSEWHERE, *but))}
    if names != set(places):
        odd = sorted(names ^ set(places))[:3]
        raise ValueError(f"the checkpoint belongs to another network (differs in {', '.join(odd)})")
    with torch.no_grad():
        for name, place in places.items():
            place.copy_(checkpoint.tensors[name])
