"""Whether pruning leaves something of every layer, and comes before the end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torchglass.checking.plan import Analysis
from torchglass.spec.problems import Problem

_FIELD = "training.pruning.sparsity"


def check_pruning(analysis: Analysis) -> None:
    """Adds a warning at every layer that would be pruned away, and where nothing would be pruned at all."""
    settings, stop = analysis.experiment.training.pruning, analysis.experiment.training.stop
    if settings is None:
        return
    weights = list(_weights(analysis))
    if not weights:
        message = "There are no weights to prune: biases stay, and so does what is frozen by hand."
        analysis.problems.append(Problem(message=message, field="training.pruning", severity="warning"))
    for node, name, count in weights:
        if settings.scope == "layer" and round(settings.sparsity * count) >= count:
            message = (
                f"{settings.sparsity:.4g} of the {count} weights of “{node}” is all of them: the layer would be pruned "
                f"away, so its largest {name} stays. Take a smaller share, or the smallest of all layers together."
            )
            analysis.problems.append(Problem(message=message, node=node, field=_FIELD, severity="warning"))
    last = settings.first + (settings.rounds - 1) * settings.every
    if stop.steps is not None and last >= stop.steps:
        message = f"The last round of pruning comes after step {last:,}, but the run ends at step {stop.steps:,}."
        analysis.problems.append(Problem(message=message, field="training.pruning.first", severity="warning"))


def _weights(analysis: Analysis) -> Iterator[tuple[str, str, int]]:
    """(node, parameter, how many) of what can be pruned."""
    held = analysis.experiment.training.held
    for plan in analysis.plans():
        node = plan.node.id
        if node in held and held[node].frozen:
            continue
        for parameter in plan.parameters:
            tied = f"{node}.{parameter.name}" in analysis.ties
            if parameter.trainable and len(parameter.shape) > 1 and not tied:
                yield node, parameter.name, math.prod(parameter.shape)
