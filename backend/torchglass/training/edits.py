"""Carrying weights from one network into another one that was edited from it.

A tensor whose shape stays is kept as it is. Otherwise every number is found again by the names of its units: what
stays keeps its value and its optimizer state; what comes back is taken from the attic; new units of a layer are drawn
as at the start; new connections of a unit that was there begin at zero, so that the network computes what it did
before. Optimizer state of what is new is zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from torchglass.catalog import Analysis
from torchglass.training.attic import Attic, Piece
from torchglass.training.context import TrainingContext, meaning
from torchglass.training.units import UnitNames, Units


@dataclass(frozen=True, slots=True)
class Target:
    """A tensor to be filled, which holds its initial values; ``quiet`` axes begin at zero (see ``units``)."""

    node: str
    name: str
    value: Tensor
    axes: tuple[Units, ...]
    quiet: tuple[bool, ...]
    moments: Mapping[str, Tensor]


def succeed(old: TrainingContext, was: Analysis, new: TrainingContext, analysis: Analysis, attic: Attic) -> None:
    """Fill the freshly initialised network of ``new`` from the trained one of ``old``."""
    moments = _moments(old)
    tensors: dict[str, Tensor] = {**old.model.parameters_by_name(), **old.model.buffers_by_name()}
    names = UnitNames(was)
    before = pieces(tensors, moments, names)
    # A parameter that was shared and is now its own begins as what it was.
    shared = pieces({alias: tensors[owner] for alias, owner in was.ties.items()}, {}, names)
    with torch.no_grad():
        carry(before, shared, list(_targets(new, UnitNames(analysis))), attic)
    if new.pruned is not None:
        new.take_pruned(new.pruned if old.pruned is None else replace(old.pruned, mask=new.pruned.mask))
    for name, role in new.roles.items():
        role.updates = _updates(old, new, name)


def _moments(context: TrainingContext) -> dict[str, dict[str, Tensor]]:
    """Optimizer state by parameter and meaning."""
    found: dict[str, dict[str, Tensor]] = {}
    for role in context.roles.values():
        for slot, flat in role.state.items():
            for name, view in context.storage.views(flat, role.start).items():
                found.setdefault(name, {})[meaning(slot)] = view
    if context.pruned is not None:  # travels with the weights: what is new is not pruned
        for name, view in context.storage.views(context.pruned.mask).items():
            found.setdefault(name, {})["pruned"] = view
    return found


def _targets(context: TrainingContext, names: UnitNames) -> Iterator[Target]:
    moments = _moments(context)
    tensors = {**context.model.parameters_by_name(), **context.model.buffers_by_name()}
    for full, tensor in tensors.items():
        node, name = split(full)
        axes = tuple(names.of(node, name, tensor.shape))
        yield Target(node, name, tensor.data, axes, tuple(names.quiet(node, name, tensor.dim())), moments.get(full, {}))


def _updates(old: TrainingContext, new: TrainingContext, role: str) -> int:
    """Updates so far of those whose optimizer state was taken over: they set Adam's correction of its start."""
    slots = {meaning(slot) for slot in new.roles[role].state}
    mine = {name for name in new.storage.views(new.storage.flat) if _inside(new, role, name)}
    counts = [
        before.updates
        for name, before in old.roles.items()
        if (slots & {meaning(slot) for slot in before.state} or not slots)
        and (name == role or any(_inside(old, name, one) for one in mine & set(old.storage.slots)))
    ]
    return max(counts, default=0)


def _inside(context: TrainingContext, role: str, name: str) -> bool:
    where = context.roles[role]
    return where.start <= context.storage.slots[name].offset < where.stop


def split(name: str) -> tuple[str, str]:
    """``node.parameter`` -> (node, parameter)."""
    node, _, rest = name.partition(".")
    return node, rest


def pieces(
    tensors: Mapping[str, Tensor], moments: Mapping[str, Mapping[str, Tensor]], names: UnitNames
) -> dict[tuple[str, str], Piece]:
    """Copies of the tensors of a network (``node.parameter``) with the names of their units."""
    found = {}
    for full, tensor in tensors.items():
        node, name = split(full)
        kept = {slot: moment.detach().clone() for slot, moment in moments.get(full, {}).items()}
        axes = tuple(names.of(node, name, tensor.shape))
        found[node, name] = Piece(node, name, tensor.detach().clone(), axes, kept)
    return found


Pieces = Mapping[tuple[str, str], Piece]


def carry(before: Pieces, shared: Pieces, targets: Iterable[Target], attic: Attic) -> None:
    """Fill every target from what was there ``before`` and from the attic; then put there what found no place.
    ``shared``: tensors of other nodes that served at this place."""
    lost = dict(before)
    for target in targets:
        place = (target.node, target.name)
        current = before.get(place) or shared.get(place)
        if _fill(target, current, list(attic.of(*place))):
            lost.pop(place, None)
    attic.put(list(lost.values()))


def _fill(target: Target, current: Piece | None, stored: Sequence[Piece]) -> bool:
    """Write the target; whether all of ``current`` found its place."""
    if current is not None and current.value.shape == target.value.shape:
        _copy(target, current, None)
        return True
    if current is None and stored and stored[0].value.shape == target.value.shape:
        _copy(target, stored[0], None)
        return True
    _silence(target, current)
    filled = np.zeros(tuple(target.value.shape), dtype=bool)
    complete = False
    for piece in (*([current] if current is not None else []), *stored):
        places = _places(piece, target)
        if places is None or filled.all():
            continue
        new = ~filled[np.ix_(*(to for _, to in places))]
        if not new.any():
            continue
        _copy(target, piece, places, new)
        filled[np.ix_(*(to for _, to in places))] = True
        if piece is current:
            complete = all(len(found) == size for (found, _), size in zip(places, piece.value.shape, strict=True))
    if not filled.any() and current is not None and current.value.dim() == target.value.dim():
        _copy(target, current, _places(current, target, by_number=True))
    return complete


#: For every axis: the indices in the piece and, in the same order, those in the target.
Places = list[tuple[np.ndarray, np.ndarray]]


def _places(piece: Piece, target: Target, *, by_number: bool = False) -> Places | None:
    """Where the units of the piece lie in the target; None if they share none. ``by_number``: axes that share none
    are matched from their beginning."""
    if piece.value.dim() != target.value.dim():
        return None
    found: Places = []
    for mine, theirs in zip(piece.axes, target.axes, strict=True):
        _, source, place = np.intersect1d(mine, theirs, return_indices=True)
        if not len(source):
            if not by_number:
                return None
            source = place = np.arange(min(len(mine), len(theirs)))
        order = np.argsort(place)
        found.append((source[order], place[order]))
    return found


def _copy(target: Target, piece: Piece, places: Places | None, new: np.ndarray | None = None) -> None:
    """Copy values and optimizer state: all of them, or from place to place where ``new`` says so."""
    _write(target.value, piece.value, places, new)
    for slot, moment in target.moments.items():
        if slot in piece.moments:
            _write(moment, piece.moments[slot], places, new)


def _write(into: Tensor, source: Tensor, places: Places | None, new: np.ndarray | None) -> None:
    if places is None or not places:
        into.copy_(source)
        return
    here = _grid([to for _, to in places], into.device)
    values = source[_grid([found for found, _ in places], source.device)].to(into)
    if new is not None and not new.all():
        values = torch.where(torch.from_numpy(new).to(into.device), values, into[here])
    into[here] = values


def _grid(indices: Sequence[np.ndarray], device: torch.device) -> tuple[Tensor, ...]:
    """One index tensor per axis, which broadcast to the block that they name."""
    rank = len(indices)
    return tuple(
        torch.from_numpy(index).to(device).view([-1 if axis == own else 1 for axis in range(rank)])
        for own, index in enumerate(indices)
    )


def _silence(target: Target, current: Piece | None) -> None:
    """Zero at the new connections of units that were there before; units that are new keep what was drawn."""
    if current is None or not any(target.quiet) or current.value.dim() != target.value.dim():
        return
    kept = torch.ones((), dtype=torch.bool)
    rank = target.value.dim()
    for axis, (quiet, mine, theirs) in enumerate(zip(target.quiet, target.axes, current.axes, strict=True)):
        if not quiet:
            known = np.isin(mine, theirs)
            shape = [1] * rank
            shape[axis] = len(known)
            kept = kept & torch.from_numpy(known).view(shape)
    target.value.masked_fill_(kept.expand(target.value.shape).to(target.value.device), 0.0)
