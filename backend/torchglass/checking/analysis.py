"""One pass over an experiment: data, layers, wiring, shapes, ties, learning. Used by the check and by the builder."""

from __future__ import annotations

from collections.abc import Mapping

from torchglass.checking.entries import make, placed
from torchglass.checking.learnable import check_learnable
from torchglass.checking.learning import check_learning
from torchglass.checking.plan import Analysis, NodePlan
from torchglass.checking.shapes import Inference, output_shapes
from torchglass.checking.staged import check_stages
from torchglass.checking.vocabulary import check_vocabularies
from torchglass.checking.wiring import wire
from torchglass.datasets import by_hand
from torchglass.datasets.base import DATASETS, FieldSpec
from torchglass.layers.base import LAYERS, Layer
from torchglass.recipes.base import Subject
from torchglass.spec.experiment import Data, Experiment
from torchglass.spec.problems import Mend, Problem


def analyse(experiment: Experiment) -> Analysis:
    """Checks everything and keeps what was found. Never raises: whatever is wrong stands in ``problems``."""
    problems: list[Problem] = []
    fields = data_fields(experiment.data, problems)
    data_known = not problems
    problems += data_absent(experiment.data)
    layers = _layers(experiment, problems)
    wiring = wire(experiment.network, layers)
    problems += wiring.problems
    inference = Inference(wiring, layers, fields, data_known=data_known)
    inference.run()
    problems += inference.problems
    shapes = output_shapes(inference.main)
    for part in inference.parts.values():
        shapes |= output_shapes(part)
    subject = Subject(experiment.network, shapes, fields, {name: spec.classes for name, spec in fields.items()})
    analysis = Analysis(
        experiment,
        inference.context,
        inference.main,
        inference.parts,
        layers,
        fields,
        shapes,
        {},
        subject,
        None,
        {},
        [],
        problems,
    )
    _ties(analysis)
    _batches(analysis)
    check_vocabularies(analysis)
    check_learning(analysis)
    if not analysis.errors:
        check_learnable(analysis)
    check_stages(analysis, analyse)
    analysis.problems = _once(problems)
    return analysis


def data_fields(data: Data, problems: list[Problem], prefix: str = "data") -> Mapping[str, FieldSpec]:
    """The fields of the data; none if kind or settings are wrong, which is then among ``problems``."""
    made = make(DATASETS, data.kind, data.config, "data set")
    problems += [placed(problem, prefix=prefix) for problem in made.problems]
    return made.entry.fields() if made.entry is not None else {}


def data_absent(data: Data, prefix: str = "data") -> list[Problem]:
    """What keeps the data from being loaded on this computer, whatever its fields are."""
    entry = make(DATASETS, data.kind, data.config, "data set").entry
    if entry is None:
        return []
    return [placed(problem, prefix=prefix) for problem in entry.problems()] + by_hand.problems(entry, data)


def _layers(experiment: Experiment, problems: list[Problem]) -> dict[str, Layer]:
    layers: dict[str, Layer] = {}
    for node in experiment.network.nodes:
        made = make(LAYERS, node.kind, node.config, "layer")
        problems += [placed(problem, node=node.id) for problem in made.problems]
        if made.entry is not None:
            layers[node.id] = made.entry
    if not experiment.network.nodes:
        problems.append(
            Problem(message="The network is empty: add an input and at least one layer.", field="network.nodes")
        )
    return layers


def _ties(analysis: Analysis) -> None:
    """Finds which parameters are shared, and refuses those that do not fit."""
    plans = {plan.node.id: plan for plan in analysis.plans()}
    tied = {f"{node.id}.{name}" for node in analysis.experiment.network.nodes for name in node.tied}
    for plan in plans.values():
        for name, target in plan.node.tied.items():
            message = _tie_problem(plan, name, target, plans, tied)
            if message is None:
                analysis.ties[f"{plan.node.id}.{name}"] = target
            elif message:
                analysis.problems.append(Problem(message=message, node=plan.node.id, field=f"tied.{name}"))


def _tie_problem(plan: NodePlan, name: str, target: str, plans: Mapping[str, NodePlan], tied: set[str]) -> str | None:
    """Why this tie does not fit; None if it does, empty if it cannot be told."""
    own = {parameter.name: parameter for parameter in plan.parameters if parameter.trainable}
    if name not in own:
        return f"There is no parameter “{name}” to share here; there are: {', '.join(own) or 'none'}."
    node, _, parameter = target.partition(".")
    if node not in plans:
        return f"“{target}” names no parameter of this network (write node.parameter)."
    others = {item.name: item for item in plans[node].parameters if item.trainable}
    if parameter not in others:
        return f"“{node}” has no parameter “{parameter}”; it has: {', '.join(others) or 'none'}."
    if target == f"{plan.node.id}.{name}":
        return "A parameter can not be shared with itself."
    if target in tied:
        return f"“{target}” is shared from elsewhere itself: name the parameter where it lives."
    if own[name].shape != others[parameter].shape:
        mine, theirs = ("×".join(map(str, shape)) for shape in (own[name].shape, others[parameter].shape))
        return f"“{name}” is {mine}, but {target} is {theirs}: only equal shapes can be shared."
    return None


def examples(data: Data) -> tuple[int, int]:
    """How many examples there are for (training, test), after the experiment's own limits and edits."""
    entry = make(DATASETS, data.kind, data.config, "data set").entry
    return by_hand.counts(entry, data) if entry is not None else (0, 0)


def _batches(analysis: Analysis) -> None:
    """A batch must be large enough, and so must the training split: no batch is larger than that."""
    data = analysis.experiment.data
    train = examples(data)[0] or data.batch_size
    for plan in analysis.plans():
        least = plan.layer.minimum_batch(plan.inputs)
        if data.batch_size < least:
            mend = Mend(label=f"Use batches of {least}", path="data.batch_size", value=least)
            message = f"{plan.layer.label} needs at least {least} examples in a batch, but there is {data.batch_size}."
            analysis.problems.append(Problem(message=message, node=plan.node.id, field="data.batch_size", mend=mend))
        elif train < least:
            message = (
                f"{plan.layer.label} needs at least {least} examples in a batch, but only {train} is for training."
            )
            analysis.problems.append(Problem(message=message, node=plan.node.id, field="data.split.train"))


def _once(problems: list[Problem]) -> list[Problem]:
    """Every problem once, in order."""
    seen: set[tuple[str, str | None, str | None]] = set()
    kept = []
    for problem in problems:
        key = (problem.message, problem.node, problem.field)
        if key not in seen:
            seen.add(key)
            kept.append(problem)
    return kept
