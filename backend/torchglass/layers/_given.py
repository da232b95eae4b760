"""First weights that a person wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def give(parameter: Tensor, rows: Sequence[Sequence[float]]) -> None:
    """Write ``rows`` into a weight (O, I), or a single row into a bias (O,), from the first number on. Numbers that
    have no place are left out and places without a number become 0, so that a unit more or less needs no other list."""
    import torch

    with torch.no_grad():
        parameter.zero_()
        table = parameter if parameter.dim() == 2 else parameter[None]  # (O, I) or (1, O)
        for place, row in zip(table, rows, strict=False):
            count = min(len(row), len(place))
            place[:count] = torch.tensor(row[:count], dtype=parameter.dtype)


def given_lines(weight: Sequence[Sequence[float]], bias: Sequence[float], shape: tuple[int, int]) -> tuple[str, ...]:
    """``give`` for the weight of that shape (O, I) and the bias as the lines of a script; see ``source.Initial``."""
    units, inputs = shape
    rows = [padded(weight[unit] if unit < len(weight) else (), inputs) for unit in range(units)]
    own = "\n".join(_row(padded(bias, units))).removesuffix(",")
    return (
        "given_weight = [",
        *(f"    {line}" for row in rows for line in _row(row)),
        "]",
        *f"given_bias = {own}".split("\n"),
        "parameter.copy_(torch.tensor(given_weight if parameter is module.weight else given_bias))",
    )


def padded(row: Sequence[float], count: int) -> list[float]:
    """The first ``count`` numbers, and 0 for those that are missing."""
    return [*row[:count], *[0.0] * (count - len(row))]


def _row(row: list[float]) -> list[str]:
    """One line, or one line a number where that is too long; with a comma behind it."""
    line = f"{row},"
    return [line] if len(line) <= 90 else ["[", *(f"    {number}," for number in row), "],"]


__all__ = ["give", "given_lines"]
