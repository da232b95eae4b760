"""Pictures moved by whole pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def moved(values: np.ndarray, right: int, down: int) -> np.ndarray:
    """The last two axes (H, W) moved; what comes in repeats the edge (black around a digit, white around an emoji)."""
    import numpy as np

    rows = np.clip(np.arange(values.shape[-2]) - down, 0, values.shape[-2] - 1)
    columns = np.clip(np.arange(values.shape[-1]) - right, 0, values.shape[-1] - 1)
    return values[..., rows[:, None], columns[None, :]]
