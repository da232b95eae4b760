"""Where one can go in the time of a run: what is kept, who looks back, going back and coming back, forks."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torchglass.ids import ClientId
from torchglass.protocol import events, worker
from torchglass.protocol.run import Mark, RunState
from torchglass.sessions.branches import NOW, Branches
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.view import Tail
from torchglass.sessions.wish import Wish
from torchglass.spec.experiment import Experiment

if TYPE_CHECKING:
    from torchglass.sessions.run import Run

_READY = frozenset({RunState.RUNNING, RunState.PAUSED, RunState.FINISHED})
#: Documents of steps that were looked at lately.
_DOCUMENTS = 8
_AGAIN = "The run is being brought back just now; try again in a moment. Nothing has changed."


@dataclass(slots=True)
class Going:
    """A way back that the worker has not answered yet."""

    message: worker.Rewind
    done: asyncio.Future[None]
    left: int
    assigned: int


class Travel:
    """One run's time. ``tails`` are the curves of what was set aside, as far as this server has seen them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.steps: list[int] = []
        self.reason: str | None = None
        self.branches = Branches()
        self.tails: dict[int, Tail] = {}
        self._ends: dict[int, int] = {}
        self._going: Going | None = None
        self._forks: dict[int, asyncio.Future[worker.Forked]] = {}
        self._asked = 0
        self._documents: dict[int, str] = {}  # by step, as the event that tells it

    # ---- what is kept --------------------------------------------------------------------------------------

    def kept(self, message: worker.KeptSteps) -> None:
        """The worker says what it keeps."""
        self.steps, self._ends, self.reason = sorted(message.steps), dict(message.branches), message.reason
        self.tell()
        self._lose_sight()

    def event(self) -> events.Kept:
        """What clients hear of it."""
        asides = [
            events.Aside(branch=stretch.branch, base=stretch.base, end=self._ends[stretch.branch])
            for stretch in self.branches.here()
            if stretch.branch in self._ends
        ]
        return events.Kept(steps=self.steps, asides=asides, reason=self.reason)

    def tell(self) -> None:
        text = self.event().model_dump_json()
        for client in self._run.room.clients.values():
            client.tell_latest("kept", text)

    def nearest(self, step: int) -> int:
        """The kept step that is nearest. Raises RefusedError where none is kept."""
        if not self.steps:
            raise RefusedError("not-kept", self.reason or "No earlier steps are kept yet; try again in a moment.")
        return min(self.steps, key=lambda kept: abs(kept - step))

    # ---- looking -------------------------------------------------------------------------------------------

    def look(self, client: ClientId, step: int | None) -> int | None:
        """One client's pictures are of the kept step nearest to that (None: of now); which one. Raises RefusedError."""
        found = None if step is None else self.nearest(step)
        self._run.watches.look(client, found)
        self._run.send_watches()
        if found in self._documents:
            self._tell_document(client, self._documents[found])
        return found

    def looked(self, message: worker.Looked) -> None:
        """The worker shows a kept step: who looks at it hears of the network that there was then."""
        experiment = Experiment.model_validate(message.experiment)
        text = events.Looked(step=message.step, experiment=experiment).model_dump_json()
        self._documents[message.step] = text
        while len(self._documents) > _DOCUMENTS:
            del self._documents[next(iter(self._documents))]
        for client, step in self._run.watches.looking.items():
            if step == message.step:
                self._tell_document(client, text)

    def _tell_document(self, client: ClientId, text: str) -> None:
        if (recipient := self._run.room.clients.get(client)) is not None:
            recipient.tell_latest("looked", text)

    def _lose_sight(self) -> None:
        """Who looks at a step that is gone sees now again."""
        kept = set(self.steps)
        for client, step in list(self._run.watches.looking.items()):
            if step in kept:
                continue
            self.look(client, None)
            if (recipient := self._run.room.clients.get(client)) is not None:
                message = f"Step {step:,} is no longer kept: you see now again."
                recipient.tell(events.ProblemAnswer(code="not-kept", message=message).model_dump_json())

    # ---- going back ----------------------------------------------------------------------------------------

    def expect_stillness(self) -> None:
        """Raises RefusedError while the run is on its way to another step: its document is about to change."""
        if self._going is not None:
            step = self._going.message.step
            raise RefusedError("busy", f"The run is going to step {step:,} just now; try again in a moment.")

    def go(self, step: int, branch: int) -> asyncio.Future[None]:
        """Go to a kept step, or come back to the end of a branch; done when the future is, which may raise
        RefusedError. Raises RefusedError at once where it is not kept."""
        run = self._run
        self.expect_stillness()
        self._expect_worker()
        base = step
        if branch != NOW:
            step, base = self._end_of(branch)
        elif step not in self.steps:
            raise RefusedError("not-kept", self._missing(step))
        self._asked += 1
        aside = self.branches.next()
        message = worker.Rewind(ask=self._asked, step=step, branch=branch, base=base, aside=aside)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._going = Going(message, done, run.step, run.assigned.last)
        run.wish = Wish()
        run.supervisor.send(message)
        return done

    def _end_of(self, branch: int) -> tuple[int, int]:
        stretch = self.branches.get(branch)
        if stretch is None or stretch.parent != NOW or branch not in self._ends:
            raise RefusedError(
                "not-kept", "What was set aside there is no longer kept, or belongs to another stretch set aside."
            )
        return self._ends[branch], stretch.base

    def _missing(self, step: int) -> str:
        if not self.steps:
            return self.reason or "No earlier steps are kept yet; try again in a moment."
        at = bisect_left(self.steps, step)
        near = [f"{kept:,}" for kept in self.steps[max(0, at - 1) : at + 1]]
        return f"Step {step:,} is not kept; near it there is {' and '.join(near)}."

    def resume(self) -> bool:
        """A worker is ready: whether it was sent on a way that the one before did not finish."""
        if self._going is None:
            return False
        self._run.supervisor.send(self._going.message)
        return True

    def arrived(self, message: worker.Rewound) -> None:
        """The run stands at another step, with the document of that step."""
        going, self._going = self._going, None
        if going is None or going.message.ask != message.ask:
            return
        run, branch, aside = self._run, going.message.branch, going.message.aside
        self._documents.clear()
        base = going.message.base
        self._forget(self.branches.set_aside(aside, base, self._ends.get(aside, going.left)))
        self.tails[aside] = run.view.set_aside(base)
        run.repository.set_aside(run.id, base, aside)
        run.step, run.epoch = message.step, message.epoch
        run.ended = False
        if branch == NOW:
            run.room.emit(events.ResetEvent, step=base, before=True)
            label = f"back from step {going.left:,}"
            run.mark(Mark(step=message.step, kind="rewind", label=label, before=going.left, after=aside))
        else:
            self._bring_back(branch)
        run.document.go_back(Experiment.model_validate(message.experiment))
        run.room.emit(
            events.ExperimentEvent, revision=run.document.revision, experiment=run.document.experiment, by=None
        )
        run.assigned.saved(going.assigned)
        run.fresh = False
        run.note("rewind", step=message.step, branch=branch, left=going.left, aside=aside)
        run.changed()
        self.tell()
        if not going.done.done():
            going.done.set_result(None)

    def _bring_back(self, branch: int) -> None:
        run = self._run
        self.branches.bring_back(branch)
        run.view.bring_back(self.tails.pop(branch, Tail({}, [])), branch)
        run.repository.bring_back(run.id, branch)
        run.room.emit(events.CurvesEvent, step=run.step, series=run.view.series(), marks=list(run.view.marks))

    def cut(self, step: int) -> None:
        """The curve is void beyond a step (0: all of it), and with it what begins there."""
        self._forget(self.branches.cut(step))

    def _forget(self, branches: list[int]) -> None:
        for branch in branches:
            self.tails.pop(branch, None)
            self._run.repository.drop_branch(self._run.id, branch)

    # ---- forking -------------------------------------------------------------------------------------------

    async def fork(self, step: int, directory: Path) -> Experiment:
        """Have a kept step written as the first checkpoint of another run; its document. Raises RefusedError."""
        self._expect_worker()
        if step not in self.steps:
            raise RefusedError("not-kept", self._missing(step))
        self._asked += 1
        future: asyncio.Future[worker.Forked] = asyncio.get_running_loop().create_future()
        self._forks[self._asked] = future
        self._run.supervisor.send(worker.Fork(ask=self._asked, step=step, directory=str(directory)))
        return Experiment.model_validate((await future).experiment)

    def forked(self, message: worker.Forked) -> None:
        """The checkpoint is on the disk."""
        future = self._forks.pop(message.ask, None)
        if future is not None and not future.done():
            future.set_result(message)

    # ---- what does not work out ------------------------------------------------------------------------------

    def refused(self, message: worker.Refused) -> None:
        """The worker could not do what was asked; nothing has changed."""
        error = RefusedError(message.problem.code, f"{message.problem.message} {message.problem.way_out}".strip())
        fork = self._forks.pop(message.ask, None)
        if fork is not None and not fork.done():
            fork.set_exception(error)
        if self._going is not None and self._going.message.ask == message.ask:
            self._give_up(error)
            if self._run.view.newest() > self._run.step:  # asked of a worker that had come back from a checkpoint
                self._run.went_back(self._run.step)

    def lost(self, state: RunState) -> None:
        """The worker is gone: forks fail. A way back is gone again by the next worker, if there is one."""
        forks, self._forks = self._forks, {}
        for future in forks.values():
            if not future.done():
                future.set_exception(RefusedError("not-ready", _AGAIN))
        if state is not RunState.INTERRUPTED and self._going is not None:
            self._give_up(RefusedError("not-ready", _AGAIN))

    def _give_up(self, error: RefusedError) -> None:
        assert self._going is not None
        done, self._going = self._going.done, None
        if not done.done():
            done.set_exception(error)

    def _expect_worker(self) -> None:
        run = self._run
        if run.state not in _READY or run.supervisor.worker is None:
            if run.state is not RunState.FAILED:
                run.supervisor.wake()
            raise RefusedError("not-ready", _AGAIN)
