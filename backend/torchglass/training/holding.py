"""What people hold by hand while a network trains: silenced outputs, and numbers that stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from torchglass.spec.training import Hold

if TYPE_CHECKING:
    from torchglass.training.storage import Storage


class Silence:
    """Sets some units of an output, or all of them, to zero. Units lie along the channels of images (B, C, H, W) and
    along the last axis of anything else."""

    def __init__(self, hold: Hold) -> None:
        self._all, self._units = hold.silent, hold.silent_units
        self._mask: Tensor | None = None

    def apply(self, value: Tensor) -> Tensor:
        """Of the value's shape; the gradient of what is silenced is zero."""
        if not value.is_floating_point() or value.dim() < 2:
            return value
        if self._all:
            return value * 0
        axis = 1 if value.dim() == 4 else -1
        if self._mask is None or len(self._mask) != value.shape[axis] or self._mask.device != value.device:
            self._mask = torch.ones(value.shape[axis], device=value.device)
            self._mask[[unit for unit in self._units if unit < value.shape[axis]]] = 0
        mask = self._mask.to(value.dtype)
        return value * (mask.view(-1, 1, 1) if axis == 1 else mask)


def silences(held: Mapping[str, Hold]) -> dict[str, Silence]:
    """By node."""
    return {node: Silence(hold) for node, hold in held.items() if hold.silent or hold.silent_units}


def frozen_places(held: Mapping[str, Hold], storage: Storage, aliases: Mapping[str, str]) -> Tensor | None:
    """Which numbers of the flat buffer stay as they are (int64), a tied one by any of its names; None: none of them.
    Units are the first axis of a parameter."""
    found: list[Tensor] = []
    numbers = torch.arange(storage.flat.numel())
    pieces = storage.views(numbers)
    for name in {**{slot: slot for slot in storage.slots}, **aliases}:
        hold, owner = held.get(name.partition(".")[0]), aliases.get(name, name)
        if hold is None or owner not in pieces:
            continue
        if hold.frozen:
            found.append(pieces[owner].reshape(-1))
        else:
            rows = [unit for unit in hold.frozen_units if unit < len(pieces[owner])]
            found.append(pieces[owner][rows].reshape(-1))
    places = torch.unique(torch.cat(found)) if found else numbers[:0]
    return places.to(storage.flat.device) if len(places) else None
