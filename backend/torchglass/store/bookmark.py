"""What is remembered of an experiment that somebody keeps in the library, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Experiments that a library holds at most, and the bytes of all their documents together.
MOST_BOOKMARKS = 1000
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class BookmarkRecord:
    """One kept experiment without its document. ``revision`` counts its changes from 1; ``data`` is the kind of its
    data, ``layers`` how many its network has, ``bytes`` the size of the document."""

    id: str
    name: str
    data: str
    layers: int
    bytes: int
    revision: int
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One kept experiment."""

    record: BookmarkRecord
    experiment: dict[str, Any]


class LibraryFullError(RuntimeError):
    """No further experiment fits."""


class BookmarkChangedError(RuntimeError):
    """It is no longer what the caller had seen; ``now`` is what it is."""

    def __init__(self, now: BookmarkRecord) -> None:
        super().__init__(f"{now.id} is at revision {now.revision}")
        self.now = now
