"""What an experiment says about learning: preparation, recipe, optimizers, schedule."""

from __future__ import annotations

from collections.abc import Iterable

from torchglass.checking.augmented import check_augment
from torchglass.checking.entries import make, placed
from torchglass.checking.held import check_held
from torchglass.checking.plan import Analysis
from torchglass.checking.pruned import check_pruning
from torchglass.checking.words import nearest
from torchglass.datasets import by_hand
from torchglass.datasets.base import DATASETS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.prepare.base import PREPARES
from torchglass.recipes.base import RECIPES, Recipe
from torchglass.schedules.base import SCHEDULES
from torchglass.spec.base import Choice
from torchglass.spec.experiment import Data
from torchglass.spec.problems import Mend, Problem
from torchglass.spec.training import Training


def check_learning(analysis: Analysis) -> None:
    """Adds the recipe, its roles and outputs to the analysis, and the problems of everything around it."""
    experiment = analysis.experiment
    _prepare(experiment.data, analysis.fields, "data", analysis.problems)
    check_augment(experiment.data, analysis.fields, RECIPES.get(experiment.recipe.kind), "data", analysis.problems)
    network_fine = not analysis.errors
    before = len(analysis.problems)
    recipe = _recipe(experiment.recipe, "recipe", analysis.problems)
    if recipe is not None and len(analysis.problems) == before:
        analysis.recipe = recipe
        analysis.roles = recipe.roles(experiment.network)
        if network_fine:
            found = [_in_recipe(problem) for problem in recipe.problems(analysis.subject)]
            analysis.problems += found
            if not any(problem.severity == "error" for problem in found):
                analysis.outputs = recipe.outputs(analysis.subject)
        _roles(analysis.roles, experiment.training, analysis)
    _training(experiment.training, "training", analysis.problems)
    if analysis.recipe is not None:
        _judging(analysis, analysis.recipe)
    if network_fine:
        check_held(analysis)
        check_pruning(analysis)


def _recipe(choice: Choice, prefix: str, problems: list[Problem]) -> Recipe | None:
    made = make(RECIPES, choice.kind, choice.config, "recipe")
    problems += [placed(problem, prefix=prefix) for problem in made.problems]
    loss = getattr(made.entry.config, "loss", None) if made.entry is not None else None
    if isinstance(loss, Choice):
        inner = make(LOSSES, loss.kind, loss.config, "loss")
        problems += [placed(problem, prefix=f"{prefix}.config.loss") for problem in inner.problems]
    return made.entry


def _judging(analysis: Analysis, recipe: Recipe) -> None:
    """Target and patience look at the test curve: without one they would wait for ever."""
    experiment, stop = analysis.experiment, analysis.experiment.training.stop
    made = make(DATASETS, experiment.data.kind, experiment.data.config, "data set").entry
    loss = getattr(recipe.config, "loss", None)
    numbers = isinstance(loss, Choice) and loss.kind in LOSSES and LOSSES[loss.kind].group == "Numbers"
    reason, mend = None, None
    if type(recipe).evaluate is Recipe.evaluate:
        reason = f"the recipe “{recipe.label}” measures nothing on test examples"
    elif made is not None and by_hand.counts(made, experiment.data)[1] == 0:
        reason = "this data has no test examples"
    elif stop.judge == "accuracy" and numbers:
        reason = "numbers are predicted, which have no accuracy"
        mend = Mend(label="Judge by the loss", path="training.stop.judge", value="loss")
    if reason is None:
        return
    for name, words in (("target", "target"), ("patience", "patience")):
        if getattr(stop, name) is not None:
            message = f"The {words} never ends this run: it is judged on the test curve, and {reason}."
            field = f"training.stop.{name}"
            off = Mend(label=f"Turn the {words} off", path=field, value=None)
            more = Problem(message=message, field=field, severity="warning", mend=mend or off)
            analysis.problems.append(more)


def _in_recipe(problem: Problem) -> Problem:
    """A recipe names its own settings; the document knows them as ``recipe.config.<name>``."""
    if problem.field is None or "." in problem.field:
        return problem
    return problem.model_copy(update={"field": f"recipe.config.{problem.field}"})


def _prepare(data: Data, fields: Iterable[str], prefix: str, problems: list[Problem]) -> None:
    known = list(fields)
    for number, choice in enumerate(data.prepare):
        place = f"{prefix}.prepare.{number}"
        made = make(PREPARES, choice.kind, choice.config, "preparation")
        problems += [placed(problem, prefix=place) for problem in made.problems]
        name = made.entry.field() if made.entry is not None else None
        if name is not None and known and name not in known:
            near = nearest(name, known) or known[0]
            mend = Mend(label=f"Use “{near}”", path=f"{place}.config.field", value=near)
            message = f"The data has no field “{name}”; it has: {', '.join(known)}."
            problems.append(Problem(message=message, field=f"{place}.config.field", mend=mend))


def _roles(roles: dict[str, list[str] | None], training: Training, analysis: Analysis) -> None:
    for role in roles:
        if role not in training.optimizers:
            path = f"training.optimizers.{role}"
            mend = Mend(label="Use Adam", path=path, value={"kind": "adam", "config": {}})
            message = f"“{role}” has no optimizer: say how its weights are updated."
            analysis.problems.append(Problem(message=message, field=path, mend=mend))
    for role in training.optimizers:
        if role not in roles:
            message = (
                f"Nothing is trained under the name “{role}”; this recipe trains: {', '.join(roles) or 'nothing'}."
            )
            field = f"training.optimizers.{role}"
            analysis.problems.append(Problem(message=message, field=field, severity="warning"))
    parts = analysis.experiment.network.parts
    for role, names in roles.items():
        for name in names or []:
            if name not in parts:
                message = f"“{role}” trains the part “{name}”, which the network does not have."
                analysis.problems.append(Problem(message=message, field="recipe.config"))


def _training(training: Training, prefix: str, problems: list[Problem]) -> None:
    for role, choice in training.optimizers.items():
        made = make(OPTIMIZERS, choice.kind, choice.config, "optimizer")
        problems += [placed(problem, prefix=f"{prefix}.optimizers.{role}") for problem in made.problems]
    schedule = make(SCHEDULES, training.schedule.kind, training.schedule.config, "schedule")
    problems += [placed(problem, prefix=f"{prefix}.schedule") for problem in schedule.problems]
