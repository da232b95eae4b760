"""A network, or a part of it, as a class: modules in ``__init__``, the graph in ``forward``."""

from __future__ import annotations

from dataclasses import dataclass

from torchglass.catalog import NodePlan
from torchglass.checking.plan import Graph
from torchglass.export.graph import Body, NetworkPlan
from torchglass.export.layout import fit, indented
from torchglass.source import Initial, SourceError, safe
from torchglass.spec.shapes import Shape


@dataclass(slots=True)
class Written:
    """A class of the script. ``inputs``: what ``forward`` takes, (node, data field or None) in order; ``paths``:
    where each node's module is found (``layers.conv1``); ``parts``: the called parts that it holds."""

    name: str
    text: str
    inputs: list[tuple[str, str | None]]
    paths: dict[str, str]
    definitions: list[str]
    initials: dict[str, Initial]
    random: bool
    parts: set[str]
    dead: bool


class NetworkWriter(NetworkPlan):
    """Writes one class."""

    def write(self, docstring: str, decorator: str = "") -> Written:
        """The class. ``decorator`` stands before ``forward``."""
        lines = [f"class {self.name}(nn.Module):", f'    """{docstring}"""', "", *indented(self._init())]
        forward, *methods = (self._method_text(body) for body in self.bodies)
        methods += [text.splitlines() for body in self.bodies for n in body.order if (text := self._source(n).method)]
        for method in methods:
            lines += ["", *indented(method)]
        lines += ["", *indented([*([decorator] if decorator else []), *forward])]
        nodes = [node for body in self.bodies for node in body.order]
        sources = [self._source(node) for node in nodes]
        main = self.bodies[0]
        fields = {node: getattr(self.analysis.layers[node].config, "field", None) for node in main.takes}
        return Written(
            self.name,
            "\n".join(lines),
            [(node, fields[node]) for node in main.takes],
            self.paths,
            [text for source in sources for text in source.definitions],
            {n: s.initial for n, s in zip(nodes, sources, strict=True) if s.initial is not None},
            bool(self.random),
            set(self.parts),
            self.dead,
        )

    def _init(self) -> list[str]:
        lines = ["def __init__(self) -> None:", "    super().__init__()"]
        modules = self._modules()
        for unit in (unit for body in self.bodies for unit in body.units):
            if len(unit) == 1 and unit[0] in modules:
                lines += fit(f"    self.{safe(unit[0])} = {self._source(unit[0]).module}")
            elif len(unit) > 1:
                path = self.paths[unit[0]].partition(".")[0]
                lines += [f"    self.{path} = nn.Sequential(", "        OrderedDict("]
                for node in unit:
                    shape = self._shape(next(iter(self.analysis.plan(node).outputs.values())))
                    lines += fit(f"            {safe(node)}={self._source(node).module},", shape)
                lines += ["        )", "    )"]
        for alias, owner in self.analysis.ties.items():
            if alias.partition(".")[0] in self.paths:
                left, right = (f"self.{self.path(name)}" for name in (alias, owner))
                lines += fit(f"    {left} = {right}", "one tensor, shared")
        return lines

    def _modules(self) -> set[str]:
        return {node for node in self.paths if self._source(node).module}

    def path(self, parameter: str) -> str:
        """``node.weight`` as it is found in the class."""
        node, _, name = parameter.partition(".")
        if node not in self.paths:
            raise SourceError(f"“{node}” shares a tensor with a node that is not trained.", node=node)
        return f"{self.paths[node]}.{name}"

    @staticmethod
    def _shape(shape: Shape) -> str:
        return f"({', '.join(['B', *map(str, shape.sizes)])})"

    def _method_text(self, body: Body) -> list[str]:
        arguments = ", ".join(["self", *(f"{safe(node)}: Tensor" for node in body.takes)])
        several = len(body.returns) > 1
        lines = fit(f"def {body.method}({arguments}) -> {'tuple[Tensor, ...]' if several else 'Tensor'}:")
        lines.append(f'    """{self._signature(body)}"""')
        statements: list[tuple[str, str, str]] = []  # target, expression, comment
        for unit in body.units:
            statements += self._statements(body, unit)
        returned = ", ".join(self._key_variable(body.graph, key) for key in body.returns)
        if statements and statements[-1][0] == returned and not several:
            _, value, comment = statements.pop()
            returned, tail = value, comment
        else:
            tail = ""
        for target, value, comment in statements:
            lines += fit(f"    {target} = {value}", comment)
        return [*lines, *fit(f"    return {returned}", tail)]

    def _signature(self, body: Body) -> str:
        taken = ", ".join(f"{safe(node)} {self._shape(body.graph.nodes[node].outputs['out'])}" for node in body.takes)
        given = ", ".join(
            f"{self._key_variable(body.graph, key)} {self._shape(self.analysis.shapes[key])}" for key in body.returns
        )
        words = f"{taken} -> {given}"
        return words if len(words) < 100 else "From the inputs to the outputs."

    def _statements(self, body: Body, unit: list[str]) -> list[tuple[str, str, str]]:
        plan = body.graph.nodes[unit[-1]]
        shapes = list(plan.outputs.values())
        comment = self._shape(shapes[0])
        if len(unit) > 1:
            path = self.paths[unit[0]].partition(".")[0]
            ((source, port),) = body.graph.nodes[unit[0]].sources["in"]
            argument = self._variable(body.graph.nodes[source], port)
            return [(self._variable(plan, plan.output_ports[0].name), f"self.{path}({argument})", comment)]
        source_text = self._source(unit[0])
        value = source_text.value or f"self.{self.paths[unit[0]]}({', '.join(self._arguments(plan, body.graph))})"
        value, comment = self._silenced(unit[0], value, comment)
        targets = self._targets(body, plan) + ["_"] * source_text.ignored
        before = [tuple(line.split(" = ", 1)) for line in source_text.before]
        return [*((a, b, "") for a, b in before), (", ".join(targets), value, comment)]

    def _silenced(self, node: str, value: str, comment: str) -> tuple[str, str]:
        """What is silenced by hand is zero. A layer of several results has no such line: it is refused."""
        hold = self.analysis.experiment.training.held.get(node)
        if hold is None or not (hold.silent or hold.silent_units):
            return value, comment
        plan = self.analysis.plan(node)
        if len(plan.output_ports) > 1:
            raise SourceError(f"“{node}” is silenced by hand, which a script can not do where several results leave.")
        whole = value if value.endswith(")") and not value.startswith("(") else f"({value})"
        if hold.silent:
            return f"{whole} * 0", f"{comment}, silenced by hand"
        shape = next(iter(plan.outputs.values()))
        axis, size = (1, shape.axes[0].size) if shape.is_image else (-1, shape.axes[-1].size)
        units = [unit for unit in sorted(set(hold.silent_units)) if not isinstance(size, int) or unit < size]
        return f"{whole}.index_fill({axis}, torch.tensor({units}, device=DEVICE), 0)", f"{comment}, silenced by hand"

    def _targets(self, body: Body, plan: NodePlan) -> list[str]:
        """Variables of the output ports; those that nothing reads begin with an underscore."""
        read = {
            (source, port)
            for node in body.order
            for ports in body.graph.nodes[node].sources.values()
            for source, port in ports
        }
        targets = []
        for port in plan.output_ports:
            key = self._key(body.graph, plan.node.id, port.name)
            used = (plan.node.id, port.name) in read or key in body.returns
            name = self._variable(plan, port.name)
            targets.append(name if used else f"_{name}")
        return targets

    def _arguments(self, plan: NodePlan, graph: Graph) -> list[str]:
        found = []
        for port in plan.input_ports:
            given = [self._variable(graph.nodes[source], out) for source, out in plan.sources.get(port.name, [])]
            found.append(f"[{', '.join(given)}]" if port.many else given[0] if given else "None")
        return found
