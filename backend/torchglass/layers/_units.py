"""Names of units as whole numbers: equal names mean the same unit before and after an edit of the network.

A name is a hash of 64 bits, so that an axis of a million units costs 8 MB and is matched without a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)


def _mixed(values: np.ndarray) -> np.ndarray:
    """splitmix64 (Steele et al. 2014): neighbouring numbers become unrelated ones."""
    z = values.astype(np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _hash(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little"))


def called(owner: str, names: Sequence[str]) -> np.ndarray:
    """Units of ``owner`` by name, int64 [n]."""
    return np.array([_hash(f"{owner}/{name}") for name in names], np.uint64).view(np.int64)


def numbered(owner: str, count: int) -> np.ndarray:
    """The units 0, 1, ... of ``owner``, int64 [count]; more of them leave the first ones as they are."""
    return _mixed(_hash(owner) + np.arange(count, dtype=np.uint64) * _STEP).view(np.int64)


def at_places(units: np.ndarray, height: int, width: int) -> np.ndarray:
    """Every unit at every place of its map, in the order of a flattened image: int64 [n · height · width]."""
    row, column = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    places = (row.astype(np.uint64) << np.uint64(32)) + column.astype(np.uint64)
    return _mixed(units.view(np.uint64)[:, None] + _mixed(places.ravel() + np.uint64(1))).ravel().view(np.int64)


def in_blocks(units: np.ndarray, blocks: int, *, in_turn: bool = False) -> np.ndarray:
    """Several copies of the units: one behind the other, or (``in_turn``) side by side for every unit."""
    copies = _mixed(units.view(np.uint64)[None, :] + _mixed(np.arange(1, blocks + 1, dtype=np.uint64))[:, None])
    return (copies.T if in_turn else copies).ravel().view(np.int64)
