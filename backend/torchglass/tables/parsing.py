"""A person's own table as text (CSV): bounded while it is read, its delimiter and types guessed, its faults named.

Nothing is executed or interpreted: formulas and markup are plain text. Rows are counted as an editor counts lines,
from 1 with the heading.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

_DELIMITERS = (",", ";", "\t", "|")
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
#: A column of text with at most so many different values, none longer than so many letters, is taken for classes.
MOST_CLASSES, LONGEST_CLASS = 100, 100
#: Larger numbers are none that a network in single precision can take.
_LARGEST = 1e30
#: Lines from which the delimiter is guessed.
_SNIFFED = 20
#: So many missing values of a column are named one by one.
_NAMED = 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class CsvError(ValueError):
    """Why a table cannot be read, in words; ``row`` and ``column`` where there is such a place."""

    def __init__(self, message: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.row, self.column = row, column


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused while it is still arriving."""

    bytes: int = 32 * 1024 * 1024
    columns: int = 200
    rows: int = 200_000
    cells: int = 5_000_000
    letters: int = 10_000  # of one cell
    name: int = 200  # letters of a column's name


@dataclass(frozen=True, slots=True)
class Column:
    """``values`` are the cells as text, None where one is missing; ``missing`` names the rows of the first of those.

    ``kind``: ``number`` (``numbers`` gives them), ``category`` (``classes`` names them) or ``text``.
    """

    name: str
    kind: Literal["number", "category", "text"]
    values: tuple[str | None, ...]
    decimal_comma: bool = False
    classes: tuple[str, ...] = ()
    missing: tuple[int, ...] = ()
    missing_count: int = 0

    def numbers(self) -> list[float]:
        """The values of a column of numbers; NaN where one is missing."""
        assert self.kind == "number", f"column {self.name!r} holds no numbers"
        return [math.nan if value is None else _number(value, self.decimal_comma) or 0.0 for value in self.values]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Columns of equal length by name; ``heading`` tells whether the first row named them."""

    columns: tuple[Column, ...]
    rows: int
    delimiter: str
    heading: bool

    def column(self, name: str) -> Column:
        """That column; KeyError for none of that name."""
        return next((column for column in self.columns if column.name == name), None) or self._unknown(name)

    def _unknown(self, name: str) -> Column:
        raise KeyError(name)


def parse(chunks: Iterable[bytes], limits: Limits | None = None) -> CsvTable:
    """The table in these bytes (UTF-8, or what Windows programs write where they are not), read no further than the
    limits. Raises CsvError, in words and with the place, for what is no table or too large a one.
    """
    limits = limits or Limits()
    text = _decoded(_bounded(chunks, limits.bytes))
    delimiter = _delimiter(text)
    rows = _Rows(limits)
    for cells, line in _read(text, delimiter, limits):
        rows.add(cells, line)
    return rows.table(delimiter)


def _bounded(chunks: Iterable[bytes], most: int) -> bytes:
    """The bytes together; stops taking them when there are too many, and at the first that no text has."""
    parts, total = [], 0
    for chunk in chunks:
        total += len(chunk)
        if total > most:
            raise CsvError(f"The file is larger than {most // (1024 * 1024)} MB: leave out rows or columns.")
        if b"\x00" in chunk and not chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise CsvError("This is no text but a binary file: save the table as CSV (UTF-8) first.")
        parts.append(chunk)
    return b"".join(parts)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CsvError("This text is stored as UTF-16: save the table as CSV (UTF-8).")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _of_one_byte_each(data)
    if _CONTROL.search(text):
        raise CsvError("This is no text but a binary file: save the table as CSV (UTF-8) first.")
    if not text.strip():
        raise CsvError("The file is empty: a table needs a heading and at least one row.")
    return text


def _of_one_byte_each(data: bytes) -> str:
    """Text of a Windows program, as far as it can be; Latin-1 takes every byte."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """The delimiter by which the first lines fall into the same number of cells, and the most of them."""
    head = text[:100_000].splitlines()[:_SNIFFED]
    best, score = ",", 0
    for delimiter in _DELIMITERS:
        try:
            counts = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        except csv.Error:
            continue
        usual = max(set(counts), key=counts.count)
        agreeing = counts.count(usual) * (usual - 1)
        if agreeing > score:
            best, score = delimiter, agreeing
    return best


def _read(text: str, delimiter: str, limits: Limits) -> Iterator[tuple[list[str], int]]:
    """(cells, line on which the row begins); blank lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CsvError(f"Row {line}: {_reason(str(error))}", row=line) from None
        if cells is None:
            return
        if any(len(cell) > limits.letters for cell in cells):
            raise CsvError(f"Row {line} has a cell of more than {limits.letters:,} letters.", row=line)
        announced = line == 1 and cells[:1] == ["sep="]  # a first line with which Excel names the delimiter
        if any(cell.strip() for cell in cells) and not announced:
            yield [cell.strip() for cell in cells], line
        line = reader.line_num + 1


def _reason(error: str) -> str:
    if "field larger" in error:
        return "one cell is far too long; perhaps a quotation mark is never closed."
    return "the quotation marks do not match: write a quotation mark inside a cell twice."


@dataclass(slots=True)
class _Rows:
    """Rows as they come, each as wide as the first."""

    limits: Limits
    first: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # equal short cells are kept once

    def add(self, cells: list[str], line: int) -> None:
        limits, width = self.limits, len(self.first)
        if not self.first:
            if len(cells) > limits.columns:
                raise CsvError(f"There are {len(cells):,} columns: at most {limits.columns} can be read.", row=line)
            self._check_names(cells, line)
            self.first, width = cells, len(cells)
        elif len(cells) != width:
            said = f"{len(cells)} cell{'s' if len(cells) != 1 else ''}"
            raise CsvError(f"Row {line} has {said} where the first row has {width}.", row=line)
        if len(self.lines) > limits.rows or (len(self.lines) + 1) * width > limits.cells:
            raise CsvError(f"There are more rows than can be read: the limit is at row {line:,}.", row=line)
        kept = self.known
        self.cells.append([kept.setdefault(cell, cell) if len(kept) < 100_000 else cell for cell in cells])
        self.lines.append(line)

    def _check_names(self, cells: list[str], line: int) -> None:
        for number, cell in enumerate(cells, 1):
            if len(cell) > self.limits.name:
                words = f"Row {line}: the name of column {number} has more than {self.limits.name} letters."
                raise CsvError(words, row=line, column=f"column {number}")

    def table(self, delimiter: str) -> CsvTable:
        heading = _is_heading(self.cells)
        names = _names(self.first if heading else [""] * len(self.first))
        body, lines = self.cells[heading:], self.lines[heading:]
        if not body:
            raise CsvError("The file has a heading but no rows.")
        comma = delimiter != ","
        columns = tuple(_column(name, [row[i] for row in body], lines, comma) for i, name in enumerate(names))
        return CsvTable(columns, len(body), delimiter, heading)


def _is_heading(rows: list[list[str]]) -> bool:
    """The first row names the columns where none of its cells is a number, or where it is all there is."""
    first = rows[0]
    if any(_number(cell, comma=True) is not None for cell in first):
        return False
    below = rows[1:200]
    numeric = any(_number(row[i], comma=True) is not None for row in below for i in range(len(first)))
    return numeric or len(set(first)) == len(first)


def _names(cells: list[str]) -> list[str]:
    """Names without gaps and doubles: ``column 3``, ``size (2)``."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = base = cell or f"column {number}"
        again = 2
        while name in names:
            name, again = f"{base} ({again})", again + 1
        names.append(name)
    return names


def _column(name: str, cells: list[str], lines: list[int], comma_allowed: bool) -> Column:
    values = tuple(None if cell.lower() in _MISSING else cell for cell in cells)
    missing = [line for value, line in zip(values, lines, strict=True) if value is None]
    present = [value for value in values if value is not None]
    holes = (tuple(missing[:_NAMED]), len(missing))
    for comma in (False, True) if comma_allowed else (False,):
        if present and all(_number(value, comma) is not None for value in present):
            return Column(name, "number", values, comma, (), *holes)
    classes = sorted(set(present))
    few = len(classes) <= min(MOST_CLASSES, max(2, len(present) // 2))
    if classes and few and all(len(name) <= LONGEST_CLASS for name in classes):
        return Column(name, "category", values, False, tuple(classes), *holes)
    return Column(name, "text", values, False, (), *holes)


def _number(text: str, comma: bool) -> float | None:
    """A decimal number within bounds, with a decimal comma where that is allowed; None for anything else."""
    if comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) <= _LARGEST else None


__all__ = ["LONGEST_CLASS", "MOST_CLASSES", "Column", "CsvError", "CsvTable", "Limits", "parse"]
