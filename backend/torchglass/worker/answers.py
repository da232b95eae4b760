"""What networks answer to values that somebody made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor


def answered(trainer: Any, raw: Mapping[str, np.ndarray]) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]]:
    """Fields as stored, each (N, ...) -> every node's output, and what is read of it by network: the lanes of a race,
    or one without a name; empty where the recipe reads nothing."""
    fed = {name: trainer.data.prepare_input(name, np.ascontiguousarray(values)) for name, values in raw.items()}
    with torch.no_grad():
        outputs = trainer.model.run(fed)
    lanes = getattr(trainer.recipe.config, "lanes", None)
    if lanes:
        return outputs, {lane: trainer.recipe.criterion.read(outputs[node]) for lane, node in lanes.items()}
    read = trainer.recipe.predict(outputs)
    return outputs, {} if read is None else {"": read}
