"""What sessions ask of the store. The database is opened with ``open_repository``; its libraries load only then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from torchglass.ids import RunId
from torchglass.store.records import Junk, RunRecord, Stretch

if TYPE_CHECKING:
    from torchglass.store.bookmarks import Bookmarks


class Repository(Protocol):
    """Keeps runs. Calls without ``async`` queue a change; ``committed`` returns when all of them are on disk."""

    @property
    def bookmarks(self) -> Bookmarks:
        """The library of people's own experiments."""

    def save(self, record: RunRecord) -> None:
        """Insert or replace."""

    def add_points(self, run: RunId, series: dict[str, tuple[list[int], list[float]]]) -> None:
        """New points of the curves, (steps, values) by series."""

    def cut(self, run: RunId, step: int) -> None:
        """Points and marks beyond ``step`` are void (0: all of them)."""

    def set_aside(self, run: RunId, step: int, branch: int) -> None:
        """Points and marks beyond ``step`` (0: all of them) become another branch."""

    def bring_back(self, run: RunId, branch: int) -> None:
        """A branch goes on the curves of now."""

    def drop_branch(self, run: RunId, branch: int) -> None:
        """A branch is void."""

    def copy(self, source: RunId, run: RunId, step: int) -> None:
        """Points and marks up to ``step`` also belong to another run, which was saved before."""

    def add_mark(self, run: RunId, step: int, mark: dict[str, Any]) -> None:
        """One mark on the curve."""

    def note(self, run: RunId, step: int, kind: str, data: dict[str, Any]) -> None:
        """One line of the run's history."""

    def forget(self, runs: list[RunId]) -> None:
        """Remove runs with all that belongs to them; no error where there are none."""

    async def committed(self) -> None:
        """Raises NotSavedError when the disk does not take it for now."""

    async def find(
        self, query: str = "", limit: int = 200, offset: int = 0, junk: Junk | None = None
    ) -> tuple[list[RunRecord], int]:
        """Runs by name (``junk``: only those that nobody will miss), newest first, and how many there are."""

    async def mentioning(self, text: str) -> list[str]:
        """Names of the runs whose experiment holds that text, newest first."""

    async def get(self, run: str) -> RunRecord | None:
        """One run."""

    async def marks(self, run: str, most: int, branch: int = 0) -> list[dict[str, Any]]:
        """The newest marks, oldest first."""

    async def curves(
        self, run: str, points: int, start: int = 0, end: int = 2**53, branch: int = 0
    ) -> dict[str, Stretch]:
        """Every curve between two steps, in at most ``points`` pieces each."""

    async def close(self) -> None:
        """Write what is left."""


#: (folder, what to call when writing fails and with None when it works again) -> the open repository.
Opening = Callable[[Path, Callable[[str | None], None]], Awaitable[Repository]]


async def open_repository(data_dir: Path, on_trouble: Callable[[str | None], None]) -> Repository:
    """The database in the data folder. Raises StoreError in words."""
    from torchglass.store.repository import DatabaseRepository

    return await DatabaseRepository.open(data_dir, on_trouble)
