"""Why a table, or a set of pictures, is not taken, in words."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "table",
    "too-large",
    "disk",
    "tables-full",
    "no-such-table",
    "table-in-use",
    "tables-busy",
    "pictures",
    "no-such-pictures",
    "pictures-in-use",
]


class TableError(ValueError):
    """``code`` is stable, the message is for people; ``row`` and ``column`` where there is such a place."""

    def __init__(self, code: Code, message: str, *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.row, self.column = code, message, row, column


__all__ = ["Code", "TableError"]
