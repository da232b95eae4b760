"""One training of one experiment, as the server holds it: document, state, view, room and supervisor."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, assert_never

from pydantic import ValidationError

from torchglass.engine.base import Engine
from torchglass.ids import ClientId, RunId, StreamId, new_run_id
from torchglass.protocol import events, worker
from torchglass.protocol.run import Mark, Resolved, RunInfo, RunProblem, RunState, Series
from torchglass.sessions.client import Client
from torchglass.sessions.document import Document
from torchglass.sessions.inputs import Inputs
from torchglass.sessions.recalled import NOT_SAVED, recalled_problem
from torchglass.sessions.repository import Repository
from torchglass.sessions.room import Room
from torchglass.sessions.slots import Slots
from torchglass.sessions.states import IDLE, follow
from torchglass.sessions.supervisor import Limits, Supervisor
from torchglass.sessions.view import View
from torchglass.sessions.watches import Stream, Watches
from torchglass.spec.experiment import Experiment
from torchglass.store.records import RunRecord, Stretch

_LOG = logging.getLogger("torchglass")
#: Bytes of pictures that a worker may have under way.
FRAME_CREDIT = 8 * 1024 * 1024


@dataclass(slots=True)
class Wish:
    """What people want of the training, kept so that a restored worker carries on: ``until`` a step, or for good."""

    going: bool = False
    until: int | None = None


class Run:
    """Everything the server knows of a run. Only ever touched on the event loop."""

    def __init__(
        self,
        experiment: Experiment,
        *,
        engine: Engine,
        slots: Slots,
        directory: Path,
        device: str | None = None,
        limits: Limits | None = None,
        repository: Repository,
        run_id: RunId | None = None,
    ) -> None:
        self.id = run_id or new_run_id()
        self.created_at = datetime.now(UTC).isoformat(timespec="seconds")
        self.document = Document(experiment)
        self.directory = directory
        self.state = RunState.QUEUED
        self.problem: RunProblem | None = None
        self.step, self.epoch = 0, 0.0
        self.steps_per_epoch, self.parameters = 0, 0
        self.resolved: Resolved | None = None
        self.speed: float | None = None
        self.wish = Wish()
        #: The last wish to train: a pause that was under way when it came does not undo it.
        self.asked = Wish(going=True)
        self.fresh = False
        self.view = View()
        self.watches = Watches()
        self.inputs = Inputs()
        self.room = Room(self._greeting)
        self.supervisor = Supervisor(self, engine, slots, limits)
        self.last_active = time.monotonic()
        self._device = device
        self._repository = repository
        self._saved = 0.0
        self._set_back = 0.0
        self.deleted = False
        #: It has trained to its end, and nothing was asked of it since.
        self.ended = False

    # ---- what others see -----------------------------------------------------------------------------------

    def info(self) -> RunInfo:
        """The run resource."""
        return RunInfo(
            id=self.id,
            name=self.document.experiment.name,
            state=self.state,
            step=self.step,
            epoch=self.epoch,
            metrics=self.view.latest(),
            device=self.resolved.device if self.resolved else self._device or self.document.experiment.training.device,
            stepper=self.resolved.stepper if self.resolved else "",
            worker_pid=self.supervisor.pid,
            experiment=self.document.experiment,
            revision=self.document.revision,
            created_at=self.created_at,
            problem=self.problem,
            steps_per_epoch=self.steps_per_epoch,
            parameters=self.parameters,
            resolved=self.resolved,
        )

    def _greeting(self, stream: StreamId, seq: int, client: ClientId) -> events.Hello:
        return events.Hello(
            stream=stream,
            seq=seq,
            client=client,
            run=self.info(),
            series=self.view.series(),
            marks=list(self.view.marks),
            speed=self.speed,
        )

    def join(self, client: Client, stream: str | None = None, seq: int | None = None) -> None:
        """Let a client in and bring the worker back if it was parked."""
        self.room.join(client, stream, seq)
        if self.view.pulse is not None:
            client.tell_latest("pulse", self.view.pulse.model_dump_json())
        self.touch()
        if self.state in (RunState.PARKED, RunState.FINISHED, RunState.INTERRUPTED):
            self.supervisor.wake()

    def leave(self, client: Client) -> None:
        """Forget a client with all that it watched and drew."""
        self.room.leave(client)
        if self.inputs.forget(client.id):
            self.supervisor.send(worker.Feed(slot=client.id))
        if self.watches.remove_client(client.id):
            self.send_watches()
        self.touch()

    def touch(self) -> None:
        """Somebody uses this run."""
        self.last_active = time.monotonic()

    @property
    def unused_for(self) -> float:
        """Seconds since anything happened to the run."""
        return time.monotonic() - self.last_active

    @property
    def idle_for(self) -> float:
        """Seconds since the run, waiting for a command, was last used; 0 while it is at work."""
        return time.monotonic() - self.last_active if self.state in IDLE else 0.0

    # ---- the supervisor's side -----------------------------------------------------------------------------

    def enter(self, state: RunState, problem: RunProblem | None = None) -> None:
        """Take the next state and tell everybody. Raises IllegalTransitionError."""
        self.state = follow(self.state, state)
        waited = self.problem is not None and self.problem.code == "waiting"
        unsaved = self.problem if self.problem is not None and self.problem.code == NOT_SAVED else None
        if problem is not None or waited or state in (RunState.RUNNING, RunState.PAUSED, RunState.FINISHED):
            self.problem = problem or unsaved
        if state in (RunState.RUNNING, RunState.FINISHED):
            self.ended = state is RunState.FINISHED
        if state in (RunState.FINISHED, RunState.FAILED):
            self.wish = Wish()
        self.touch()
        self._tell_state()
        self.changed()

    def _tell_state(self) -> None:
        self.room.emit(
            events.StateEvent,
            state=self.state,
            step=self.step,
            epoch=self.epoch,
            worker_pid=self.supervisor.pid,
            problem=self.problem,
        )

    def start_message(self) -> worker.Start:
        restore = not self.fresh and self.directory.is_dir() and any(self.directory.iterdir())
        return worker.Start(
            run=self.id,
            experiment=self.document.experiment.model_dump(mode="json"),
            directory=str(self.directory),
            restore=restore,
            device=self._device,
        )

    def receive(self, header: dict[str, Any], body: bytes) -> None:
        """One message of the worker; a malformed one (a value that is not finite, say) is left out."""
        try:
            message = worker.FROM_WORKER.validate_python(header)
        except ValidationError as error:
            _LOG.warning("run %s: message left out: %s", self.id, error)
            return
        match message:
            case worker.Ready():
                self._ready(message)
            case worker.Metrics():
                fresh = self.view.add_metrics(message.series)
                if fresh:
                    self.room.emit(events.MetricsEvent, series=fresh)
                    self._keep(fresh)
            case worker.State():
                self._moved(message)
            case worker.Marked():
                self.mark(message.mark)
            case worker.Restarted():
                self._restarted(message.step)
            case worker.Beat():
                self._beat(message)
            case worker.Frame():
                self._frame(message, body)
            case worker.WatchProblem():
                self._watch_problem(message)
            case worker.Saved():
                self._checkpointed(message.step)
            case worker.CheckpointTrouble():
                self._trouble(message.message)
            case _:
                assert_never(message)

    def _ready(self, ready: worker.Ready) -> None:
        self.step, self.epoch = ready.step, ready.epoch
        self.steps_per_epoch, self.parameters = ready.steps_per_epoch, ready.parameters
        self.resolved = ready.resolved
        if self.problem is not None and self.problem.code in ("worker-died", "stuck", "server-stopped"):
            self._recovered(ready)
        elif self.view.newest() > ready.step:
            self._restarted(ready.step)
        self.supervisor.send(worker.Credit(bytes=FRAME_CREDIT))
        if self.speed is not None:
            self.supervisor.send(worker.SpeedLimit(steps_per_second=self.speed))
        for feed, content in self.inputs.all():
            self.supervisor.send(feed, content)
        self.send_watches()
        done = self.wish.until is not None and self.wish.until <= self.step
        self.enter(RunState.FINISHED if self.ended and not self.wish.going else RunState.PAUSED)
        self.room.emit(events.InfoEvent, run=self.info())
        if self.wish.going and not done:
            self.supervisor.send(worker.Go(until=self.wish.until))

    def _recovered(self, ready: worker.Ready) -> None:
        """After a death: what lies beyond the restored step is void, and the curve says what happened."""
        if self.view.newest() > ready.step:
            self._restarted(ready.step)
        label = f"restored from step {ready.step:,}" if ready.restored else "begun again: there was no checkpoint yet"
        self.mark(Mark(step=ready.step, kind="restored", label=label))

    def _moved(self, message: worker.State) -> None:
        self.step, self.epoch = message.step, message.epoch
        self.wish = self.asked if message.state is RunState.RUNNING else Wish()
        self.enter(message.state, message.problem)

    def _restarted(self, step: int) -> None:
        self.view.rewind(step)
        self._repository.cut(self.id, step)
        self.ended = False
        self.step = step
        self.epoch = step / self.steps_per_epoch if self.steps_per_epoch else 0.0
        self.room.emit(events.ResetEvent, step=step)
        self.changed()

    def _beat(self, beat: worker.Beat) -> None:
        self.step, self.epoch = beat.step, beat.epoch
        self.supervisor.beat(beat.busy)
        pulse = events.Pulse(
            step=beat.step,
            epoch=beat.epoch,
            steps_per_second=beat.steps_per_second,
            watched_share=beat.watched_share,
            clients=len(self.room.clients),
            speed=self.speed,
        )
        self.view.pulse = pulse
        self.room.pulse(pulse)

    def _frame(self, frame: worker.Frame, body: bytes) -> None:
        self.supervisor.send(worker.Credit(bytes=len(body)))
        stream = self.watches.stream(frame.stream)
        if stream is None:
            return
        header = frame.model_dump(exclude={"type", "stream"})
        header |= {
            "probe": stream.watch.probe,
            "node": stream.watch.node,
            "tap": stream.watch.tap,
            "source": stream.watch.source,
        }
        self.room.show(list(stream.receivers), header, body)

    def _watch_problem(self, message: worker.WatchProblem) -> None:
        stream = self.watches.stream(message.stream)
        if stream is None:
            return
        stream.problem = message.message
        for client, watch in stream.receivers:
            self.tell_watch_problem(stream, client, watch)

    def tell_watch_problem(self, stream: Stream, client: ClientId, watch: int) -> None:
        """Say to one client that its watch can never show anything."""
        recipient = self.room.clients.get(client)
        if recipient is not None and stream.problem is not None:
            answer = events.ProblemAnswer(
                id=self.watches.command_of(client, watch),
                code="nothing-to-see",
                message=stream.problem,
                node=stream.watch.node,
                field=f"watch:{watch}",
            )
            recipient.tell(answer.model_dump_json())

    def _trouble(self, message: str) -> None:
        self.problem = RunProblem(
            code="disk", message=message, way_out="The training goes on; free some space on the disk."
        )
        self.enter(self.state, self.problem)

    # ---- what commands use ---------------------------------------------------------------------------------

    def mark(self, mark: Mark) -> None:
        """Put a mark on the curve, for those here and those to come."""
        self.view.add_mark(mark)
        self._repository.add_mark(self.id, mark.step, mark.model_dump(mode="json"))
        self.room.emit(events.MarkEvent, mark=mark)

    def send_watches(self) -> None:
        self.supervisor.send(worker.Watches(watches=self.watches.specs()))

    def changed(self) -> None:
        """Something that must outlive the process changed."""
        self._saved = time.monotonic()
        if not self.deleted:
            self._repository.save(self.record())

    def note(self, kind: str, **data: Any) -> None:
        """One line of the run's history."""
        self._repository.note(self.id, self.step, kind, data)

    async def committed(self) -> None:
        """Wait until everything so far is on disk. Raises NotSavedError."""
        await self._repository.committed()

    def set_back(self) -> None:
        """Back to step 0: checkpoints written so far are void."""
        self.fresh, self._set_back = True, time.monotonic()
        self.changed()

    def begin_again(self) -> None:
        """Without a worker: the next one begins at step 0."""
        self._restarted(0)

    def unsaved(self, reason: str | None) -> None:
        """The disk does not take what happens (``reason``), or takes it again (None)."""
        told = self.problem is not None and self.problem.code == NOT_SAVED
        if reason is None and told:
            self.problem = None
        elif reason is not None and (told or self.problem is None):
            self.problem = RunProblem(
                code=NOT_SAVED,
                message=f"What happens now cannot be saved: {reason}.",
                way_out="The training goes on, and everything is saved as soon as that is over.",
            )
        else:
            return
        self._tell_state()

    def record(self) -> RunRecord:
        """What is stored of the run, but for curves and marks."""
        parked_at_its_end = self.state is RunState.PARKED and self.ended
        return RunRecord(
            id=self.id,
            name=self.document.experiment.name,
            state=RunState.FINISHED if parked_at_its_end else self.state,
            step=max(self.step, self.view.newest()),
            epoch=self.epoch,
            experiment=self.document.experiment.model_dump(mode="json"),
            revision=self.document.revision,
            created_at=self.created_at,
            updated_at=datetime.now(UTC).isoformat(timespec="seconds"),
            steps_per_epoch=self.steps_per_epoch,
            parameters=self.parameters,
            fresh=self.fresh,
            resolved=self.resolved.model_dump(mode="json") if self.resolved else None,
            problem=self.problem.model_dump(mode="json") if self.problem else None,
            metrics=self.view.latest(),
        )

    def recall(self, record: RunRecord, stretches: dict[str, Stretch], marks: list[dict[str, Any]]) -> None:
        """Stand where the record says; the worker comes with the first who looks or trains."""
        self.created_at, self.state, self.fresh = record.created_at, record.state, record.fresh
        self.step, self.epoch = record.step, record.epoch
        self.steps_per_epoch, self.parameters = record.steps_per_epoch, record.parameters
        self.ended = record.state is RunState.FINISHED
        self.resolved = Resolved.model_validate(record.resolved) if record.resolved else None
        self.problem = recalled_problem(record)
        self.document.revision = record.revision
        self.view.recall(stretches, [Mark.model_validate(mark) for mark in marks])

    def _keep(self, fresh: dict[str, Series]) -> None:
        """Store new points, and twice a second where the run stands."""
        points = {name: (list(series.steps), list(series.values)) for name, series in fresh.items()}
        self._repository.add_points(self.id, points)
        if time.monotonic() - self._saved > 0.5:
            self.changed()

    def _checkpointed(self, step: int) -> None:
        """A checkpoint written after the run was set back counts again; one that was under way then does not."""
        if step <= max(self.step, self.view.newest()) or time.monotonic() - self._set_back > 2.0:
            self.fresh = False
        self.changed()

    async def close(self, reason: str, code: int = 1001) -> None:
        """End the worker and send everybody away."""
        await self.supervisor.close()
        self.room.close(code, reason)
