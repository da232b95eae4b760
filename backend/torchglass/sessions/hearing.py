"""What each message of a worker means to its run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, assert_never

from pydantic import ValidationError

from torchglass.protocol import events, worker
from torchglass.protocol.run import Mark, RunProblem, RunState
from torchglass.sessions.wish import Wish
from torchglass.spec.experiment import Experiment

if TYPE_CHECKING:
    from torchglass.sessions.run import Run

_LOG = logging.getLogger("torchglass")
#: Bytes of pictures that a worker may have under way.
FRAME_CREDIT = 8 * 1024 * 1024


def hear(run: Run, header: dict[str, Any], body: bytes) -> None:
    """Take one message in; a malformed one (a value that is not finite, say) is left out."""
    try:
        message = worker.FROM_WORKER.validate_python(header)
    except ValidationError as error:
        _LOG.warning("run %s: message left out: %s", run.id, error)
        return
    match message:
        case worker.Ready():
            _ready(run, message)
        case worker.Metrics():
            fresh = run.view.add_metrics(message.series)
            if fresh:
                run.room.emit(events.MetricsEvent, series=fresh)
                run.keep(fresh)
        case worker.State():
            _moved(run, message)
        case worker.Marked():
            run.mark(message.mark)
        case worker.Staged():
            run.staged(message.stage)
        case worker.Facts():
            _recounted(run, message)
        case worker.Unchanged():
            # A later change is on its way to the worker: what becomes of it decides.
            if message.revision == run.document.revision:
                run.fall_back(Experiment.model_validate(message.experiment), message.problem)
        case worker.Restarted():
            run.went_back(message.step)
        case worker.KeptSteps():
            run.travel.kept(message)
        case worker.Looked():
            run.travel.looked(message)
        case worker.Rewound():
            run.travel.arrived(message)
        case worker.Forked():
            run.travel.forked(message)
        case worker.Refused():
            run.travel.refused(message)
        case worker.Beat():
            _beat(run, message)
        case worker.Frame():
            _frame(run, message, body)
        case worker.WatchProblem():
            _watch_problem(run, message)
        case worker.Chosen():
            run.resolved = message.resolved
            run.room.emit(events.InfoEvent, run=run.info())
        case worker.Saved():
            if run.problem is not None and run.problem.code == "disk":
                run.problem = None
                run.enter(run.state)
            run.assigned.saved(message.assigned)
            run.checkpointed(message.step)
        case worker.CheckpointTrouble():
            _trouble(run, message)
        case _:
            assert_never(message)


def _ready(run: Run, ready: worker.Ready) -> None:
    run.step, run.epoch = ready.step, ready.epoch
    run.steps_per_epoch, run.parameters = ready.steps_per_epoch, ready.parameters
    run.resolved = ready.resolved
    if run.travel.resume():
        pass  # what lies beyond this step is part of what going back sets aside
    elif run.problem is not None and run.problem.code in ("worker-died", "stuck", "server-stopped"):
        _recovered(run, ready)
    elif run.view.newest() > ready.step:
        run.went_back(ready.step)
    run.supervisor.send(worker.Credit(bytes=FRAME_CREDIT))
    if run.speed is not None:
        run.supervisor.send(worker.SpeedLimit(steps_per_second=run.speed))
    for feed, content in run.inputs.all():
        run.supervisor.send(feed, content)
    run.send_watches()
    done = run.wish.until is not None and run.wish.until <= run.step
    run.enter(RunState.FINISHED if run.ended and not run.wish.going else RunState.PAUSED)
    run.room.emit(events.InfoEvent, run=run.info())
    if run.wish.going and not done and run.wish is not run.sent_off:
        run.supervisor.send(worker.Go(until=run.wish.until))


def _recounted(run: Run, facts: worker.Facts) -> None:
    """An edit changed the number of weights, the length of an epoch or what was resolved."""
    run.step, run.epoch, run.resolved = facts.step, facts.epoch, facts.resolved
    run.steps_per_epoch, run.parameters = facts.steps_per_epoch, facts.parameters
    run.room.emit(events.InfoEvent, run=run.info())
    run.changed()


def _recovered(run: Run, ready: worker.Ready) -> None:
    """After a death: what lies beyond the restored step is void, and the curve says what happened."""
    if run.view.newest() > ready.step:
        run.went_back(ready.step)
    label = f"restored from step {ready.step:,}" if ready.restored else "begun again: there was no checkpoint yet"
    run.mark(Mark(step=ready.step, kind="restored", label=label))


def _moved(run: Run, message: worker.State) -> None:
    run.step, run.epoch = message.step, message.epoch
    run.wish = run.asked if message.state is RunState.RUNNING else Wish()
    run.enter(message.state, message.problem)


def _beat(run: Run, beat: worker.Beat) -> None:
    run.supervisor.beat(beat.busy)
    if run.state is RunState.STARTING:
        return  # it lives, but does not know yet at which step it will stand
    run.step, run.epoch = beat.step, beat.epoch
    pulse = events.Pulse(
        step=beat.step,
        epoch=beat.epoch,
        steps_per_second=beat.steps_per_second,
        watched_share=beat.watched_share,
        clients=len(run.room.clients),
        speed=run.speed,
    )
    run.view.pulse = pulse
    run.room.pulse(pulse)


def _frame(run: Run, frame: worker.Frame, body: bytes) -> None:
    run.supervisor.send(worker.Credit(bytes=len(body)))
    stream = run.watches.stream(frame.stream)
    if stream is None:
        return
    stream.problem = None
    header = frame.model_dump(exclude={"type", "stream"})
    header |= {
        "probe": stream.watch.probe,
        "node": stream.watch.node,
        "tap": stream.watch.tap,
        "source": stream.watch.source,
    }
    run.room.show(list(stream.receivers), header, body)


def _watch_problem(run: Run, message: worker.WatchProblem) -> None:
    stream = run.watches.stream(message.stream)
    if stream is None:
        return
    if stream.problem == message.message:
        return
    stream.problem = message.message
    for client, watch in stream.receivers:
        run.tell_watch_problem(stream, client, watch)


def _trouble(run: Run, trouble: worker.CheckpointTrouble) -> None:
    run.problem = RunProblem(code="disk", message=trouble.message, way_out=trouble.way_out)
    run.enter(run.state, run.problem)
