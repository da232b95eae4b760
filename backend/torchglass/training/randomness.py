"""Counter-based randomness: every stream is a pure function of (seed, purpose, key).

Adding a node or a watcher shifts no other stream, and resuming needs only the step.
"""

from __future__ import annotations

from hashlib import blake2b

import torch


def stream_seed(seed: int, purpose: str, *key: object) -> int:
    """63-bit seed of the stream ``purpose/key`` of that experiment."""
    text = "/".join((str(seed), purpose, *map(str, key)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def generator(seed: int, purpose: str, *key: object) -> torch.Generator:
    """A fresh CPU generator at the start of that stream."""
    stream = torch.Generator()
    stream.manual_seed(stream_seed(seed, purpose, *key))
    return stream
