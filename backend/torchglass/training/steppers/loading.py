"""Calls the compiled step once with each precision: that compiles it, or reads it from numba's cache."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from torchglass.training.steppers import codes


def load(kernel: ModuleType) -> None:
    """With the types that the stepper uses; two units and one step on zeros."""
    for dtype in (np.float32, np.float64):
        floats: np.ndarray = np.zeros(3, dtype)
        ints = np.zeros(2, np.int64)
        ops = np.array([(codes.LINEAR, 2, 1, 0, 2, 0)], np.int64)
        kernel.train(
            ops, np.zeros((1, 2), dtype), np.zeros((2, 2, 2), dtype), np.zeros((2, 2, 2), dtype),
            floats, floats.copy(), floats.copy(), floats.copy(), floats.copy(),
            np.zeros((0, kernel._blocks.COLUMNS), np.int64), floats.copy(), np.zeros(0, np.int32),
            np.zeros((2, 2), dtype), ints, np.zeros((2, 1), dtype), ints.copy(), np.array([0, 2]),
            np.zeros((1, 0), dtype), np.zeros(1, np.int64),
            codes.SQUARED, 0.0, codes.SGD, np.zeros(4), np.zeros(1), 0, 0.0, 0.0, 0.0, 0.0, 0.0,
            np.zeros((3, 1)), 0,
        )  # fmt: skip
