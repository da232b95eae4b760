"""The analysis as a report that can be sent."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from torchglass.checking.analysis import examples
from torchglass.checking.costs import admission, element_count, measure, own_parameters
from torchglass.checking.plan import Analysis, NodePlan
from torchglass.checking.suggest import suggestions
from torchglass.layers.base import Layer, Port
from torchglass.spec.experiment import Data
from torchglass.spec.network import Node
from torchglass.spec.report import (
    CheckReport,
    ExampleCounts,
    FieldReport,
    NodeReport,
    ParameterInfo,
    PortInfo,
    ShapeInfo,
    TapInfo,
)
from torchglass.spec.shapes import Shape


def report(analysis: Analysis) -> CheckReport:
    """Everything a person needs to know before pressing run."""
    costs = measure(analysis)
    problems = [*analysis.problems, *admission(costs, analysis.experiment.data.batch_size)]
    part_of = {node: name for name, graph in analysis.parts.items() for node in graph.nodes}
    plans = {plan.node.id: plan for plan in analysis.plans()}
    nodes = []
    for node in {node.id: node for node in reversed(analysis.experiment.network.nodes)}.values():
        nodes.append(_node(node, plans.get(node.id), analysis, part_of.get(node.id)))
    nodes.reverse()
    return CheckReport(
        ok=not any(problem.severity == "error" for problem in problems),
        problems=problems,
        nodes=nodes,
        order=analysis.main.order,
        fields={
            name: FieldReport(
                shape=ShapeInfo.of(field.shape),
                storage=field.storage,
                role=field.role,
                classes=list(field.classes[:1000]),
                columns=list(field.columns[:1000]),
            )
            for name, field in analysis.fields.items()
        },
        examples=_examples(analysis.experiment.data),
        roles=analysis.roles,
        outputs=analysis.outputs,
        parameters=costs.parameters,
        multiply_adds=costs.multiply_adds,
        activations=costs.activations,
        memory=costs.memory,
        step_seconds=costs.step_seconds,
        suggestions=suggestions(analysis),
    )


def _examples(data: Data) -> ExampleCounts:
    train, test = examples(data)
    return ExampleCounts(train=train, test=test)


def _node(node: Node, plan: NodePlan | None, analysis: Analysis, part: str | None) -> NodeReport:
    if plan is None:
        layer = analysis.layers.get(node.id)
        return NodeReport(id=node.id, kind=node.kind, part=part, input_ports=_ports(layer.inputs if layer else ()))
    return NodeReport(
        id=node.id,
        kind=node.kind,
        part=part,
        input_ports=_ports(plan.input_ports),
        output_ports=_ports(plan.output_ports),
        outputs={name: ShapeInfo.of(shape) for name, shape in plan.outputs.items()},
        parameters=own_parameters(plan, analysis.ties),
        parameter_shapes=[
            ParameterInfo(
                name=item.name,
                shape=list(item.shape),
                trainable=item.trainable,
                tied=analysis.ties.get(f"{node.id}.{item.name}"),
            )
            for item in plan.parameters
        ],
        multiply_adds=plan.multiply_adds,
        activations=element_count(plan),
        taps=_taps(plan.layer, plan.outputs.get(plan.output_ports[0].name) if plan.output_ports else None),
    )


def _ports(ports: tuple[Port, ...]) -> list[PortInfo]:
    return [_port(port) for port in ports]


@lru_cache(maxsize=1024)
def _port(port: Port) -> PortInfo:
    return PortInfo(name=port.name, many=port.many, optional=port.optional)


@lru_cache(maxsize=1024)
def _tap(name: str, source: Any, picture: Any) -> TapInfo:
    return TapInfo(name=name, source=source, picture=picture)


def _taps(layer: Layer, shape: Shape | None) -> list[TapInfo]:
    """The layer's taps, the picture of an activation chosen by its shape."""
    taps = []
    for tap in layer.taps():
        picture = tap.picture
        if tap.source == "activation" and shape is not None and picture in ("maps", "bars", "matrix"):
            picture = "maps" if shape.is_image else ("matrix" if len(shape.axes) == 2 else "bars")
        taps.append(_tap(tap.name, tap.source, picture))
    return taps
