"""What edits took out of a network, kept for a while so that undoing brings it back. Bounded in bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchglass.training.units import Units

#: Bytes of tensors that are kept at most; a checkpoint carries them.
LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One tensor with the names along its axes and its optimizer state by slot; never written into."""

    node: str
    name: str
    value: Tensor
    axes: tuple[Units, ...]
    moments: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes."""
        tensors = (self.value, *self.moments.values())
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors) + sum(a.nbytes for a in self.axes)

    def covers(self, other: Piece) -> bool:
        """Whether every number of the other has its place in this one."""
        return len(self.axes) == len(other.axes) and all(
            bool(np.isin(theirs, mine).all()) for mine, theirs in zip(self.axes, other.axes, strict=True)
        )


class Attic:
    """Pieces, the oldest first; the oldest go when there is no room."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._pieces: list[Piece] = []

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self._pieces)

    def put(self, pieces: Sequence[Piece]) -> None:
        """What one edit took out; what is not finite or too large for the whole attic is let go."""
        for piece in pieces:
            if not bool(torch.isfinite(piece.value).all()):
                continue
            same = (piece.node, piece.name)
            self._pieces = [old for old in self._pieces if (old.node, old.name) != same or not piece.covers(old)]
            self._pieces.append(piece)
        room = self._limit
        kept: list[Piece] = []
        for piece in reversed(self._pieces):
            room -= piece.size
            if room < 0:
                break
            kept.append(piece)
        self._pieces = kept[::-1]

    def of(self, node: str, name: str) -> Iterator[Piece]:
        """The pieces of one parameter or buffer, newest first."""
        return (piece for piece in reversed(self._pieces) if (piece.node, piece.name) == (node, name))

    # -- checkpoints ------------------------------------------------------------------------------------------

    def export(self) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
        """(tensors by name, facts) for a checkpoint."""
        tensors: dict[str, Tensor] = {}
        facts: list[dict[str, Any]] = []
        for number, piece in enumerate(self._pieces):
            tensors[f"attic/{number}/value"] = piece.value
            for axis, units in enumerate(piece.axes):  # shared between pieces, which no file may be
                tensors[f"attic/{number}/axis/{axis}"] = torch.from_numpy(units.copy())
            for slot, moment in piece.moments.items():
                tensors[f"attic/{number}/moment/{slot}"] = moment
            facts.append({"node": piece.node, "name": piece.name})
        return tensors, facts

    def take(self, tensors: Mapping[str, Tensor], facts: Sequence[Mapping[str, Any]]) -> None:
        """Become what was exported."""
        self._pieces = []
        for number, fact in enumerate(facts):
            start = f"attic/{number}/"
            value = tensors[f"{start}value"]
            axes = tuple(tensors[f"{start}axis/{axis}"].cpu().numpy() for axis in range(value.dim()))
            slots = [name for name in tensors if name.startswith(f"{start}moment/")]
            moments = {name.removeprefix(f"{start}moment/"): tensors[name] for name in slots}
            self._pieces.append(Piece(str(fact["node"]), str(fact["name"]), value, axes, moments))
