"""``torchglass tables``: a person's own CSV files on the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torchglass.cli import Failure, tables_folder
from torchglass.tables.drafting import draft
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY

_PIECE = 1024 * 1024


def tables(options: argparse.Namespace) -> None:
    """Do what the action says. Raises Failure with one line."""
    LIBRARY.use(tables_folder(options))
    actions = {"add": _add, "list": _list, "remove": _remove, "experiment": _experiment}
    try:
        actions[options.action](options)
    except TableError as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot use {error.filename} ({error.strerror})") from None


def _add(options: argparse.Namespace) -> None:
    facts = LIBRARY.add(_pieces(options.file), options.file.name)
    if options.json:
        print(json.dumps(facts))
        return
    print(facts["id"])
    for column in facts["columns"]:
        gaps = f", {column['missing']} missing" if column["missing"] else ""
        print(f"  {column['name']}: {column['kind']}{gaps}")


def _list(options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(LIBRARY.all()))
        return
    for table in LIBRARY.all():
        print(f"{table['id'][:12]}  {table['rows']:>7,} rows  {table['columns']:>3} columns  {table['name']}")


def _remove(options: argparse.Namespace) -> None:
    LIBRARY.remove(_named(options.table))


def _experiment(options: argparse.Namespace) -> None:
    drafted = draft(LIBRARY, _named(options.table), target=options.target, inputs=options.input)
    text = json.dumps(drafted, ensure_ascii=False, indent=1) + "\n"
    if options.output is None:
        print(text, end="")
    else:
        options.output.write_text(text, encoding="utf-8")


def _named(beginning: str) -> str:
    """The id that begins so. Raises TableError where there is not exactly one."""
    found: list[dict[str, Any]] = [table for table in LIBRARY.all() if table["id"].startswith(beginning)]
    if len(found) != 1:
        words = f"{len(found)} tables have an id that begins with {beginning!r}; see torchglass tables list."
        raise TableError("no-such-table", words)
    return str(found[0]["id"])


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


__all__ = ["tables"]
