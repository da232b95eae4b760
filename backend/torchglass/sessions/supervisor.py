"""Keeps a worker at work for one run: starts it, watches its beats, restores it after a death, parks it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from torchglass.engine.base import Engine, Worker, WorkerGoneError
from torchglass.protocol.base import Message
from torchglass.protocol.run import RunProblem, RunState
from torchglass.protocol.worker import Start, Stop
from torchglass.sessions.slots import Slots

_LOG = logging.getLogger("torchglass")
_INTERNAL = RunProblem(
    code="internal",
    message="The server made a mistake while it looked after this run, and ended it.",
    way_out="Start it again from the beginning; the server's log has the details.",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds, but for the counts."""

    silence: float = 10.0
    first_beat: float = 60.0
    busy: float = 120.0
    restarts: int = 3
    restarts_within: float = 60.0
    stopping: float = 10.0
    check_every: float = 1.0


class Supervised(Protocol):
    """The run, as its supervisor sees it."""

    @property
    def state(self) -> RunState:
        """Where the run stands."""

    def enter(self, state: RunState, problem: RunProblem | None = None) -> None:
        """Take the next state and tell everybody."""

    def start_message(self) -> Start:
        """The first message for a fresh worker."""

    def receive(self, header: dict[str, Any], body: bytes) -> None:
        """One message of the worker."""


class Outcome(Enum):
    STOPPED = auto()
    DIED = auto()
    FAILED = auto()


class Supervisor:
    """At most one worker at a time; ``wake`` brings one, ``park`` sends it home after a last checkpoint."""

    def __init__(self, run: Supervised, engine: Engine, slots: Slots, limits: Limits | None = None) -> None:
        self.worker: Worker | None = None
        self._run = run
        self._engine = engine
        self._slots = slots
        self._limits = limits or Limits()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._wake_again = False
        self._deaths: deque[float] = deque()
        self._verdict: RunProblem | None = None
        self._last_beat = 0.0
        self._beaten = False

    @property
    def pid(self) -> int | None:
        return self.worker.pid if self.worker is not None else None

    def wake(self) -> None:
        """Make sure that a worker is at work or on its way."""
        if self._task is None or self._task.done():
            self._deaths.clear()
            self._task = asyncio.create_task(self._serve(), name="supervisor")
        elif self._stopping:
            self._wake_again = True

    def send(self, header: Message, body: bytes = b"") -> bool:
        """Pass a message on; False when there is no worker (or it has just died, which is seen elsewhere)."""
        if self.worker is None or self._stopping:
            return False
        with contextlib.suppress(WorkerGoneError):
            self.worker.send(header, body)
            return True
        return False

    def beat(self, busy: float) -> None:
        """The worker says that it lives; ``busy`` seconds in the present step."""
        self._beaten = True
        self._last_beat = time.monotonic()
        if busy > self._limits.busy:
            self._stuck(f"one step has taken more than {self._limits.busy:.0f} seconds")

    def park(self) -> None:
        """Ask the worker for a last checkpoint and to exit; it is killed when that takes too long."""
        if self.worker is None or self._stopping:
            return
        self.send(Stop())
        self._stopping = True
        asyncio.get_running_loop().call_later(self._limits.stopping, self.worker.kill)

    def leave_queue(self) -> None:
        """Give the place in the queue up; ``wake`` asks for a new one."""
        if self._task is not None and self._run.state is RunState.QUEUED:
            self._task.cancel()
            self._task = None
            self._run.enter(RunState.PARKED)

    async def drain(self, patience: float) -> None:
        """Let the worker write a last checkpoint, then end."""
        self.park()
        if self._task is not None and self.worker is not None:
            await asyncio.wait([self._task], timeout=patience)
        await self.close()

    async def close(self) -> None:
        """Kill the worker and end."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _serve(self) -> None:
        while True:
            self._wake_again = False
            self._run.enter(RunState.QUEUED)
            await self._slots.acquire()
            try:
                outcome = await self._sessions()
            except Exception:
                _LOG.exception("the supervisor of a run failed")
                self._run.enter(RunState.FAILED, _INTERNAL)
                return
            finally:
                self._slots.release()
            if outcome is Outcome.STOPPED and self._run.state is not RunState.FAILED:
                self._run.enter(RunState.PARKED)
            if not self._wake_again:
                return

    async def _sessions(self) -> Outcome:
        """Worker after worker, until one ends for another reason than dying."""
        while True:
            outcome = await self._session()
            if outcome is not Outcome.DIED:
                return outcome
            now = time.monotonic()
            self._deaths.append(now)
            while now - self._deaths[0] > self._limits.restarts_within:
                self._deaths.popleft()
            problem = self._verdict or _died()
            if len(self._deaths) > self._limits.restarts:
                self._run.enter(RunState.FAILED, _given_up(problem, self._limits.restarts))
                return Outcome.FAILED
            self._run.enter(RunState.INTERRUPTED, problem)
            await asyncio.sleep(0.25 * (len(self._deaths) - 1))

    async def _session(self) -> Outcome:
        """One worker from its start to its end."""
        self._run.enter(RunState.STARTING)
        self._verdict, self._stopping, self._beaten = None, False, False
        try:
            worker = await self._engine.start()
        except WorkerGoneError as error:
            self._verdict = _died(str(error))
            return Outcome.DIED
        self.worker = worker
        self._last_beat = time.monotonic()
        watchdog = asyncio.create_task(self._watch(), name="watchdog")
        try:
            with contextlib.suppress(WorkerGoneError):
                worker.send(self._run.start_message())
            async for header, body in worker.messages():
                self._run.receive(header, body)
                if self._run.state is RunState.FAILED:
                    return Outcome.FAILED
        finally:
            watchdog.cancel()
            worker.kill()
            self.worker = None
        return Outcome.STOPPED if self._stopping else Outcome.DIED

    async def _watch(self) -> None:
        """Kill a worker that gives no sign of life. Two late looks in a row are asked for, since a server that
        was itself held up finds beats waiting that it has not read yet."""
        late = 0
        while True:
            await asyncio.sleep(self._limits.check_every)
            patience = self._limits.silence if self._beaten else self._limits.first_beat
            late = late + 1 if time.monotonic() - self._last_beat > patience else 0
            if late >= 2:
                self._stuck(f"its process gave no sign of life for {patience:.0f} seconds")

    def _stuck(self, why: str) -> None:
        if self.worker is not None and self._verdict is None:
            self._verdict = RunProblem(
                code="stuck",
                message=f"The training was ended because {why}.",
                way_out="It is restored from its last checkpoint. If it happens again, try a smaller network or batch.",
            )
            self.worker.kill()


def _died(why: str = "its process ended unexpectedly") -> RunProblem:
    return RunProblem(
        code="worker-died",
        message=f"The training was interrupted: {why}.",
        way_out="It is restored from its last checkpoint.",
    )


def _given_up(problem: RunProblem, restarts: int) -> RunProblem:
    return RunProblem(
        code=problem.code,
        message=f"{problem.message} It was restored {restarts} times within a minute and ended each time.",
        way_out="Start it again with a smaller batch or network, or look at the server's log.",
    )
