"""Whether every stage to come fits together, as the experiment that it will be."""

from __future__ import annotations

from collections.abc import Callable

from torchglass.checking.plan import Analysis
from torchglass.spec.experiment import Experiment, Stage
from torchglass.spec.network import Network
from torchglass.spec.problems import Problem
from torchglass.spec.stages import at_stage

_SECTIONS = ("data", "recipe", "training")


def check_stages(analysis: Analysis, analyse: Callable[[Experiment], Analysis]) -> None:
    """Adds the problems of the stages. What was said of the experiment itself, or of a stage before, is not said
    again."""
    experiment = analysis.experiment
    if experiment.stage >= max(1, len(experiment.stages)):
        message = f"Stage {experiment.stage + 1} is not there: the experiment has {len(experiment.stages)}."
        analysis.problems.append(Problem(message=message, field="stage"))
        return
    if not experiment.stages:
        return
    analysis.problems += _current(experiment)
    for number, stage in enumerate(experiment.stages):
        analysis.problems += _names(experiment.network, stage, f"stages.{number}")
    said = {(problem.node, problem.message) for problem in analysis.problems}
    for number in range(experiment.stage + 1, len(experiment.stages)):
        staged = at_stage(experiment, number)
        if staged.stages[number].initial == "prune" and staged.training.pruning is None:
            message = "This stage begins with pruning, and its training does not say how much: set training.pruning."
            analysis.problems.append(Problem(message=message, field=f"stages.{number}.initial"))
        for problem in analyse(staged.model_copy(update={"stages": [], "stage": 0})).errors:
            if (problem.node, problem.message) not in said:
                said.add((problem.node, problem.message))
                analysis.problems.append(_placed(problem, number))


def _current(experiment: Experiment) -> list[Problem]:
    """What the stage that is trained changes stands in the experiment itself."""
    number, stage = experiment.stage, experiment.stages[experiment.stage]
    told = [name for name in _SECTIONS if getattr(stage, name) is not None]
    message = "This stage is the one that is trained: what it changes stands in the experiment itself, not here."
    found = [Problem(message=message, field=f"stages.{number}.{name}") for name in told]
    if number == 0 and (stage.frozen or stage.fresh or stage.initial != "keep"):
        message = "The first stage begins with the experiment: freeze layers there (“Held by hand”)."
        found.append(Problem(message=message, field="stages.0"))
    return found


def _names(network: Network, stage: Stage, place: str) -> list[Problem]:
    known = {node.id for node in network.nodes} | set(network.parts)
    found = []
    for field in ("frozen", "fresh"):
        for name in getattr(stage, field):
            if name not in known:
                message = f"There is no layer or part called “{name}”."
                found.append(Problem(message=message, field=f"{place}.{field}"))
    return found


def _placed(problem: Problem, number: int) -> Problem:
    inside = (problem.field or "").split(".")[0] in _SECTIONS
    field = f"stages.{number}.{problem.field}" if inside else f"stages.{number}"
    message = problem.message if inside else f"In stage {number + 1}: {problem.message}"
    return problem.model_copy(update={"field": field, "message": message, "mend": None})
