"""What a table holds, as plain data: columns with guessed types, what is missing, ranges, classes, the first rows."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from torchglass.tables.parsing import LONGEST_CLASS, MOST_CLASSES, Column, CsvTable

#: Rows that are shown, and letters of a shown cell.
_SHOWN_ROWS, _SHOWN_LETTERS = 8, 80
#: Whole numbers with at most so many different values are taken for classes where they are to be predicted.
_FEW = 10


def describe(table: CsvTable) -> dict[str, Any]:
    """``{rows, delimiter, heading, columns: [...], sample: [[cell or None]]}``; a column is what ``_column`` says."""
    return {
        "rows": table.rows,
        "delimiter": table.delimiter,
        "heading": table.heading,
        "columns": [_column(column) for column in table.columns],
        "sample": [[_cut(column.values[row]) for column in table.columns] for row in range(_shown(table))],
    }


def class_names(column: Column) -> list[str]:
    """Names of the different values as classes: numbers in their order, texts by the alphabet."""
    if column.kind == "number":
        return [number_name(value) for value in sorted({value for value in column.numbers() if not math.isnan(value)})]
    return sorted({value for value in column.values if value is not None})


def class_of(column: Column) -> list[str | None]:
    """The class that each row belongs to; None where the value is missing."""
    if column.kind == "number":
        return [None if math.isnan(value) else number_name(value) for value in column.numbers()]
    return list(column.values)


def number_name(value: float) -> str:
    """A number as the name of a class: ``1`` and ``1.0`` are the same."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _shown(table: CsvTable) -> int:
    return min(table.rows, _SHOWN_ROWS)


def _cut(cell: str | None) -> str | None:
    return cell if cell is None or len(cell) <= _SHOWN_LETTERS else cell[: _SHOWN_LETTERS - 1] + "…"


def _column(column: Column) -> dict[str, Any]:
    """``kind``: what it is taken for, ``number | category | text | constant | empty``. ``possible``: as what it may be
    used, of ``number`` and ``category``. ``distinct`` counts the different values; ``classes`` names them with their
    rows where they may be classes. ``counter``: whole numbers that only count the rows. ``few``: so few different
    whole numbers that they may well be classes. ``missing`` counts, ``missing_rows`` names the first."""
    counts = Counter(name for name in class_of(column) if name is not None)
    distinct = len(counts)
    may_be_classes = 0 < distinct <= MOST_CLASSES and all(len(name) <= LONGEST_CLASS for name in counts)
    described: dict[str, Any] = {
        "name": column.name,
        "kind": _kind(column, distinct),
        "possible": ["number"] * (column.kind == "number") + ["category"] * may_be_classes,
        "missing": column.missing_count,
        "missing_rows": list(column.missing),
        "distinct": distinct,
        "classes": [{"name": n, "rows": counts[n]} for n in class_names(column)] if may_be_classes else [],
        "counter": False,
        "few": False,
    }
    return described | (_numbers(column, distinct) if column.kind == "number" else {})


def _kind(column: Column, distinct: int) -> str:
    if distinct == 0:
        return "empty"
    return "constant" if distinct == 1 else column.kind


def _numbers(column: Column, distinct: int) -> dict[str, Any]:
    values = [value for value in column.numbers() if not math.isnan(value)]
    if not values:
        return {}
    whole = all(value.is_integer() for value in values)
    ordered = sorted(values)
    lowest, highest = ordered[0], ordered[-1]
    counts_rows = whole and column.missing_count == 0 and distinct == len(values) > 2
    return {
        "lowest": lowest,
        "highest": highest,
        "mean": math.fsum(values) / len(values),
        "counter": counts_rows and highest - lowest == distinct - 1 and values in (ordered, ordered[::-1]),
        "few": whole and 2 <= distinct <= _FEW and distinct * 3 <= len(values),
    }


__all__ = ["class_names", "class_of", "describe", "number_name"]
