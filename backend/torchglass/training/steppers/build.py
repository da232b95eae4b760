"""Compiles the native step for both precisions: ``python -m torchglass.training.steppers.build``."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np

from torchglass.training.steppers import compiled


def main() -> int:
    """0 when the compiled step is at hand afterwards; 1, with the reason on standard error, when it is not."""
    try:
        compiled.folder().mkdir(parents=True, exist_ok=True)
        for dtype in (np.float32, np.float64):
            load(dtype)
        _write_stamp(compiled.stamp())
    except Exception as error:  # whatever a compiler may say: training goes on without it
        print(f"the native step could not be compiled: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def load(dtype: type) -> None:
    """Calls the kernel with the types that the stepper uses: that compiles it, or reads it from the cache."""
    kernel = compiled.kernel()
    floats: np.ndarray = np.zeros(3, dtype)
    ints = np.zeros(2, np.int64)
    ops = np.array([(kernel.LINEAR, 2, 1, 0, 2, 0)], np.int64)
    kernel.train(
        ops, np.zeros((1, 2), dtype), np.zeros((2, 2, 2), dtype), np.zeros((2, 2, 2), dtype),
        floats, floats.copy(), floats.copy(), floats.copy(), floats.copy(),
        np.zeros((2, 2), dtype), ints, np.zeros((2, 1), dtype), ints.copy(), np.array([0, 2]),
        np.zeros((1, 0), dtype), np.zeros(1, np.int64),
        kernel.SQUARED, 0.0, kernel.SGD, np.zeros(4), np.zeros(1), 0, 0.0, 0.0, 0.0, 0.0, 0.0, np.zeros(1),
        np.zeros(1),
    )  # fmt: skip


def _write_stamp(path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
    temporary.replace(path)


def _end_with_parent() -> None:
    """Until standard input closes."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    if "--with-parent" in sys.argv:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main())
