"""The one task that writes: gathers changes, commits them together, tries again until they are on disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from torchglass.store.changes import RESTRUCTURING, Applier, Change, Forget, Points
from torchglass.store.errors import NotSavedError, passing, words

_LOG = logging.getLogger("torchglass")
#: Seconds that metrics wait for company, and between two tries of a write that failed.
GATHER = 0.5
RETRY = 0.25
#: Points of one series that may wait; beyond, every second one is let go (the disk has been full for long).
_MOST_WAITING = 100_000


class Failure(NamedTuple):
    """Why a try failed; ``passing``: waiting a little is likely to help."""

    reason: str
    passing: bool


class Writer:
    """``put`` never waits; ``committed`` returns when everything put before it is on disk."""

    def __init__(self, engine: AsyncEngine, on_trouble: Callable[[str | None], None], patience: float = 15.0) -> None:
        self._engine = engine
        database = engine.url.database
        self._folder = Path(database).parent if database else None
        self._on_trouble = on_trouble
        self._patience = patience
        self._changes: list[Change] = []
        self._under_way: list[Change] = []
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._urgent = asyncio.Event()
        self._trouble: str | None = None
        self._applier = Applier()
        self._busy = asyncio.Lock()
        self._task = asyncio.create_task(self._serve(), name="store-writer")

    def put(self, change: Change) -> None:
        """Queue one change."""
        last = self._changes[-1] if self._changes else None
        if isinstance(change, Points) and isinstance(last, Points) and last.run == change.run:
            _join(last, change)
        else:
            self._changes.append(change)

    def unsaved(self, run: str) -> dict[str, tuple[list[int], list[float]]] | None:
        """The points of a run that may not be on disk yet; None where something else must reach it before the
        stored curves can be read."""
        found: dict[str, tuple[list[int], list[float]]] = {}
        for change in (*self._under_way, *self._changes):
            if (isinstance(change, RESTRUCTURING) and change.run == run) or (
                isinstance(change, Forget) and run in change.runs
            ):
                return None
            if isinstance(change, Points) and change.run == run:
                for name, points in change.series.items():
                    _append(found.setdefault(name, ([], [])), points)
        return found

    async def committed(self) -> None:
        """Wait until what was put so far is on disk. Raises NotSavedError when it cannot be for now."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((time.monotonic() + self._patience, future))
        self._urgent.set()
        await future

    async def close(self) -> None:
        """Write what is left, as far as the disk lets it."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        error = await self._flush()
        self._answer(error)
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(NotSavedError(error.reason if error else "the server is stopping"))

    async def _serve(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._urgent.wait(), GATHER)
            self._urgent.clear()
            if not self._changes and not self._waiting:
                continue
            error = await asyncio.shield(self._flush())
            self._answer(error)
            if error is not None:
                await asyncio.sleep(RETRY)
                self._urgent.set()

    async def _flush(self) -> Failure | None:
        """Commit everything that is queued; why it failed, or None. Changes of a failed try stay queued."""
        async with self._busy:
            changes, self._changes = self._changes, []
            self._under_way = changes
            waiting, self._waiting = self._waiting, []
            error = await self._commit(changes)
            self._under_way = []
            if error is None:
                self._say(None)
                for _, future in waiting:
                    if not future.done():
                        future.set_result(None)
            else:
                self._changes = changes + self._changes
                self._waiting = waiting + self._waiting
            return error

    async def _commit(self, changes: list[Change]) -> Failure | None:
        if not changes:
            return None
        try:
            async with self._engine.begin() as connection:
                await self._applier.apply(connection, changes)
        except IntegrityError:
            self._applier.start_over()
            return await self._one_by_one(changes)
        except (SQLAlchemyError, OSError) as error:
            self._applier.start_over()
            return Failure(words(error, self._folder), passing(error))
        return None

    async def _one_by_one(self, changes: list[Change]) -> Failure | None:
        """One of them is impossible (its run is gone): leave that one out."""
        while changes:
            try:
                async with self._engine.begin() as connection:
                    await self._applier.apply(connection, changes[:1])
            except IntegrityError as error:
                self._applier.start_over()
                _LOG.warning("a change could not be stored and was left out: %s", error.orig)
            except (SQLAlchemyError, OSError) as error:
                self._applier.start_over()
                return Failure(words(error, self._folder), passing(error))
            del changes[0]
        return None

    def _answer(self, error: Failure | None) -> None:
        """After a failed try: tell those who waited long enough, and everybody that there is trouble."""
        if error is None:
            return
        now, still = time.monotonic(), []
        for until, future in self._waiting:
            if error.passing and now < until:
                still.append((until, future))
            elif not future.done():
                future.set_exception(NotSavedError(error.reason))
        self._waiting = still
        self._say(error.reason)

    def _say(self, reason: str | None) -> None:
        if reason != self._trouble:
            self._trouble = reason
            self._on_trouble(reason)


def _join(last: Points, new: Points) -> None:
    """Append to a queued change of the same run; far too many points are thinned."""
    for name, points in new.series.items():
        known_steps, known_values = known = last.series.setdefault(name, ([], []))
        _append(known, points)
        if len(known_steps) > _MOST_WAITING:
            del known_steps[-2::-2], known_values[-2::-2]


def _append(known: tuple[list[int], list[float]], more: tuple[list[int], list[float]]) -> None:
    """A point that was measured again is replaced."""
    while known[0] and more[0] and known[0][-1] >= more[0][0]:
        known[0].pop()
        known[1].pop()
    known[0].extend(more[0])
    known[1].extend(more[1])
