"""The sets of pictures that are kept: one zip each, named by the hash of its content, in the data folder.

Beside ``<hash>.zip`` and ``<hash>.json`` stand arrays made of it, ``<hash>-<side>x<channels>.npy``: made when a run
asks for them, mapped by every later one.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

from torchglass.pictures import reading
from torchglass.pictures.archive import no_archive
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY, Library
from torchglass.tables.reading import ask

MOST_SETS, MOST_BYTES, ONE_SET = 50, 4 * 1024**3, 256 * 1024**2


class Pictures(Library):
    """Beside the tables, in a folder of their own."""

    noun, suffix = "set of pictures", ".zip"
    smaller = "scale the pictures down, or take fewer"
    no_such = "no-such-pictures"

    def place(self) -> Path | None:
        return None if LIBRARY.folder is None else LIBRARY.folder.with_name("pictures")

    def bounds(self) -> tuple[int, int, int]:
        return ONE_SET, MOST_SETS, MOST_BYTES

    def describe(self, part: Path) -> dict[str, Any]:
        with part.open("rb") as stream:  # what is no archive at all needs no process of its own
            if stream.read(2) != b"PK":
                raise TableError("pictures", str(no_archive()))
        return ask(part, {}, reading.PATIENCE, module=reading.__name__, noun="pictures")

    @staticmethod
    def summary(facts: dict[str, Any]) -> dict[str, Any]:
        kept = {key: facts[key] for key in ("id", "name", "bytes", "images", "created_at")}
        return kept | {"classes": len(facts["classes"])}

    def remove(self, table: str) -> None:
        file = self.file(table)
        super().remove(table)
        for array in file.parent.glob(f"{table}-*.npy"):
            with contextlib.suppress(OSError):
                array.unlink()

    def array(self, pictures: str, side: int, channels: int) -> Path:
        """The file with all pictures (N, C, S, S) uint8, class by class; made where it is missing. Raises TableError
        and OSError."""
        file = self.file(pictures)
        made = file.with_name(f"{pictures}-{side}x{channels}.npy")
        if not made.is_file():
            part = made.with_name(f"{secrets.token_hex(8)}.part")
            try:
                question = {"side": side, "channels": channels, "to": str(part)}
                ask(file, question, reading.PATIENCE, module=reading.__name__, noun="pictures")
                part.replace(made)
            finally:
                part.unlink(missing_ok=True)
        return made


PICTURES = Pictures()

__all__ = ["ONE_SET", "PICTURES", "Pictures"]
