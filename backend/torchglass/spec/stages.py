"""Which stage of an experiment is trained: its data, recipe and training stand in the experiment itself.

``stages`` is the plan. Entering a stage puts what it says in the place of what was trained before, which is kept in
the stage that is left, so that one can come back to it (docs/decisions/014-stages.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from torchglass.spec.experiment import Experiment, Stage
from torchglass.spec.network import Network
from torchglass.spec.training import Hold


def at_stage(experiment: Experiment, number: int) -> Experiment:
    """The document while that stage (from 0) is trained. Raises ValueError in words where there is none."""
    if not 0 <= number < len(experiment.stages):
        raise ValueError(f"There is no stage {number + 1}: the experiment has {len(experiment.stages)}.")
    while experiment.stage < number:
        experiment = _moved(experiment, experiment.stage + 1)
    return experiment if experiment.stage == number else _moved(experiment, number)


def caught_up(experiment: Experiment, number: int) -> Experiment:
    """The same in that stage, where it stands in an earlier one."""
    return at_stage(experiment, number) if experiment.stage < number < len(experiment.stages) else experiment


def next_stage(experiment: Experiment) -> int | None:
    """The number of the stage that follows; None for the last, or where there are none."""
    return experiment.stage + 1 if experiment.stage + 1 < len(experiment.stages) else None


def stage_name(experiment: Experiment, number: int) -> str:
    """``stage 2: new head``."""
    name = experiment.stages[number].name
    return f"stage {number + 1}: {name}" if name else f"stage {number + 1} of {len(experiment.stages)}"


def members(network: Network, names: Iterable[str]) -> list[str]:
    """The nodes that these names of nodes and parts stand for."""
    return [node for name in names for node in network.parts.get(name, [name])]


def _moved(experiment: Experiment, number: int) -> Experiment:
    """Leave the stage of now for another one."""
    held = _released(experiment, experiment.stages[experiment.stage])
    training = experiment.training.model_copy(update={"held": held})
    sections = {"data": experiment.data, "recipe": experiment.recipe, "training": training}
    stages = list(experiment.stages)
    stages[experiment.stage] = stages[experiment.stage].model_copy(update=sections)
    entered = stages[number]
    training = entered.training or training
    frozen = {name: _frozen(training.held.get(name)) for name in members(experiment.network, entered.frozen)}
    stages[number] = entered.model_copy(update=dict.fromkeys(sections))
    return experiment.model_copy(
        update={
            "data": entered.data or experiment.data,
            "recipe": entered.recipe or experiment.recipe,
            "training": training.model_copy(update={"held": {**training.held, **frozen}}),
            "stages": stages,
            "stage": number,
        }
    )


def _frozen(hold: Hold | None) -> Hold:
    return (hold or Hold()).model_copy(update={"frozen": True})


def _released(experiment: Experiment, stage: Stage) -> dict[str, Hold]:
    """What is held once the stage's own freezing is over."""
    own = set(members(experiment.network, stage.frozen))
    held = {
        name: hold.model_copy(update={"frozen": False}) if name in own else hold
        for name, hold in experiment.training.held.items()
    }
    return {name: hold for name, hold in held.items() if hold.active or name not in own}
