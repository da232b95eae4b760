"""Pieces that are the same in every script, and the imports of what it names."""

from __future__ import annotations

import re

STREAM = '''def stream(purpose: str, *key: object) -> torch.Generator:
    """Random numbers for one purpose alone, so that one more layer changes nobody else's."""
    text = "/".join(map(str, (SEED, purpose, *key)))
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1
    return torch.Generator().manual_seed(seed)'''

NO_BATCHES = '''def batches() -> Iterator[dict[str, Tensor]]:
    """There are no examples to learn from."""
    return itertools.repeat({})'''

LOAD = '''@torch.no_grad()
def load(model: nn.Module, file: str) -> None:
    """Weights of a trained model, called "layer.weight"."""
    with np.load(file) as kept:
        for path, value in model.state_dict().items():
            name = ".".join(path.split(".")[-2:])
            if name in kept.files:  # a shared tensor is kept once
                value.copy_(torch.from_numpy(kept[name]))'''

_IMPORTS = (
    ("import argparse", r"argparse\."),
    ("import copy", r"copy\."),
    ("import hashlib", r"hashlib\."),
    ("import itertools", r"itertools\."),
    ("import json", r"json\."),
    ("import math", r"math\."),
    ("import time", r"time\."),
    ("from collections import OrderedDict", r"OrderedDict\("),
    ("from collections.abc import Iterator", r"Iterator\["),
    ("from pathlib import Path", r"Path\("),
    ("", ""),
    ("import numpy as np", r"np\."),
    ("import torch", r"torch\."),
    ("from torch import Tensor, nn", r"Tensor"),
    ("from torch.nn import functional", r"functional\."),
)


def imports(body: str) -> str:
    """What the script names, in the order of a linter."""
    return "\n".join(line for line, used in _IMPORTS if not used or re.search(rf"(?<![\w.]){used}", body))
