"""The next training batch, as it is stored and as the network will be fed, without moving anything on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


def next_batch(trainer: Any, count: int) -> tuple[dict[str, np.ndarray], dict[str, Tensor]] | None:
    """The first ``count`` examples of it; None for data without examples. What holds for the whole batch stays."""
    if trainer.data.count("train") == 0:
        return None
    size = trainer.experiment.data.batch_size
    stored, fed = trainer.data.peek(trainer.cursor, size, trainer.step + 1)
    cut = {name: value[:count] if value.dim() else value for name, value in fed.items()}
    return {name: value[:count] for name, value in stored.items()}, cut
