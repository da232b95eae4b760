"""Whether what is frozen or silenced by hand is there."""

from __future__ import annotations

from torchglass.checking.plan import Analysis, NodePlan
from torchglass.spec.problems import Problem
from torchglass.spec.training import Hold


def check_held(analysis: Analysis) -> None:
    """Adds a problem for every hold that has nothing to hold, or can not hold single units."""
    plans = {plan.node.id: plan for plan in analysis.plans()}
    for node, hold in analysis.experiment.training.held.items():
        if not hold.active:
            continue
        words = _trouble(plans.get(node), hold, node)
        if words is not None:
            message, severity = words
            place = {"node": node} if node in plans else {}
            analysis.problems.append(
                Problem(message=message, field=f"training.held.{node}", severity=severity, **place)
            )


def units_of(plan: NodePlan) -> int | None:
    """How many units or channels leave a layer; None where that is open."""
    shape = next(iter(plan.outputs.values()), None)
    if shape is None or not shape.axes:
        return None
    size = shape.axes[0 if shape.is_image else -1].size
    return size if isinstance(size, int) else None


def _trouble(plan: NodePlan | None, hold: Hold, node: str) -> tuple[str, str] | None:
    if plan is None:
        return f"“{node}” is held by hand, but is no longer in the network: nothing is frozen or silenced.", "warning"
    units = units_of(plan)
    beyond = [unit for unit in (*hold.frozen_units, *hold.silent_units) if units is not None and unit >= units]
    if beyond:
        return f"“{node}” has {units} units; unit {beyond[0] + 1} is held by hand, but is not there.", "warning"
    if hold.frozen_units and any(not p.shape or p.shape[0] != units for p in plan.parameters if p.trainable):
        return f"The weights of “{node}” ({plan.layer.label}) do not belong to single units: freeze all of it.", "error"
    return None
