"""People's own tables: add a file, look at it, draft an experiment from it, remove it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, StringConstraints

from torchglass.api.context import Shared
from torchglass.api.receiving import receive, refuse_in_use
from torchglass.api.strict import StrictRoute
from torchglass.protocol.base import Message
from torchglass.tables.choice import Missing, Use
from torchglass.tables.drafting import draft
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY, LIMITS, MOST_BYTES, MOST_TABLES

router = APIRouter(route_class=StrictRoute)
ColumnName = Annotated[str, StringConstraints(max_length=210)]
_CSV_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class TableSummary(Message):
    """One table in the list."""

    id: str
    name: str
    bytes: int
    rows: int
    columns: int
    created_at: str


class TableLimits(Message):
    """What a file may have at most, and all files together."""

    bytes: int = LIMITS.bytes
    columns: int = LIMITS.columns
    rows: int = LIMITS.rows
    tables: int = MOST_TABLES
    all_bytes: int = MOST_BYTES


class TableList(Message):
    """Newest first."""

    tables: list[TableSummary]
    limits: TableLimits = TableLimits()


class ClassFacts(Message):
    """One of the different values of a column and how many rows have it."""

    name: str
    rows: int


class ColumnFacts(Message):
    """``kind``: what it is taken for, ``number``, ``category``, ``text``, ``constant`` or ``empty``; ``possible``:
    as what it may be used; ``few``: so few whole numbers that they may be classes; ``counter``: it only counts the
    rows."""

    name: str
    kind: str
    possible: list[str]
    missing: int
    missing_rows: list[int]
    distinct: int
    classes: list[ClassFacts]
    counter: bool
    few: bool
    lowest: float | None = None
    highest: float | None = None
    mean: float | None = None


class TableFacts(Message):
    """A table with its columns and its first rows, cells as text."""

    id: str
    name: str
    bytes: int
    rows: int
    created_at: str
    delimiter: str
    heading: bool
    columns: list[ColumnFacts]
    sample: list[list[str | None]]


class Draft(Message):
    """Which columns to learn from and what to predict; what is left out is guessed."""

    target: ColumnName | None = None
    inputs: Annotated[list[ColumnName], Field(max_length=LIMITS.columns)] | None = None
    types: Annotated[dict[ColumnName, Use], Field(max_length=LIMITS.columns)] = {}
    missing: Missing | None = None


class Drafted(Message):
    """An experiment that may be started."""

    experiment: dict[str, Any]


@router.get("/api/tables")
def list_tables() -> TableList:
    """Every table of this server."""
    return TableList(tables=[TableSummary.model_validate(table) for table in LIBRARY.all()])


@router.post("/api/tables", status_code=201, openapi_extra=_CSV_BODY)
async def add(
    request: Request, shared: Shared, name: Annotated[str, Query(max_length=300)] = "table.csv"
) -> TableFacts:
    """Keep a table. The body is the file itself, as ``text/csv``; ``name`` is only shown."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise TableError("table", "Send the file itself, with the content type text/csv.")
    return TableFacts.model_validate(await receive(request, shared, LIBRARY, name))


@router.get("/api/tables/{table}")
def one_table(table: str) -> TableFacts:
    """Its columns with guessed types, what is missing, and its first rows."""
    return TableFacts.model_validate(LIBRARY.facts(table))


@router.post("/api/tables/{table}/experiment")
async def draft_experiment(table: str, wanted: Draft, shared: Shared) -> Drafted:
    """A small network that learns from the table. Every fault names its column."""
    async with shared.reading:
        drafted = await asyncio.to_thread(
            lambda: draft(
                LIBRARY,
                table,
                target=wanted.target,
                inputs=wanted.inputs,
                types=wanted.types,
                missing=wanted.missing,
            )
        )
    return Drafted(experiment=drafted)


@router.delete("/api/tables/{table}", status_code=204)
async def remove(table: str, shared: Shared) -> Response:
    """Forget a table that no run learns from."""
    file = await asyncio.to_thread(LIBRARY.file, table)
    await refuse_in_use(shared, file.stem, "this table", "table-in-use")
    await asyncio.to_thread(LIBRARY.remove, table)
    return Response(status_code=204)
