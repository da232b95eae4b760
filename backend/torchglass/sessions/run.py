"""One training of one experiment, as the server holds it: document, state, view, room and supervisor."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torchglass.engine.base import Engine
from torchglass.ids import ClientId, RunId, StreamId, new_run_id
from torchglass.protocol import events, worker
from torchglass.protocol.run import Mark, Parent, Resolved, RunInfo, RunProblem, RunState, Series
from torchglass.protocol.trouble import meanwhile
from torchglass.sessions.assigned import Assigned
from torchglass.sessions.client import Client
from torchglass.sessions.document import Document
from torchglass.sessions.hearing import hear
from torchglass.sessions.inputs import Inputs
from torchglass.sessions.recalled import NOT_SAVED, recalled_problem
from torchglass.sessions.repository import Repository
from torchglass.sessions.room import Room
from torchglass.sessions.slots import Slots
from torchglass.sessions.states import IDLE, follow
from torchglass.sessions.supervisor import Limits, Supervisor
from torchglass.sessions.travel import Travel
from torchglass.sessions.view import View
from torchglass.sessions.watches import Stream, Watches
from torchglass.sessions.wish import Wish
from torchglass.spec.experiment import Experiment
from torchglass.store.records import RunRecord, Stretch
from torchglass.tables.library import LIBRARY


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
        #: The wish that the worker was told when it was started: it carries it out by itself.
        self.sent_off: Wish | None = None
        self.fresh = False
        self.view = View()
        self.watches = Watches()
        self.inputs = Inputs()
        self.assigned = Assigned()
        self.travel = Travel(self)
        self.parent: Parent | None = None
        self.room = Room(self._greeting)
        self.supervisor = Supervisor(self, engine, slots, limits)
        self.last_active = time.monotonic()
        self._device = device
        self.repository = repository
        self._saved = 0.0
        self._set_back = 0.0
        self._leaving = False  # set back to step 0, which the worker has not done yet
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
            parent=self.parent,
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
        if self.view.pulse is not None:  # of half a second ago, maybe: the step is that of now
            pulse = self.view.pulse.model_copy(update={"step": self.step, "epoch": self.epoch})
            client.tell_latest("pulse", pulse.model_dump_json())
        client.tell_latest("kept", self.travel.event().model_dump_json())
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
        if state in (RunState.INTERRUPTED, RunState.FAILED, RunState.PARKED):
            self.travel.lost(state)
        self.touch()
        self._tell_state()
        self.changed()

    def _tell_state(self) -> None:
        self.room.drop_pulse()
        self.room.emit(
            events.StateEvent,
            state=self.state,
            step=self.step,
            epoch=self.epoch,
            worker_pid=self.supervisor.pid,
            problem=self.problem,
        )

    def start_message(self) -> worker.Start:
        self._leaving = False
        restore = not self.fresh and self.directory.is_dir() and any(self.directory.iterdir())
        # What stands at a step of before, or trains at a chosen speed, is told more before it goes on.
        at_once = self.wish.going and not restore and self.speed is None
        self.sent_off = self.wish if at_once else None
        return worker.Start(
            go=worker.Go(until=self.wish.until) if at_once else None,
            run=self.id,
            experiment=self.document.experiment.model_dump(mode="json"),
            directory=str(self.directory),
            restore=restore,
            device=self._device,
            tables=str(LIBRARY.folder) if LIBRARY.folder is not None else None,
            assigned=self.assigned.all(),
        )

    def receive(self, header: dict[str, Any], body: bytes) -> None:
        """One message of the worker."""
        hear(self, header, body)

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

    def went_back(self, step: int) -> None:
        """The run stands at ``step`` again: what was measured beyond it is void; what was changed since then holds
        from here on (but for a start from step 0)."""
        changes = [mark for mark in self.view.marks if mark.step > step > 0 and mark.kind in ("set", "edit")]
        self.view.rewind(step)
        self.repository.cut(self.id, step)
        self.travel.cut(step)
        self.ended, self._leaving = False, False
        self.step = step
        self.epoch = step / self.steps_per_epoch if self.steps_per_epoch else 0.0
        self.room.drop_pulse()
        self.room.emit(events.ResetEvent, step=step)
        for mark in changes:
            self.mark(mark.model_copy(update={"step": step}))
        self.changed()

    def keep(self, fresh: dict[str, Series]) -> None:
        """Store new points, and twice a second where the run stands."""
        points = {name: (list(series.steps), list(series.values)) for name, series in fresh.items()}
        self.repository.add_points(self.id, points)
        if time.monotonic() - self._saved > 0.5:
            self.changed()

    def checkpointed(self, step: int) -> None:
        """A checkpoint written after the run was set back counts again; one that was under way then does not."""
        if self._leaving:
            return
        if step <= max(self.step, self.view.newest()) or time.monotonic() - self._set_back > 2.0:
            self.fresh = False
        self.changed()

    # ---- what commands use ---------------------------------------------------------------------------------

    def mark(self, mark: Mark) -> None:
        """Put a mark on the curve, for those here and those to come."""
        self.view.add_mark(mark)
        self.repository.add_mark(self.id, mark.step, mark.model_dump(mode="json"))
        self.room.emit(events.MarkEvent, mark=mark)

    def send_watches(self) -> None:
        self.supervisor.send(worker.Watches(watches=self.watches.specs()))

    def changed(self) -> None:
        """Something that must outlive the process changed."""
        self._saved = time.monotonic()
        if not self.deleted:
            self.repository.save(self.record())

    def note(self, kind: str, **data: Any) -> None:
        """One line of the run's history."""
        self.repository.note(self.id, self.step, kind, data)

    def staged(self, stage: int) -> None:
        """The worker has gone on to that stage: so does the document, and everybody is told."""
        if self.document.stage_to(stage):
            self.room.emit(events.ExperimentEvent, revision=self.document.revision, experiment=self.document.experiment)
            self.note("stage", stage=stage)
            self.changed()

    def fall_back(self, experiment: Experiment, problem: RunProblem) -> None:
        """The worker could not follow a change: the document is again what it trains, and everybody is told why."""
        self.document.fall_back(experiment)
        self.room.emit(events.ExperimentEvent, revision=self.document.revision, experiment=experiment)
        refusal = events.ProblemAnswer(
            code=problem.code,
            message=f"The change was taken back. {problem.message} {problem.way_out}",
            node=problem.node,
            field=problem.field,
        )
        for client in list(self.room.clients.values()):
            client.tell(refusal.model_dump_json())
        self.note("unchanged", problem=problem.model_dump(mode="json"))
        self.changed()

    async def committed(self) -> None:
        """Wait until everything so far is on disk. Raises NotSavedError."""
        await self.repository.committed()

    def set_back(self) -> None:
        """Back to step 0: checkpoints written so far are void."""
        self.fresh, self._leaving, self._set_back = True, True, time.monotonic()
        self.assigned.clear()
        self.changed()

    def begin_again(self) -> None:
        """Without a worker: the next one begins at step 0."""
        self.went_back(0)

    def unsaved(self, reason: str | None) -> None:
        """The disk does not take what happens (``reason``), or takes it again (None)."""
        told = self.problem is not None and self.problem.code == NOT_SAVED
        if reason is None and told:
            self.problem = None
        elif reason is not None and (told or self.problem is None):
            self.problem = RunProblem(
                code=NOT_SAVED,
                message=f"What happens now cannot be saved: {reason}.",
                way_out=meanwhile(reason, "the training goes on, and everything is saved as soon as that is over."),
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
            parent=self.parent.model_dump() if self.parent else None,
            asides=self.travel.branches.export(),
            speed=self.speed,
        )

    def recall(self, record: RunRecord, stretches: dict[str, Stretch], marks: list[dict[str, Any]]) -> None:
        """Stand where the record says; the worker comes with the first who looks or trains."""
        self.parent = Parent.model_validate(record.parent) if record.parent else None
        self.travel.branches.take(record.asides)
        self.speed = record.speed
        self.created_at, self.state, self.fresh = record.created_at, record.state, record.fresh
        self.step, self.epoch = record.step, record.epoch
        self.steps_per_epoch, self.parameters = record.steps_per_epoch, record.parameters
        self.ended = record.state is RunState.FINISHED
        self.resolved = Resolved.model_validate(record.resolved) if record.resolved else None
        self.problem = recalled_problem(record)
        self.document.revision = record.revision
        self.view.recall(stretches, [Mark.model_validate(mark) for mark in marks])

    def branch_off(self, parent: Run, step: int) -> None:
        """Begin as a fork of another run: its curves and marks up to that step."""
        self.parent = Parent(run=parent.id, step=step, name=parent.document.experiment.name)
        self.view, self.step, self.steps_per_epoch = parent.view.upto(step), step, parent.steps_per_epoch
        self.epoch = step / self.steps_per_epoch if self.steps_per_epoch else 0.0
        self.parameters, self.speed = parent.parameters, parent.speed

    async def close(self, reason: str, code: int = 1001) -> None:
        """End the worker and send everybody away."""
        await self.supervisor.close()
        self.room.close(code, reason)
