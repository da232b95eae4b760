"""Shape inference over the whole network, parts included."""

from __future__ import annotations

from collections.abc import Mapping

from torchglass.checking.entries import placed
from torchglass.checking.mends import mended
from torchglass.checking.plan import Graph, NodePlan, Source
from torchglass.checking.wiring import Scope, Wiring, find_port, no_port, too_many
from torchglass.datasets.base import FieldSpec
from torchglass.layers.base import Context, Layer, Parameter, Port
from torchglass.spec.network import Node
from torchglass.spec.problems import Problem, ShapeError
from torchglass.spec.shapes import Shape

#: No tensor of one example may have more elements than this, long before any memory is asked for.
MAX_ELEMENTS = 2**40


class _ReportedError(ShapeError):
    """A part failed and its problem was already said at the node inside it."""


class Inference:
    """Walks the scopes in order. Problems are collected, never raised; what depends on a broken node is skipped."""

    def __init__(
        self, wiring: Wiring, layers: dict[str, Layer], fields: Mapping[str, FieldSpec], *, data_known: bool = True
    ) -> None:
        self.wiring = wiring
        self.layers = layers
        self.fields = fields
        self.problems: list[Problem] = []
        self.main = Graph(None)
        self.parts: dict[str, Graph] = {}
        self._ports: dict[str, tuple[list[str], dict[str, Source]]] = {}
        self._calls: dict[tuple[str, tuple[tuple[str, Shape], ...]], dict[str, Shape] | None] = {}
        self.context = Context(
            field_shape=self._field_shape,
            call_part=self._call_part,
            part_ports=lambda name: (lambda ports: (ports[0], list(ports[1])))(self._part_ports(name)),
            field_names=tuple(fields),
        )

        self._data_known = data_known

    def _field_shape(self, name: str) -> Shape:
        if not self._data_known:
            raise _ReportedError("The data set itself has a problem.")
        return self.fields[name].shape

    def run(self) -> None:
        """Plans the main network, and every part that it calls."""
        self.main = self._infer(self.wiring.main, {})
        self.main.inputs = [node for node, plan in self.main.nodes.items() if not plan.input_ports]
        read = {edge.source for edge in self.wiring.main.edges}
        for node, plan in self.main.nodes.items():
            if node not in read and plan.output_ports:
                self.main.outputs[node] = (node, plan.output_ports[0].name)

    def _infer(self, scope: Scope, given: Mapping[str, Shape]) -> Graph:
        graph = Graph(scope.name, list(scope.order))
        for node_id in scope.order:
            layer = self.layers.get(node_id)
            if layer is None:
                continue
            try:
                plan = self._plan(scope, graph, scope.nodes[node_id], layer, given)
            except _ReportedError:
                continue
            except ShapeError as error:
                field = error.field or _entrance(scope, node_id)
                problem = placed(Problem(message=error.message, field=field, mend=error.mend), node=node_id)
                self.problems.append(mended(problem, scope, graph, self.layers, self.wiring.ids))
                continue
            if plan is not None:
                graph.nodes[node_id] = plan
        return graph

    def _plan(
        self, scope: Scope, graph: Graph, node: Node, layer: Layer, given: Mapping[str, Shape]
    ) -> NodePlan | None:
        inputs_ports, output_ports = layer.input_ports(self.context), layer.output_ports(self.context)
        connected = self._sources(scope, graph, node, inputs_ports)
        if connected is None:
            return None
        sources, inputs = connected
        if scope.name is not None and not inputs_ports and node.kind != "part_input":
            raise ShapeError(f"The part “{scope.name}” is called, so values enter it through part inputs only.")
        outputs = (
            layer.infer_shape(inputs, self.context) if node.id not in given else self._passed(layer, given[node.id])
        )
        for shape in outputs.values():
            if shape.count() > MAX_ELEMENTS:
                raise ShapeError(f"The result {shape} has {shape.count():,} numbers for one example: far too many.")
        parameters = layer.parameters(inputs, self.context)
        cost = layer.multiply_adds(inputs, outputs)
        return NodePlan(node, layer, inputs_ports, output_ports, sources, inputs, outputs, parameters, cost)

    def _passed(self, layer: Layer, shape: Shape) -> dict[str, Shape]:
        wanted = getattr(layer.config, "shape", None)
        if wanted is not None and tuple(wanted) != shape.sizes:
            expected = "×".join(str(size) for size in wanted) or "1"
            raise ShapeError(f"This part input expects {expected}, but {shape} is passed in.", field="shape")
        return {"out": shape}

    def _sources(
        self, scope: Scope, graph: Graph, node: Node, ports: tuple[Port, ...]
    ) -> tuple[dict[str, list[Source]], dict[str, Shape | list[Shape]]] | None:
        """Where the inputs come from and their shapes; None if something upstream or here is broken."""
        sources: dict[str, list[Source]] = {}
        shapes: dict[str, list[Shape]] = {}
        whole = True
        for edge in scope.incoming.get(node.id, ()):
            port = find_port(ports, edge.target_port, "in")
            if port is None:
                self.problems.append(no_port(ports, edge, output=False))
                whole = False
                continue
            if port.name in sources and not port.many:
                self.problems.append(too_many(edge, port.name))
                whole = False
                continue
            origin = graph.nodes.get(edge.source)
            out = find_port(origin.output_ports, edge.source_port, "out") if origin else None
            if origin is not None and out is None:
                self.problems.append(no_port(origin.output_ports, edge, output=True))
            if origin is None or out is None:
                whole = False
                sources.setdefault(port.name, [])
                continue
            sources.setdefault(port.name, []).append((edge.source, out.name))
            shapes.setdefault(port.name, []).append(origin.outputs[out.name])
        whole = self._nothing_open(node, ports, sources, node.id in scope.incoming) and whole
        if not whole:
            return None
        many = {port.name for port in ports if port.many}
        return sources, {name: found if name in many else found[0] for name, found in shapes.items()}

    def _nothing_open(
        self, node: Node, ports: tuple[Port, ...], sources: Mapping[str, object], attempted: bool
    ) -> bool:
        """Whether every port that needs a connection has one; a single port with a wrong edge is not open too."""
        missing = [port.name for port in ports if not port.optional and port.name not in sources]
        if attempted and len(ports) == 1:
            return not missing
        for name in missing:
            which = "" if len(ports) == 1 else f" “{name}”"
            self.problems.append(
                Problem(message=f"Nothing is connected to the input{which} of this node.", node=node.id, field=name)
            )
        return not missing

    def _part_ports(self, name: str) -> tuple[list[str], dict[str, Source]]:
        """Part inputs in the order of the part, and its ends by port name -> (node, port)."""
        if name not in self._ports:
            scope = self.wiring.parts[name]
            read = {edge.source for edge in scope.edges}
            inputs = [node for node, spec in scope.nodes.items() if spec.kind == "part_input"]
            self._ports[name] = (inputs, {})
            ends: dict[str, Source] = {}
            for node in scope.nodes:
                if node not in read and node not in inputs and node in self.layers:
                    for number, port in enumerate(self._end_ports(node)):
                        ends[node if number == 0 else f"{node}_{port.name}"] = (node, port.name)
            self._ports[name] = (inputs, ends)
        return self._ports[name]

    def _end_ports(self, node: str) -> tuple[Port, ...]:
        """Output ports of a node; none where it calls a part that does not exist (said when it is planned)."""
        try:
            return self.layers[node].output_ports(self.context)
        except ShapeError:
            return ()

    def _call_part(self, name: str, inputs: Mapping[str, Shape]) -> dict[str, Shape]:
        if name not in self.wiring.parts:
            raise ShapeError(f"The network has no part called “{name}”.", field="part")
        key = (name, tuple(sorted(inputs.items(), key=lambda item: item[0])))
        if key not in self._calls:
            self._calls[key] = self._first_call(name, inputs)
        shapes = self._calls[key]
        if shapes is None:
            raise _ReportedError(f"The part “{name}” has a problem of its own.")
        return shapes

    def _first_call(self, name: str, inputs: Mapping[str, Shape]) -> dict[str, Shape] | None:
        scope = self.wiring.parts[name]
        graph = self._infer(scope, inputs)
        if len(graph.nodes) < len(scope.nodes):
            return None
        graph.inputs, graph.outputs = self._part_ports(name)
        known = self.parts.setdefault(name, graph)
        for node, plan in graph.nodes.items():
            before: list[Parameter] = known.nodes[node].parameters
            if plan.parameters != before:
                message = f"Two calls of the part “{name}” bring different shapes, so they can not share weights here."
                self.problems.append(Problem(message=message, node=node, field=_entrance(scope, node)))
                return None
        shapes = output_shapes(graph)
        return shapes | {end: graph.nodes[node].outputs[port] for end, (node, port) in graph.outputs.items()}


def _entrance(scope: Scope, node: str) -> str:
    """Where what does not fit arrives: the first connected input, or the kind of a node that has none."""
    return next((edge.target_port for edge in scope.incoming.get(node, ())), "kind")


def output_shapes(graph: Graph) -> dict[str, Shape]:
    """Every output as ``node`` (its first port) and ``node.port``."""
    shapes: dict[str, Shape] = {}
    for node, plan in graph.nodes.items():
        for number, port in enumerate(plan.output_ports):
            shapes[f"{node}.{port.name}"] = plan.outputs[port.name]
            if number == 0:
                shapes[node] = plan.outputs[port.name]
    return shapes
