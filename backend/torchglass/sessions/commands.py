"""What each command of a browser does to a run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, assert_never

from torchglass.protocol import commands, events, worker
from torchglass.protocol.run import RunState
from torchglass.sessions.client import Client
from torchglass.sessions.document import Changed
from torchglass.sessions.errors import RefusedError, RevisionConflictError
from torchglass.sessions.run import Run
from torchglass.sessions.wish import Wish


def obey(run: Run, client: Client, command: commands.AnyCommand) -> events.Answer | Coroutine[Any, Any, events.Answer]:
    """Carry a command out and answer it; a refusal is an answer too. Going back is answered when it is done."""
    run.touch()
    try:
        if isinstance(command, commands.Rewind):
            return _answer(run, command, run.travel.go(command.step, command.branch))
        if isinstance(command, commands.Look):
            return events.Ack(id=command.id, step=run.travel.look(client.id, command.step))
        if isinstance(command, commands.Set | commands.Edit | commands.Assign | commands.Reset):
            run.travel.expect_stillness()
        return events.Ack(id=command.id, revision=_obey(run, client, command))
    except RevisionConflictError as conflict:
        return events.Conflict(id=command.id, revision=conflict.revision, experiment=conflict.experiment)
    except RefusedError as refused:
        return _refusal(command, refused)


async def _answer(run: Run, command: commands.Rewind, done: asyncio.Future[None]) -> events.Answer:
    try:
        await done
    except RefusedError as refused:
        return _refusal(command, refused)
    return events.Ack(id=command.id, revision=run.document.revision, step=run.step)


def _refusal(command: commands.AnyCommand, refused: RefusedError) -> events.ProblemAnswer:
    return events.ProblemAnswer(
        id=command.id, code=refused.code, message=refused.message, node=refused.node, field=refused.field
    )


def _obey(run: Run, client: Client, command: commands.AnyCommand) -> int | None:
    """The new revision where the document may have changed."""
    match command:
        case commands.Run():
            go(run)
        case commands.Pause():
            run.wish = Wish()
            run.supervisor.send(worker.Halt())
        case commands.StepCommand():
            _advance(run, command)
        case commands.Reset():
            return _reset(run, client, command.reinitialise)
        case commands.Set():
            return _set(run, client, command)
        case commands.Edit():
            return _edit(run, client, command)
        case commands.Assign():
            _assign(run, command)
        case commands.Watch():
            _watch(run, client, command)
        case commands.Unwatch():
            client.forget(command.watch)
            if run.watches.remove(client.id, command.watch):
                run.send_watches()
        case commands.Input():
            feed, content = run.inputs.fill(client.id, command)
            run.supervisor.send(feed, content)
            _awake(run)
        case commands.Speed():
            run.speed = command.steps_per_second
            run.changed()
            run.supervisor.send(worker.SpeedLimit(steps_per_second=run.speed))
        case commands.Look() | commands.Rewind():
            raise AssertionError("answered before")
        case _:
            assert_never(command)
    return None


def _awake(run: Run) -> None:
    """Bring the worker back if it was parked."""
    if run.state in (RunState.PARKED, RunState.FAILED) or run.supervisor.worker is None:
        run.supervisor.wake()


def go(run: Run) -> None:
    """Train until told otherwise."""
    run.wish = run.asked = Wish(going=True)
    if not _ready(run) or not run.supervisor.send(worker.Go()):
        run.supervisor.wake()


def _ready(run: Run) -> bool:
    """Whether the worker has built the network; before that, wishes wait for its ``ready``."""
    return run.state in (RunState.RUNNING, RunState.PAUSED, RunState.FINISHED)


def _advance(run: Run, command: commands.StepCommand) -> None:
    if not _ready(run) and command.unit == "epoch" and not run.steps_per_epoch:
        raise RefusedError("not-ready", "The network is still being built; try again in a moment.")
    steps = command.n
    if command.unit == "epoch":
        steps = command.n * run.steps_per_epoch - run.step % max(1, run.steps_per_epoch)
    run.wish = run.asked = Wish(going=True, until=run.step + steps)
    if not _ready(run) or not run.supervisor.send(worker.Advance(n=command.n, unit=command.unit)):
        run.supervisor.wake()


def _reset(run: Run, client: Client, reinitialise: bool) -> int:
    if run.document.experiment.stage > 0:  # from step 0 on, the first stage is trained
        changed = run.document.set("stage", 0, run.document.revision)
        assert changed is not None
        _carry_out(run, client, changed)
    if reinitialise:
        run.document.reseed()
        _tell_document(run, client)
    run.wish = Wish()
    run.note("reset", seed=run.document.experiment.seed)
    run.set_back()
    seed = run.document.experiment.seed
    if not run.supervisor.send(worker.Restart(seed=seed)):
        run.begin_again()
        run.supervisor.wake()
    return run.document.revision


def _set(run: Run, client: Client, command: commands.Set) -> int:
    changed = run.document.set(command.path, command.value, command.revision)
    if changed is not None:
        run.note("set", path=changed.path, before=changed.before, after=changed.value)
        _carry_out(run, client, changed)
    return run.document.revision


def _edit(run: Run, client: Client, command: commands.Edit) -> int:
    sections = command.model_dump(mode="json", include={"network", "data", "recipe", "training"}, exclude_none=True)
    changed = run.document.edit(sections, command.revision)
    if changed is not None:
        run.note("edit", **sections)
        _carry_out(run, client, changed)
    return run.document.revision


def _carry_out(run: Run, client: Client, changed: Changed) -> None:
    """Save the document, tell it to everybody and let the worker follow."""
    run.changed()
    _tell_document(run, client)
    if changed.trains:
        message = worker.Change(
            kind=changed.kind,
            revision=run.document.revision,
            path=changed.path,
            before=changed.before,
            value=changed.value,
            label=changed.label,
            experiment=run.document.experiment.model_dump(mode="json"),
        )
        if not run.supervisor.send(message):
            run.mark(changed.mark(run.step))
            _awake(run)  # what kept it from being built may be mended now


def _assign(run: Run, command: commands.Assign) -> None:
    if command.revision is not None:
        run.document.expect(command.revision)
    label = run.document.number_at(command.node, command.parameter, command.index, len(command.more))
    message = run.assigned.add(command, label)
    run.note("assign", **message.model_dump(include={"node", "parameter", "index", "value", "more"}))
    if not run.supervisor.send(message):
        _awake(run)


def _tell_document(run: Run, client: Client) -> None:
    run.room.emit(
        events.ExperimentEvent, revision=run.document.revision, experiment=run.document.experiment, by=client.id
    )


def _watch(run: Run, client: Client, command: commands.Watch) -> None:
    stream = run.watches.add(client.id, command)
    run.send_watches()
    run.tell_watch_problem(stream, client.id, command.watch)
    if run.state is not RunState.FAILED:  # why it failed stands there until somebody orders something
        _awake(run)
