"""Counter-based randomness: every stream is a pure function of (seed, purpose, key).

Adding a node or a watcher shifts no other stream, and resuming needs only the step.
"""

from __future__ import annotations

from hashlib import blake2b

import torch

_MASK = 2**64 - 1


def stream_seed(seed: int, purpose: str, *key: object) -> int:
    """63-bit seed of the stream ``purpose/key`` of that experiment."""
    text = "/".join((str(seed), purpose, *map(str, key)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def generator(seed: int, purpose: str, *key: object) -> torch.Generator:
    """A fresh CPU generator at the start of that stream."""
    stream = torch.Generator()
    stream.manual_seed(stream_seed(seed, purpose, *key))
    return stream


def step_seed(base: int, step: int) -> int:
    """Seed of one step, cheap enough to derive at every step (splitmix64, Steele et al. 2014)."""
    z = (base + step * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) >> 1
