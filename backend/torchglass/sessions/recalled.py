"""A run as it is read from the disk: what is wrong with it, and how it is listed without being opened."""

from __future__ import annotations

from torchglass.protocol.run import Mark, Parent, Resolved, RunInfo, RunProblem, RunState
from torchglass.sessions.repository import Repository
from torchglass.sessions.view import Curve, Tail
from torchglass.spec.experiment import Experiment
from torchglass.store.records import RunRecord

#: The code of the problem that the disk takes nothing for now; it ends by itself.
NOT_SAVED = "not-saved"
_STOPPED = RunProblem(
    code="server-stopped",
    message="The server stopped while this run was training.",
    way_out="It goes on from its last checkpoint as soon as you open it or press Run.",
)
#: Problems of a moment, over when the server is started again.
_OVER = ("waiting", "disk", NOT_SAVED)


def recalled_problem(record: RunRecord) -> RunProblem | None:
    """What still holds after a restart."""
    problem = RunProblem.model_validate(record.problem) if record.problem else None
    if record.state is RunState.INTERRUPTED:
        return _STOPPED
    return None if problem is not None and problem.code in _OVER else problem


def recalled_info(record: RunRecord) -> RunInfo:
    """The run resource of a run that nobody has opened since the server started."""
    experiment = Experiment.model_validate(record.experiment)
    resolved = Resolved.model_validate(record.resolved) if record.resolved else None
    return RunInfo(
        id=record.id,
        name=record.name,
        state=record.state,
        step=record.step,
        epoch=record.epoch,
        metrics=record.metrics,
        device=resolved.device if resolved else experiment.training.device,
        stepper=resolved.stepper if resolved else "",
        worker_pid=None,
        experiment=experiment,
        revision=record.revision,
        created_at=record.created_at,
        problem=recalled_problem(record),
        steps_per_epoch=record.steps_per_epoch,
        parameters=record.parameters,
        resolved=resolved,
        parent=Parent.model_validate(record.parent) if record.parent else None,
    )


async def recalled_tails(repository: Repository, record: RunRecord, points: int, most_marks: int) -> dict[int, Tail]:
    """The curves of everything that going back has set aside, by branch."""
    found = {}
    for stretch in record.asides:
        branch = stretch["branch"]
        curves = await repository.curves(record.id, points, branch=branch)
        marks = await repository.marks(record.id, most_marks, branch)
        series = {name: Curve.recall(curve).series() for name, curve in curves.items()}
        found[branch] = Tail(series, [Mark.model_validate(mark) for mark in marks])
    return found
