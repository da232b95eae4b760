"""Every run of this server: creates, finds, parks and deletes them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from torchglass.catalog import require
from torchglass.engine.base import Engine
from torchglass.ids import RunId, new_run_id
from torchglass.protocol import events, trouble
from torchglass.protocol.run import Mark, RunInfo, RunProblem, RunState
from torchglass.sessions import removal
from torchglass.sessions.commands import go
from torchglass.sessions.document import forked
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.recalled import recalled_info, recalled_tails
from torchglass.sessions.removal import Kept, Removal
from torchglass.sessions.repository import Opening, Repository, open_repository
from torchglass.sessions.run import Run
from torchglass.sessions.slots import Slots
from torchglass.sessions.states import IDLE
from torchglass.sessions.supervisor import Limits
from torchglass.sessions.view import MAX_MARKS
from torchglass.spec.experiment import Experiment
from torchglass.store.errors import NotSavedError

#: Seconds after which a waiting run says so, and after which one that nobody looks at gives its place up.
_PATIENCE, _FORSAKEN = 3.0, 2.0
#: Seconds that a worker has for its last checkpoint when the server stops.
_DRAIN = 4.0
#: Pieces of each stored curve that a run begins with when it is opened again.
RECALLED_POINTS = 2000


@dataclass(frozen=True, slots=True)
class Policy:
    """``park_after``: seconds an idle run without clients keeps its worker; ``spare_after``: the same for one
    whose clients only look on, while other runs wait for a worker. ``max_workers``: the page compares up to six runs
    beside the one that is on it."""

    max_runs: int = 64
    max_workers: int = field(default_factory=lambda: max(8, os.cpu_count() or 1))
    park_after: float = 600.0
    spare_after: float = 30.0
    sweep_every: float = 1.0
    limits: Limits = field(default_factory=Limits)


class Runs:
    """The runs by id."""

    def __init__(
        self,
        engine: Engine,
        data_dir: Path,
        *,
        device: str | None = None,
        policy: Policy | None = None,
        opening: Opening = open_repository,
    ) -> None:
        self.policy = policy or Policy()
        self.engine = engine
        self.slots = Slots(self.policy.max_workers)
        self._opening = opening
        self._repository: Repository | None = None
        self._recalling = asyncio.Lock()
        #: Runs that are being deleted: nobody opens them again meanwhile.
        self._leaving: set[str] = set()
        self._trouble: str | None = None
        self._data_dir = data_dir
        self._device = device
        self._runs: dict[RunId, Run] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Open the store, warm the engine up in the background and begin to look after idle runs."""
        self._repository = await self._opening(self._data_dir, self._tell_trouble)
        self._tasks = [asyncio.create_task(self._warm_up()), asyncio.create_task(self._sweep())]

    async def close(self, code: int = 1012, reason: str = "the server is stopping") -> None:
        """Send everybody away, let every worker write a last checkpoint, and end it."""
        for task in self._tasks:
            task.cancel()
        for run in self._runs.values():
            run.room.close(code, reason)
        training = [run for run in self._runs.values() if run.state is RunState.RUNNING]
        await asyncio.gather(*(run.supervisor.drain(_DRAIN) for run in self._runs.values()))
        for run in training:
            self.repository.save(replace(run.record(), state=RunState.INTERRUPTED))
        await self.repository.close()
        await self.engine.close()

    @property
    def repository(self) -> Repository:
        assert self._repository is not None, "open() comes first"
        return self._repository

    def all(self) -> list[Run]:
        """Newest first."""
        return list(reversed(self._runs.values()))

    def get(self, run_id: str) -> Run | None:
        """A run that is open."""
        return self._runs.get(RunId(run_id))

    async def recall(self, run_id: str) -> Run | None:
        """A run, opened from the store if need be; None where there is none of that name."""
        run = self.get(run_id)
        if run is not None:
            return run
        async with self._recalling:
            if (run := self.get(run_id)) is not None:
                return run
            if run_id in self._leaving:
                return None
            record = await self.repository.get(run_id)
            if record is None:
                return None
            curves = await self.repository.curves(run_id, RECALLED_POINTS)
            marks = await self.repository.marks(run_id, MAX_MARKS)
            await self._make_place()
            run = self._made(Experiment.model_validate(record.experiment), record.id)
            run.recall(record, curves, marks)
            run.travel.tails = await recalled_tails(self.repository, record, RECALLED_POINTS, MAX_MARKS)
            self._runs[run.id] = run
            return run

    async def find(self, query: str, limit: int, offset: int, *, junk: bool = False) -> tuple[list[RunInfo], int]:
        """Stored runs by name, newest first, and how many there are; ``junk``: only those that nobody will miss."""
        only = removal.junk(self.all()) if junk else None
        records, total = await self.repository.find(query, limit, offset, only)
        found = []
        for record in records:
            run = self._runs.get(record.id)
            found.append(run.info() if run is not None else recalled_info(record))
        return found, total

    async def create(self, experiment: Experiment, *, start: bool = False) -> Run:
        """A new run, its worker on the way; ``start`` lets it train at once.

        Raises ExperimentError for one that cannot run, RefusedError when the server is full.
        """
        await asyncio.to_thread(require, experiment)  # a large network takes a second
        await self._make_place()
        run = self._made(experiment, new_run_id())
        await self._begin(run)
        if start:
            go(run)
        else:
            run.supervisor.wake()
        self._make_room()
        return run

    async def _begin(self, run: Run) -> None:
        """On the disk, then among the open ones. Raises RefusedError where the disk does not take it."""
        try:
            await asyncio.to_thread(run.directory.mkdir, parents=True, exist_ok=True)
            run.changed()
            if run.parent is not None:
                self.repository.copy(RunId(run.parent.run), run.id, run.parent.step)
            await run.committed()
        except (NotSavedError, OSError) as error:
            run.deleted = True
            self.repository.forget([run.id])
            reason = trouble.why(error) if isinstance(error, OSError) else str(error)
            first = f"{mend}, or " if (mend := trouble.mend(reason)) else ""
            raise RefusedError(
                "disk",
                f"A new run cannot be saved in {self._data_dir} ({reason}): {first}start the server with another "
                "--data-dir.",
            ) from None
        self._runs[run.id] = run

    async def fork(self, parent: Run, step: int) -> Run:
        """A new run that begins at a kept step of another one, with its document, curves and marks up to there.

        Raises RefusedError for a step that is not kept, or while the other run's worker is not at work.
        """
        await self._make_place()
        run_id = new_run_id()
        directory = self._directory(run_id)
        try:
            experiment = await parent.travel.fork(step, directory)
            run = self._made(forked(experiment, parent.document.experiment, step), run_id)
            run.branch_off(parent, step)
            await self._begin(run)
        except RefusedError:
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
            raise
        run.mark(Mark(step=step, kind="fork", label=f"forked from step {step:,}", before=parent.id))
        parent.note("fork", step=step, run=run.id)
        run.supervisor.wake()
        self._make_room()
        return run

    async def delete(self, run: Run, *, even_open: bool = False) -> None:
        """End a run and remove all that belongs to it. Raises RefusedError where the disk does not take that, and where
        somebody looks at it, unless ``even_open``."""
        done = await self.delete_all([run.id], even_open=even_open)
        for kept in done.kept:
            if kept.code == "open":
                raise RefusedError("run-open", f"{kept.reason} With ?force=true it is deleted all the same.")

    async def delete_all(self, ids: Sequence[str], *, even_open: bool = False) -> Removal:
        """Several at once, each wholly or not at all: what somebody looks at stays, unless ``even_open``."""
        found = Removal()
        async with self._recalling:  # whoever opens one of them is in its room now, or comes too late
            runs = [self._runs.get(RunId(run_id)) for run_id in ids]
            watched = {run.id for run in runs if run is not None and run.room.clients and not even_open}
            leaving = {run_id for run_id in ids if run_id not in watched} - self._leaving
            ended = [run for run_id in leaving if (run := self._runs.pop(RunId(run_id), None))]
            self._leaving |= leaving
        try:
            for run in ended:
                run.deleted = True
            await asyncio.gather(*(run.close("the run was deleted", 1000) for run in ended))
            for run_id in dict.fromkeys(ids):
                if run_id in watched:
                    found.kept.append(Kept(run_id, *removal.OPEN))
                elif run_id in leaving and (record := await self.repository.get(run_id)):
                    found.gone.append(record.id)
                else:
                    found.kept.append(Kept(run_id, *removal.UNKNOWN))
            await self._forget(found)
        finally:
            self._leaving -= leaving
        return found

    async def _forget(self, found: Removal) -> None:
        """Rows, then folders. A disk that is full cannot take the removal before the folders have made room."""
        if not found.gone:
            return
        self.repository.forget(found.gone)
        with contextlib.suppress(NotSavedError):
            await self.repository.committed()
        for run_id in found.gone:
            folder = self._directory(run_id)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            if await asyncio.to_thread(folder.exists):
                code, reason = removal.FILES
                found.kept.append(Kept(run_id, code, reason.format(folder=folder)))
        await self._committed("The removal is not saved yet")

    async def rename(self, run: Run, name: str) -> None:
        """Raises RefusedError for a name that cannot be, or that the disk does not take."""
        document = run.document
        if document.set("name", name, document.revision) is not None:
            run.changed()
            run.room.emit(events.ExperimentEvent, revision=document.revision, experiment=document.experiment)
            await self._committed("The new name is not saved yet")

    async def _committed(self, otherwise: str) -> None:
        try:
            await self.repository.committed()
        except NotSavedError as error:
            raise RefusedError("disk", f"{otherwise}: {error}. It is done as soon as that is over.") from None

    def _directory(self, run_id: RunId) -> Path:
        return self._data_dir / "runs" / run_id

    def _made(self, experiment: Experiment, run_id: RunId) -> Run:
        run = Run(
            experiment,
            run_id=run_id,
            engine=self.engine,
            slots=self.slots,
            directory=self._directory(run_id),
            device=self._device,
            limits=self.policy.limits,
            repository=self.repository,
        )
        run.unsaved(self._trouble)
        return run

    def _tell_trouble(self, reason: str | None) -> None:
        """The store cannot write (why), or can again (None)."""
        self._trouble = reason
        for run in self._runs.values():
            run.unsaved(reason)

    async def _make_place(self) -> None:
        """Close the run that is missed least, if there are too many open: nobody looks at it and it does not train;
        those that never trained go first, then those unused for longest. It stays in the store. Raises RefusedError
        where every run is looked at or trains."""
        if len(self._runs) < self.policy.max_runs:
            return
        unseen = [run for run in self._runs.values() if not run.room.clients and run.state is not RunState.RUNNING]
        if not unseen:
            raise RefusedError(
                "too-many-runs",
                f"All {self.policy.max_runs} runs that this server holds are training or open in a page: close one of "
                "those pages, or delete a run.",
            )
        run = min(unseen, key=lambda run: (run.wish.going, run.step > 0, run.last_active))
        del self._runs[run.id]
        await run.supervisor.drain(_DRAIN)
        run.changed()

    async def _warm_up(self) -> None:
        with contextlib.suppress(OSError):
            await self.engine.warm_up()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.policy.sweep_every)
            for run in self._runs.values():
                if not run.room.clients and run.idle_for > self.policy.park_after:
                    run.supervisor.park()
            self._make_room()

    def _make_room(self) -> None:
        """While runs wait for a worker, park as many that wait for a command: those that nobody looks at first."""
        waiting = self.slots.waiting
        idle = [run for run in self._runs.values() if run.state in IDLE and run.supervisor.worker is not None]
        spare = [run for run in idle if not run.room.clients or run.idle_for > self.policy.spare_after]
        for run in sorted(spare, key=lambda run: (len(run.room.clients) > 0, -run.idle_for))[:waiting]:
            run.supervisor.park()
        if waiting > len(spare):
            self._tell_waiting()

    def _tell_waiting(self) -> None:
        """A run that nobody looks at and that nobody started leaves the queue; the others are told why they wait."""
        for run in self._runs.values():
            if run.state is not RunState.QUEUED:
                continue
            if not run.room.clients and not run.wish.going and run.unused_for > _FORSAKEN:
                run.supervisor.leave_queue()
            elif run.problem is None and run.unused_for > _PATIENCE:
                run.enter(RunState.QUEUED, _waits(self.slots.limit))


def _waits(limit: int) -> RunProblem:
    return RunProblem(
        code="waiting",
        message=f"This run waits: {limit} others are at work, as many as this computer takes on at once.",
        way_out="Pause or delete one of them; this one then goes on by itself.",
    )
