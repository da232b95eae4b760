"""Which unit is which: names for every axis of every parameter, by which an edit finds the numbers again.

A dense layer that widens keeps units 0, 1, ... and adds new ones; its consumers know their columns by the units that
feed them, through activations, flattening and joining. So a column follows its unit when another one before it
appears or goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from torchglass.catalog import Analysis, NodePlan
from torchglass.layers._units import called, in_blocks, numbered
from torchglass.layers.base import Parameter
from torchglass.spec.shapes import Shape

#: Names along one axis, int64 [n].
Units = np.ndarray
#: Axes along which what is new begins at zero, so that a grown consumer computes what it did before.
QUIET = ("in", "window")


def axes_of(plan: NodePlan, parameter: Parameter) -> tuple[str, ...]:
    """What each axis counts (see ``layers.base.Parameter``), by the declaration or the default."""
    if parameter.axes:
        return parameter.axes
    rank = len(parameter.shape)
    if rank == 1:
        return ("out",) if learns_units(plan) else ("through",)
    return ("out", "in", *["window"] * (rank - 2))[:rank]


def learns_units(plan: NodePlan) -> bool:
    """Whether what leaves is made of what arrives by learned weights (and not just scaled one by one)."""
    return any(len(parameter.shape) > 1 for parameter in plan.parameters)


class UnitNames:
    """Names of the units of every output and of every parameter axis of one analysed network."""

    def __init__(self, analysis: Analysis) -> None:
        self._outputs: dict[tuple[str, str], Units] = {}
        self._plans = {plan.node.id: plan for plan in analysis.plans()}
        self._arrived: dict[str, dict[str, list[Units]]] = {}
        for graph in (*analysis.parts.values(), analysis.main):
            for node in graph.order:
                if node in graph.nodes:
                    self._visit(graph.nodes[node], analysis)

    def _visit(self, plan: NodePlan, analysis: Analysis) -> None:
        arrived = {port: [self._outputs[source] for source in found] for port, found in plan.sources.items()}
        self._arrived[plan.node.id] = arrived
        own = plan.layer.unit_names(lambda names: called(plan.node.id, names), arrived, plan.inputs)
        for number, port in enumerate(plan.output_ports):
            if own is not None and number == 0:
                self._outputs[plan.node.id, port.name] = own
            else:
                self._outputs[plan.node.id, port.name] = self._usual(plan, port.name, arrived, analysis)

    def _usual(self, plan: NodePlan, port: str, arrived: Mapping[str, Sequence[Units]], analysis: Analysis) -> Units:
        """Those that arrive, where as many leave and none is made by weights; else own ones."""
        count = _size(plan.outputs[port])
        passing = [units for found in arrived.values() for units in found]
        made_here = learns_units(plan) or plan.layer.called_part() is not None
        if len(passing) == 1 and len(passing[0]) == count and not made_here:
            return passing[0]
        field = getattr(plan.layer.config, "field", None) if not plan.input_ports else None
        columns = analysis.fields[field].columns if isinstance(field, str) and field in analysis.fields else ()
        if len(columns) == count and len(set(columns)) == count:
            return called(plan.node.id, columns)
        return numbered(f"{plan.node.id}.{port}", count)

    def of(self, node: str, name: str, shape: Sequence[int]) -> list[Units]:
        """Names along every axis of that parameter or buffer."""
        plan = self._plans[node]
        parameter = next((item for item in plan.parameters if item.name == name), None)
        if parameter is None:
            return [_rows(size) for size in shape]
        kinds = axes_of(plan, parameter)
        return [_distinct(self._along(plan, kind, size)) for kind, size in zip(kinds, shape, strict=True)]

    def quiet(self, node: str, name: str, rank: int) -> list[bool]:
        """For every axis, whether what is new along it begins at zero."""
        plan = self._plans[node]
        parameter = next((item for item in plan.parameters if item.name == name), None)
        kinds = axes_of(plan, parameter) if parameter is not None else ("row",) * rank
        return [kind.partition(":")[0] in QUIET for kind in kinds]

    def _along(self, plan: NodePlan, kind: str, size: int) -> Units:
        first, _, second = kind.partition("*")
        blocks, base, in_turn = 1, kind, False
        if second:
            in_turn = second.isdigit()
            blocks, base = (int(second), first) if in_turn else (int(first), second)
        units = self._base(plan, base, size)
        if blocks > 1:
            units = in_blocks(units, blocks, in_turn=in_turn)
        return units if len(units) == size else _rows(size)

    def _base(self, plan: NodePlan, kind: str, size: int) -> Units:
        what, _, port = kind.partition(":")
        if what in ("out", "through"):
            return self._outputs[plan.node.id, plan.output_ports[0].name]
        if what == "in":
            arrived = self._arrived[plan.node.id].get(port or plan.input_ports[0].name, [])
            return arrived[0] if len(arrived) == 1 else np.empty(0, np.int64)
        # The middle of a window stays its middle.
        return _rows(size, size // 2) if what == "window" else _rows(size)


def _distinct(units: Units) -> Units:
    """A unit that arrives twice (joined with itself, say) counts as two."""
    order = np.argsort(units, kind="stable")
    ordered = units[order]
    first = np.searchsorted(ordered, ordered)
    if (first == np.arange(len(units))).all():
        return units
    again = np.empty(len(units), np.int64)
    again[order] = np.arange(len(units)) - first
    copies = in_blocks(units, int(again.max()) + 1).reshape(-1, len(units))
    return np.where(again > 0, copies[again, np.arange(len(units))], units)


def _rows(size: int, middle: int = 0) -> Units:
    return np.arange(size, dtype=np.int64) - middle


def _size(shape: Shape) -> int:
    """Units of one example: channels of an image, the last axis of anything else; 0 where it has no fixed number."""
    if not shape.axes:
        return 0
    size = shape.axes[0 if shape.is_image else -1].size
    return size if isinstance(size, int) else 0
