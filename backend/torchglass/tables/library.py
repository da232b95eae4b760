"""The tables that are kept: one file each, named by the hash of its content, in the data folder.

``<hash>.csv`` holds the bytes as they came, ``<hash>.json`` what is known of them. Both are written beside and renamed,
the description last, so that a table is there whole or not at all. No path that somebody gave is ever opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torchglass.protocol.trouble import mend, why
from torchglass.tables import reading
from torchglass.tables.errors import Code, TableError
from torchglass.tables.parsing import Limits

_ID = re.compile(r"[0-9a-f]{64}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: Seconds after which what a crash left half written is removed.
_FORGOTTEN = 3600.0
#: So many descriptions are kept at hand; each may be some megabytes.
_REMEMBERED = 4
LIMITS = Limits()
MOST_TABLES, MOST_BYTES = 200, 1024**3


class Library:
    """The tables of one data folder. Safe to use from several threads. Whoever keeps files of another sort says in a
    class of its own what is different there."""

    noun, suffix = "table", ".csv"
    #: What to do about a file that is too large.
    smaller = "leave out rows or columns"
    no_such: Code = "no-such-table"

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._known: OrderedDict[tuple[Path, int], dict[str, Any]] = OrderedDict()
        self._listed: dict[tuple[Path, int], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def use(self, folder: Path) -> None:
        """Where the tables lie; the folder is made with the first one."""
        self.folder = folder

    def place(self) -> Path | None:
        """The folder in use."""
        return self.folder

    def bounds(self) -> tuple[int, int, int]:
        """Bytes of one file, number of files, bytes of all of them."""
        return LIMITS.bytes, MOST_TABLES, MOST_BYTES

    def describe(self, part: Path) -> dict[str, Any]:
        """What the file holds, for its description. Raises TableError where it is none of this sort."""
        return reading.ask(part, {})

    def too_large(self) -> TableError:
        """Raised for a file beyond the limit."""
        return TableError("too-large", f"The file is larger than {self.bounds()[0] // 1024**2} MB: {self.smaller}.")

    def file(self, table: str) -> Path:
        """Where the bytes of a table lie. Raises TableError for what is no id, or where there is no such table."""
        folder = self.place()
        if folder is None or not _ID.fullmatch(table) or not (folder / f"{table}.json").is_file():
            raise TableError(self.no_such, f"There is no {self.noun} of that name here (it may have been removed).")
        return folder / f"{table}{self.suffix}"

    def bytes_of(self, table: str) -> bytes:
        """Its content, compared with its hash. Raises TableError."""
        try:
            data = self.file(table).read_bytes()
        except OSError as error:
            raise TableError("disk", f"The stored {self.noun} cannot be read ({error.strerror}).") from None
        if hashlib.sha256(data).hexdigest() != table:
            raise TableError("disk", f"The stored {self.noun} is damaged: remove it and add its file again.")
        return data

    def facts(self, table: str) -> dict[str, Any]:
        """What is known of a table. Raises TableError where there is none."""
        place = self.file(table).with_suffix(".json")
        try:
            key = (place, place.stat().st_mtime_ns)
            with self._lock:
                if key in self._known:
                    return self._known[key]
            found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            words = f"What is known of this {self.noun} cannot be read: add its file again."
            raise TableError(self.no_such, words) from None
        with self._lock:
            self._known[key] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def all(self) -> list[dict[str, Any]]:
        """Every table without its columns, newest first."""
        found = {}
        folder = self.place()
        for place in folder.glob("*.json") if folder is not None else ():
            with contextlib.suppress(TableError, OSError, KeyError):
                key = (place, place.stat().st_mtime_ns)
                found[key] = self._listed.get(key) or self.summary(self.facts(place.stem))
        self._listed = found
        return sorted(found.values(), key=lambda summary: str(summary["created_at"]), reverse=True)

    def add(self, chunks: Iterable[bytes], name: str) -> dict[str, Any]:
        """Keep a table whose bytes are at hand. Raises TableError."""
        arriving = self.arriving(name)
        try:
            for chunk in chunks:
                arriving.write(chunk)
            return arriving.finish()
        finally:
            arriving.close()

    def arriving(self, name: str) -> Arriving:
        """A table whose bytes come one by one. Raises TableError where there is no room for it."""
        folder = self.place()
        assert folder is not None, "use() comes first"
        one, most, together = self.bounds()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._sweep(folder)
            tables = self.all()
            if len(tables) >= most or sum(table["bytes"] for table in tables) + one > together:
                words = f"This server keeps at most {most} {self.noun}s and {together // 1024**2} MB: remove some."
                raise TableError("tables-full", words)
            return Arriving(self, folder, name)
        except OSError as error:
            raise not_saved(folder, error, self.noun) from None

    def remove(self, table: str) -> None:
        """Forget a table. Raises TableError where there is none, or where the disk does not take that."""
        place = self.file(table)
        try:
            place.with_suffix(".json").unlink()
            place.unlink(missing_ok=True)
        except OSError as error:
            raise TableError("disk", f"The {self.noun} cannot be removed ({error.strerror}).") from None

    def settings(self, table: str, question: dict[str, Any]) -> dict[str, Any]:
        """What follows from a choice of columns; see ``reading``. Raises TableError naming the column."""
        return reading.ask(self.file(table), question)

    @staticmethod
    def summary(facts: dict[str, Any]) -> dict[str, Any]:
        """What a list says of it."""
        kept = {key: facts[key] for key in ("id", "name", "bytes", "rows", "created_at")}
        return kept | {"columns": len(facts["columns"])}

    def _sweep(self, folder: Path) -> None:
        """Remove what a crash left half written."""
        for place in folder.iterdir():
            lone = place.suffix == self.suffix and not place.with_suffix(".json").exists()
            if (place.suffix == ".part" or lone) and time.time() - place.stat().st_mtime > _FORGOTTEN:
                place.unlink(missing_ok=True)


class Arriving:
    """A table on its way to the disk: ``write`` what comes, then ``finish``; ``close`` in any case."""

    def __init__(self, library: Library, folder: Path, name: str) -> None:
        self._library = library
        self._folder = folder
        self._name = displayed(name, f"{library.noun}{library.suffix}")
        self._part = folder / f"{secrets.token_hex(8)}.part"
        self._hash = hashlib.sha256()
        self._bytes = 0
        self._stream = self._part.open("xb")

    def write(self, chunk: bytes) -> None:
        """Raises TableError beyond the limit, and where the disk takes no more."""
        self._bytes += len(chunk)
        if self._bytes > self._library.bounds()[0]:
            raise self._library.too_large()
        self._hash.update(chunk)
        try:
            self._stream.write(chunk)
        except OSError as error:
            raise not_saved(self._folder, error, self._library.noun) from None

    def finish(self) -> dict[str, Any]:
        """Read the table; where it is one, keep it. What is known of it. Raises TableError."""
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            table = self._hash.hexdigest()
            facts = {
                "id": table,
                "name": self._name,
                "bytes": self._bytes,
                "created_at": datetime.now(UTC).isoformat(),
                **self._library.describe(self._part),
            }
            self._part.replace(self._folder / f"{table}{self._library.suffix}")
            _write(self._folder / f"{table}.json", json.dumps(facts).encode())
        except OSError as error:
            raise not_saved(self._folder, error, self._library.noun) from None
        return facts

    def close(self) -> None:
        """Leave nothing half written behind."""
        with contextlib.suppress(OSError):
            self._stream.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)


def displayed(name: str, otherwise: str = "table.csv") -> str:
    """The name of a file as it is shown: without folders and without letters that nobody sees."""
    last = _UNSEEN.sub("", re.split(r"[\\/]", name)[-1]).strip()
    return last.encode("utf-8", "replace").decode()[:120] or otherwise


def _write(place: Path, data: bytes) -> None:
    part = place.with_name(f"{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    if os.name == "posix":
        descriptor = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def not_saved(folder: Path, error: OSError, noun: str) -> TableError:
    """What is said of a disk that takes no more."""
    reason = why(error)
    first = f"{mend(reason)}, or " if mend(reason) else ""
    way_out = f"{first}start with another --data-dir"
    return TableError("disk", f"The {noun} cannot be saved in {folder} ({reason}): {way_out}. Nothing was changed.")


#: The tables of this process: a server, a worker or a command looks after one data folder.
LIBRARY = Library()

__all__ = ["LIBRARY", "LIMITS", "MOST_BYTES", "MOST_TABLES", "Arriving", "Library", "displayed", "not_saved"]
