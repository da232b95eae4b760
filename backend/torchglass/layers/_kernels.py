"""First kernels of a convolution that a person wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

Rows = Sequence[Sequence[float]]


def centred(kernel: Rows, height: int, width: int) -> list[list[float]]:
    """The kernel in the middle of a window (height, width): zeros around it, or its rim cut off."""
    rows = [list(row) for row in kernel]
    across = max((len(row) for row in rows), default=0)
    top, left = (height - len(rows)) // 2, (width - across) // 2

    def at(i: int, j: int) -> float:
        return float(rows[i][j]) if 0 <= i < len(rows) and 0 <= j < len(rows[i]) else 0.0

    return [[at(i - top, j - left) for j in range(width)] for i in range(height)]


def give_kernels(parameter: Tensor, kernels: Sequence[Rows]) -> None:
    """Write one kernel per filter into a weight (K, C, H, W), the same for every channel; a bias becomes 0."""
    import torch

    with torch.no_grad():
        parameter.zero_()
        if parameter.dim() == 4:
            for place, kernel in zip(parameter, kernels, strict=False):  # place (C, H, W)
                place.copy_(torch.tensor(centred(kernel, place.shape[1], place.shape[2]), dtype=parameter.dtype))


def kernel_lines(kernels: Sequence[Rows], filters: int, window: tuple[int, int]) -> tuple[str, ...]:
    """``give_kernels`` as the lines of a script; see ``source.Initial``."""
    shown = [centred(kernel, *window) for kernel in kernels[:filters]]
    rows = [line for kernel in shown for line in ("    [", *(f"        {row}," for row in kernel), "    ],")]
    return (
        "parameter.zero_()",
        "given_kernels = [",
        *rows,
        "]",
        "if parameter.dim() == 4:",
        "    for place, kernel in zip(parameter, given_kernels, strict=False):",
        "        place.copy_(torch.tensor(kernel))  # the same for every channel",
    )
