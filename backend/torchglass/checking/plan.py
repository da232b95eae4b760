"""The checked network: what runs in which order, with every shape. The builder and the report read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torchglass.datasets.base import FieldSpec
from torchglass.layers.base import Context, Layer, Parameter, Port
from torchglass.recipes.base import Recipe, Subject
from torchglass.spec.experiment import Experiment
from torchglass.spec.network import Node
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import Shape

#: Where a value comes from: (node id, output port), the port by its real name.
Source = tuple[str, str]


@dataclass(slots=True)
class NodePlan:
    """One node that runs. ``sources`` lists, for every connected input port, where its values come from (one, or
    several in the order of the edges); ``inputs`` and ``outputs`` are the shapes by port."""

    node: Node
    layer: Layer
    input_ports: tuple[Port, ...]
    output_ports: tuple[Port, ...]
    sources: dict[str, list[Source]]
    inputs: dict[str, Shape | list[Shape]]
    outputs: dict[str, Shape]
    parameters: list[Parameter]
    multiply_adds: int = 0


@dataclass(slots=True)
class Graph:
    """The main network (``name`` None) or a called part.

    ``inputs``: for a part its part inputs, for the main network every node without input ports. ``outputs``: the
    ends of a part by port name on the calling node -> (node, port); in the main network every node that nothing
    reads, by its id.
    """

    name: str | None
    order: list[str] = field(default_factory=list)
    nodes: dict[str, NodePlan] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: dict[str, Source] = field(default_factory=dict)


@dataclass(slots=True)
class Analysis:
    """Everything that checking found out. ``parts`` are the called ones only (by ``part`` and ``scan`` nodes);
    ``layers`` holds every node whose settings are valid; ``shapes`` names every output ``node`` (its first port)
    and ``node.port``; ``ties`` maps ``node.parameter`` to the ``node.parameter`` that it shares."""

    experiment: Experiment
    context: Context
    main: Graph
    parts: dict[str, Graph]
    layers: dict[str, Layer]
    fields: Mapping[str, FieldSpec]
    shapes: dict[str, Shape]
    ties: dict[str, str]
    subject: Subject
    recipe: Recipe | None
    roles: dict[str, list[str] | None]
    outputs: list[str]
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        """Without the warnings."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def plan(self, node_id: str) -> NodePlan:
        """The plan of a node of the main network or of a called part; KeyError if it could not be planned."""
        for graph in (self.main, *self.parts.values()):
            if node_id in graph.nodes:
                return graph.nodes[node_id]
        raise KeyError(node_id)

    def plans(self) -> list[NodePlan]:
        """Every planned node once, parts last."""
        return [plan for graph in (self.main, *self.parts.values()) for plan in graph.nodes.values()]
