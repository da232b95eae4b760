"""What an experiment costs: numbers, bytes and arithmetic, by integers only, before anything is allocated."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torchglass.checking.plan import Analysis, Graph, NodePlan
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.spec.problems import Problem
from torchglass.spec.report import MemoryReport

#: Refused above this many bytes while training.
MAX_BYTES = 8 * 2**30
#: Refused above this many multiply-adds in one training step (about a quarter of an hour on one core).
MAX_STEP_MULTIPLY_ADDS = 10**13
_BYTES = {"float32": 4, "float64": 8, "bfloat16": 2}
_LARGEST_REPORTED = 2**53 - 1
#: One core manages about this many multiply-adds per second; a node costs about this many seconds besides.
_RATE, _OVERHEAD = 1.5e10, 3e-5


@dataclass(frozen=True, slots=True)
class Costs:
    """Totals for one example (``multiply_adds``, ``activations``), and bytes at the batch size."""

    parameters: int
    multiply_adds: int
    activations: int
    memory: MemoryReport
    step_seconds: float
    #: The nodes that hold most bytes and do most arithmetic of their own; empty for a network without any.
    heaviest: str = ""
    busiest: str = ""


def own_parameters(plan: NodePlan, ties: dict[str, str]) -> int:
    """Trainable numbers that live at this node."""
    mine = (item for item in plan.parameters if item.trainable and f"{plan.node.id}.{item.name}" not in ties)
    return sum(math.prod(item.shape) for item in mine)


def element_count(plan: NodePlan) -> int:
    """Numbers that this node puts out for one example."""
    return sum(shape.count() for shape in plan.outputs.values())


def measure(analysis: Analysis) -> Costs:
    """What training this costs, as far as the shapes are known."""
    parameters = sum(own_parameters(plan, analysis.ties) for plan in analysis.plans())
    work, activations = _graph(analysis.main, analysis, {})
    batch = analysis.experiment.data.batch_size
    training = analysis.experiment.training
    number = _BYTES[training.precision]
    stored = max(number, 4)
    slots = [len(OPTIMIZERS[choice.kind].slots) for choice in training.optimizers.values() if choice.kind in OPTIMIZERS]
    weights = parameters * stored
    moving = 2 * activations * batch * number
    optimizer = weights * max(slots, default=0)
    memory = MemoryReport(
        parameters=_bounded(weights),
        gradients=_bounded(weights),
        optimizer=_bounded(optimizer),
        activations=_bounded(moving),
        total=_bounded(2 * weights + optimizer + moving),
    )
    seconds = 3 * min(work * batch, 10**30) / _RATE + _OVERHEAD * len(analysis.plans())
    kept = stored * (2 + max(slots, default=0))

    def held(plan: NodePlan) -> int:
        return own_parameters(plan, analysis.ties) * kept + 2 * element_count(plan) * batch * number

    plans = list(analysis.plans())
    heaviest = max(plans, key=held).node.id if plans else ""
    busiest = max(plans, key=lambda plan: plan.multiply_adds).node.id if plans else ""
    return Costs(_bounded(parameters), _bounded(work), _bounded(activations), memory, seconds, heaviest, busiest)


def _graph(graph: Graph, analysis: Analysis, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """(multiply-adds, activations) of one run of a graph, called parts counted at every call."""
    work = activations = 0
    for plan in graph.nodes.values():
        work += plan.multiply_adds
        activations += element_count(plan)
        part = plan.layer.called_part()
        if part is not None and part in analysis.parts:
            if part not in known:
                known[part] = _graph(analysis.parts[part], analysis, known)
            times = plan.layer.repeats(plan.inputs)
            work += times * known[part][0]
            activations += times * known[part][1]
    return work, activations


def _bounded(number: int) -> int:
    """As JSON numbers stay exact: at most 2^53 − 1."""
    return min(number, _LARGEST_REPORTED)


def admission(costs: Costs, batch: int) -> list[Problem]:
    """Refuses what would not fit, with the numbers."""
    problems = []
    memory = costs.memory
    if memory.total > MAX_BYTES:
        message = (
            f"Training this needs about {size(memory.total)}: {size(memory.parameters)} for "
            f"{costs.parameters:,} weights, as "
            f"much for their gradients, {size(memory.optimizer)} for the optimizer and "
            f"{size(memory.activations)} for the "
            f"values between layers at {batch} examples per batch, most of it at “{costs.heaviest}”. The limit is "
            f"{size(MAX_BYTES)}: use fewer units or smaller batches."
        )
        field = "data.batch_size" if memory.activations > memory.total // 2 else "network.nodes"
        problems.append(Problem(message=message, field=field))
    if costs.multiply_adds * batch > MAX_STEP_MULTIPLY_ADDS:
        message = (
            f"One step would take about {costs.multiply_adds * batch:.1e} multiplications, most of them at "
            f"“{costs.busiest}”, which is more than the limit of "
            f"{MAX_STEP_MULTIPLY_ADDS:.0e}: use fewer units or smaller batches."
        )
        problems.append(Problem(message=message, field="network.nodes"))
    return problems


def size(number: int) -> str:
    """Bytes for people: ``12.5 MB``."""
    value, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
