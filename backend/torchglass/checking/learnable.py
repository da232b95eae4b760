"""Whether there is anything to learn on the way from the data to the output that a recipe compares."""

from __future__ import annotations

from torchglass.checking.plan import Analysis, NodePlan
from torchglass.spec.problems import Problem


def check_learnable(analysis: Analysis) -> None:
    """For recipes that compare one output: everything that it is made of is fed, and some of it has weights."""
    output = getattr(analysis.recipe.config, "output", None) if analysis.recipe is not None else None
    plans = {plan.node.id: plan for plan in analysis.main.nodes.values()}
    if not isinstance(output, str) or output not in plans:
        return
    behind = _behind(output, plans)
    for plan in behind:
        if not plan.input_ports and getattr(plan.layer.config, "field", None) not in analysis.fields:
            message = f"Nothing feeds “{plan.node.id}” here, so “{output}” can not be computed: use an input instead."
            analysis.problems.append(Problem(message=message, node=plan.node.id, field="kind"))
    if not any(_weights(plan, analysis) for plan in behind):
        message = f"Nothing on the way to “{output}” has weights, so there is nothing to learn: add a dense layer."
        analysis.problems.append(Problem(message=message, node=output, field="kind"))


def _behind(output: str, plans: dict[str, NodePlan]) -> list[NodePlan]:
    """The output and everything that it is made of."""
    found: dict[str, NodePlan] = {}
    waiting = [output]
    while waiting:
        node = waiting.pop()
        if node in found or node not in plans:
            continue
        found[node] = plans[node]
        waiting += [source for sources in plans[node].sources.values() for source, _ in sources]
    return list(found.values())


def _weights(plan: NodePlan, analysis: Analysis) -> bool:
    part = plan.layer.called_part()
    if part is not None and part in analysis.parts:
        return any(_weights(inner, analysis) for inner in analysis.parts[part].nodes.values())
    return any(parameter.trainable for parameter in plan.parameters)
