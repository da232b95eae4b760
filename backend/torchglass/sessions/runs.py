"""Every run of this server: creates, finds, parks and deletes them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from torchglass.catalog import require
from torchglass.engine.base import Engine
from torchglass.ids import RunId, new_run_id
from torchglass.protocol.run import RunProblem, RunState
from torchglass.sessions.commands import go
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.repository import MemoryRepository, Repository, RunRecord
from torchglass.sessions.run import Run
from torchglass.sessions.slots import Slots
from torchglass.sessions.states import IDLE
from torchglass.sessions.supervisor import Limits
from torchglass.spec.experiment import Experiment

#: Seconds after which a waiting run says so, and after which one that nobody looks at gives its place up.
_PATIENCE, _FORSAKEN = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Policy:
    """``park_after``: seconds an idle run without clients keeps its worker; ``spare_after``: the same for one
    whose clients only look on, while other runs wait for a worker."""

    max_runs: int = 64
    max_workers: int = field(default_factory=lambda: max(4, os.cpu_count() or 1))
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
        repository: Repository | None = None,
    ) -> None:
        self.policy = policy or Policy()
        self.engine = engine
        self.slots = Slots(self.policy.max_workers)
        self.repository = repository or MemoryRepository()
        self._data_dir = data_dir
        self._device = device
        self._runs: dict[RunId, Run] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Warm the engine up in the background and begin to look after idle runs."""
        self._tasks = [asyncio.create_task(self._warm_up()), asyncio.create_task(self._sweep())]

    async def close(self, code: int = 1012, reason: str = "the server is stopping") -> None:
        """Send everybody away and end every worker."""
        for task in self._tasks:
            task.cancel()
        for run in self._runs.values():
            run.room.close(code, reason)
        await asyncio.gather(*(run.supervisor.close() for run in self._runs.values()))
        await self.engine.close()

    def all(self) -> list[Run]:
        """Newest first."""
        return list(reversed(self._runs.values()))

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(RunId(run_id))

    async def create(self, experiment: Experiment, *, start: bool = False) -> Run:
        """A new run, its worker on the way; ``start`` lets it train at once.

        Raises ExperimentError for one that cannot run, RefusedError when the server is full.
        """
        require(experiment)
        if len(self._runs) >= self.policy.max_runs:
            await self._evict()
        run_id = new_run_id()
        directory = self._data_dir / "runs" / run_id
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise RefusedError(
                "disk",
                f"No folder for the run could be made in {self._data_dir} ({reason}): free some space on the disk, "
                "or start the server with another --data-dir.",
            ) from None
        run = Run(
            experiment,
            run_id=run_id,
            engine=self.engine,
            slots=self.slots,
            directory=directory,
            device=self._device,
            limits=self.policy.limits,
            on_change=self._remember,
        )
        self._runs[run.id] = run
        if start:
            go(run)
        else:
            run.supervisor.wake()
        self._make_room()
        return run

    async def delete(self, run: Run) -> None:
        """End a run and remove its checkpoints."""
        self._runs.pop(run.id, None)
        await run.close("the run was deleted", 1000)
        self.repository.delete(run.id)
        await asyncio.to_thread(shutil.rmtree, run.directory, ignore_errors=True)

    async def _evict(self) -> None:
        """Delete the run that is missed least: nobody looks at it and it does not train; those that never trained
        go first, then those unused for longest. Raises RefusedError where every run is looked at or trains."""
        unseen = [run for run in self._runs.values() if not run.room.clients and run.state is not RunState.RUNNING]
        if not unseen:
            raise RefusedError(
                "too-many-runs",
                f"All {self.policy.max_runs} runs that this server holds are training or open in a page: close one of "
                "those pages, or delete a run.",
            )
        await self.delete(min(unseen, key=lambda run: (run.wish.going, run.step > 0, run.last_active)))

    def _remember(self, run: Run) -> None:
        if run.id in self._runs:
            document = run.document
            self.repository.save(
                RunRecord(run.id, document.experiment, document.revision, run.created_at, run.state, run.step)
            )

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
