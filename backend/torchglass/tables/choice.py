"""Which columns a network learns from and which it predicts: checked against the table, every fault named by column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torchglass.tables.describing import class_names, class_of
from torchglass.tables.errors import TableError
from torchglass.tables.parsing import LONGEST_CLASS, MOST_CLASSES, Column, CsvTable

Use = Literal["number", "category"]
Missing = Literal["drop", "fill"]
#: Numbers that one row may become: a category takes one for each of its classes.
MOST_FEATURES = 1024
_LEAST_ROWS = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """One column as it is used; ``values`` are numbers or places in ``classes``, None where one is missing."""

    name: str
    kind: Use
    classes: tuple[str, ...]
    values: tuple[float | None, ...]

    @property
    def width(self) -> int:
        """How many numbers it becomes."""
        return len(self.classes) if self.kind == "category" else 1


@dataclass(frozen=True, slots=True)
class Choice:
    """Inputs in order and the target. Rows without a target are never used."""

    inputs: tuple[Chosen, ...]
    target: Chosen

    def rows(self, missing: Missing) -> list[int]:
        """The rows that can be used: with ``drop`` those in which nothing is missing."""
        known = [row for row, value in enumerate(self.target.values) if value is not None]
        if missing == "fill":
            return known
        return [row for row in known if all(column.values[row] is not None for column in self.inputs)]

    def sizes(self, missing: Missing) -> list[int]:
        """How many of those rows belong to each class of the target; of a number, how many there are."""
        counts = [0] * (len(self.target.classes) or 1)
        for row in self.rows(missing):
            value = self.target.values[row]
            assert value is not None
            counts[int(value) if self.target.classes else 0] += 1
        return counts


def choose(table: CsvTable, inputs: Sequence[tuple[str, Use]], target: tuple[str, Use]) -> Choice:
    """The columns of those names, each with the use that is asked for. Raises TableError naming the column."""
    predicted = _use(table, *target)
    names = [name for name, _ in inputs]
    if not names:
        raise TableError("table", "Choose at least one column to learn from.")
    for name in names:
        if names.count(name) > 1:
            raise TableError("table", f"The column “{name}” is chosen twice.", column=name)
    if target[0] in names:
        words = f"“{target[0]}” is what shall be predicted: it cannot be an input as well."
        raise TableError("table", words, column=target[0])
    choice = Choice(tuple(_use(table, name, use) for name, use in inputs), predicted)
    _check(choice)
    return choice


def _check(choice: Choice) -> None:
    target = choice.target
    width = sum(column.width for column in choice.inputs)
    if width > MOST_FEATURES:
        words = f"The chosen columns become {width:,} numbers, but at most {MOST_FEATURES:,} can be used: leave out "
        widest = max(choice.inputs, key=lambda column: column.width)
        raise TableError("table", f"{words}“{widest.name}” with its {widest.width} classes.", column=widest.name)
    if target.kind == "category" and len(target.classes) < 2:
        words = f"“{target.name}” has the same value in every row: there is nothing to predict."
        raise TableError("table", words, column=target.name)


def enough(choice: Choice, missing: Missing) -> None:
    """Raises TableError where too few rows are left to learn from and to test with."""
    rows, sizes = len(choice.rows(missing)), choice.sizes(missing)
    if rows < _LEAST_ROWS:
        most = max(choice.inputs, key=lambda column: sum(value is None for value in column.values))
        hint = f" “{most.name}” has the most gaps: leave it out, or fill gaps." if missing == "drop" else ""
        words = f"Only {rows} of {len(choice.target.values)} rows have a value in every chosen column."
        raise TableError("table", words + hint, column=most.name if hint else choice.target.name)
    if max(sizes) < 2:
        words = f"Every row has its own value of “{choice.target.name}”: no row would be left to test a class with."
        raise TableError("table", words, column=choice.target.name)


def _use(table: CsvTable, name: str, use: Use) -> Chosen:
    try:
        column = table.column(name)
    except KeyError:
        known = ", ".join(f"“{column.name}”" for column in table.columns[:20])
        raise TableError("table", f"The table has no column “{name}”; it has {known}.", column=name) from None
    if all(value is None for value in column.values):
        raise TableError("table", f"The column “{name}” is empty: leave it out.", column=name)
    return _as_number(column) if use == "number" else _as_category(column)


def _as_number(column: Column) -> Chosen:
    if column.kind != "number":
        present = [value for value in column.values if value is not None]
        wrong = next((value for value in present if not _looks_numeric(value)), present[0])
        words = f"“{column.name}” cannot be used as a number: it holds “{wrong[:40]}”, for example."
        raise TableError("table", words, column=column.name)
    values = tuple(None if math.isnan(value) else value for value in column.numbers())
    return Chosen(column.name, "number", (), values)


def _looks_numeric(value: str) -> bool:
    return value.lstrip("+-").replace(".", "", 1).isdigit()


def _as_category(column: Column) -> Chosen:
    names = class_names(column)
    if len(names) > MOST_CLASSES or any(len(name) > LONGEST_CLASS for name in names):
        words = f"“{column.name}” has {len(names):,} different values"
        limit = f"at most {MOST_CLASSES}, none longer than {LONGEST_CLASS} letters, can be classes: leave it out."
        raise TableError("table", f"{words}; {limit}", column=column.name)
    place = {name: float(number) for number, name in enumerate(names)}
    values = tuple(None if name is None else place[name] for name in class_of(column))
    return Chosen(column.name, "category", tuple(names), values)


def settings(choice: Choice) -> dict[str, Any]:
    """What the experiment must know of the chosen columns, so that shapes are known without the file."""
    return {
        "inputs": [_named(column) for column in choice.inputs],
        "target": _named(choice.target),
        "sizes": choice.sizes("fill"),
        "complete": choice.sizes("drop"),
    }


def _named(column: Chosen) -> dict[str, Any]:
    classes: Mapping[str, Any] = {"classes": list(column.classes)} if column.kind == "category" else {}
    return {"name": column.name, "kind": column.kind, **classes}


__all__ = ["MOST_FEATURES", "Choice", "Chosen", "Missing", "Use", "choose", "enough", "settings"]
