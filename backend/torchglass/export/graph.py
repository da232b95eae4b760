"""Which nodes a class of the script holds, what they are called there, and which of them form chains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from torchglass.catalog import Analysis, NodePlan
from torchglass.checking.plan import Graph
from torchglass.source import Called, LayerSource, Place, SourceError, safe

#: Modules in a row that are written as one ``nn.Sequential``.
CHAIN = 3


@dataclass(slots=True)
class Body:
    """One method: its nodes in order, what it takes and returns."""

    method: str
    graph: Graph
    order: list[str]
    takes: list[str]
    returns: list[str]
    units: list[list[str]] = field(default_factory=list)


class NetworkPlan:
    """The methods of one class: ``forward``, and one for each part that it calls.

    Nodes that lead nowhere are left out, unless they draw random numbers, which would shift those of the others
    (``dead``).
    """

    def __init__(self, analysis: Analysis, name: str, outputs: list[str], members: Iterable[str] | None) -> None:
        self.analysis = analysis
        self.name = name
        self.sources: dict[str, LayerSource] = {}
        self.called = {plan.node.id: part for plan in analysis.plans() if (part := plan.layer.called_part())}
        self.results = {part: self._results(part) for part in analysis.parts}
        main = analysis.main
        reachable = self._reachable(main, set(members) if members is not None else set(main.order))
        self.bodies = [self._body("forward", main, reachable, outputs)]
        self.parts: list[str] = []
        self._add_parts(reachable)
        nodes = [node for body in self.bodies for node in body.order]
        self.random = sum(self._source(node).random for node in nodes)
        self.dead = bool(self.random) and any(self._lead_nowhere(body) for body in self.bodies)
        if not self.dead:
            for body in self.bodies:
                body.order = self._needed(body)
        self.paths: dict[str, str] = {}
        self._arrange()

    # -- what belongs to it ------------------------------------------------------------------------------------

    def _results(self, part: str) -> list[str]:
        """What the method of a part returns: its ends, then what a node that calls it needs besides."""
        graph = self.analysis.parts[part]
        keys = [self._key(graph, node, port) for node, port in graph.outputs.values()]
        for node, called in self.called.items():
            if called == part:
                keys += self.analysis.layers[node].reads_inside()
        return list(dict.fromkeys(keys))

    @staticmethod
    def _key(graph: Graph, node: str, port: str) -> str:
        first = graph.nodes[node].output_ports[0].name
        return node if port == first else f"{node}.{port}"

    def _reachable(self, graph: Graph, members: set[str]) -> list[str]:
        """In order, the nodes whose inputs all come from within; noise that nothing feeds is left to the caller."""
        found: list[str] = []
        for node in graph.order:
            plan = graph.nodes[node]
            sources = {source for port in plan.sources.values() for source, _ in port}
            if node in members and sources <= set(found):
                found.append(node)
        return found

    def _body(self, method: str, graph: Graph, order: list[str], returns: list[str]) -> Body:
        takes = [node for node in order if not graph.nodes[node].input_ports]
        return Body(method, graph, order, takes, returns)

    def _add_parts(self, nodes: list[str]) -> None:
        for node in nodes:
            part = self.called.get(node)
            if part is None or part in self.parts:
                continue
            self.parts.append(part)
            graph = self.analysis.parts[part]
            self.bodies.append(self._body(self._method(part), graph, list(graph.order), self.results[part]))
            self.bodies[-1].takes = list(graph.inputs)  # in the order in which callers pass them
            self._add_parts(graph.order)

    def _method(self, part: str) -> str:
        name = safe(part)
        return f"run_{part}" if part in self.analysis.layers or name == "forward" else name

    def _needed(self, body: Body) -> list[str]:
        wanted = {key.partition(".")[0] for key in body.returns}
        for node in reversed(body.order):
            if node in wanted:
                wanted |= {source for port in body.graph.nodes[node].sources.values() for source, _ in port}
        takes = set(body.takes) if body.method != "forward" else wanted
        body.takes = [node for node in body.takes if node in takes]
        return [node for node in body.order if node in wanted or node in body.takes]

    def _lead_nowhere(self, body: Body) -> bool:
        kept = Body(body.method, body.graph, body.order, list(body.takes), body.returns)
        return any(self._source(node).random for node in set(body.order) - set(self._needed(kept)))

    # -- names -------------------------------------------------------------------------------------------------

    def _variable(self, plan: NodePlan, port: str) -> str:
        name = safe(plan.node.id)
        return name if port == plan.output_ports[0].name else f"{name}_{port}"

    def _key_variable(self, graph: Graph, key: str) -> str:
        node, _, port = key.partition(".")
        plan = graph.nodes[node]
        return self._variable(plan, port or plan.output_ports[0].name)

    def _source(self, node: str) -> LayerSource:
        if node not in self.sources:
            self.sources[node] = self._write_node(node)
        return self.sources[node]

    def _write_node(self, node: str) -> LayerSource:
        plan = self.analysis.plan(node)
        graph = self._graph(node)
        arguments: dict[str, str | list[str] | None] = {}
        for port in plan.input_ports:
            given = [self._variable(graph.nodes[source], out) for source, out in plan.sources.get(port.name, [])]
            arguments[port.name] = given if port.many else given[0] if given else None
        part = self.called.get(node)
        called = None
        if part is not None:
            called = Called(
                f"self.{self._method(part)}", tuple(self.analysis.parts[part].inputs), tuple(self.results[part])
            )
        place = Place(safe(node), f"self.{safe(node)}", arguments, plan.inputs, plan.outputs, called)
        try:
            return plan.layer.to_source(place)
        except NotImplementedError:
            raise SourceError(
                f"A node of the kind “{plan.node.kind}” can not be written as a script yet.", node=node
            ) from None

    def _graph(self, node: str) -> Graph:
        return next(g for g in (self.analysis.main, *self.analysis.parts.values()) if node in g.nodes)

    # -- chains ------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Cuts every method into units: single nodes, and chains that become an ``nn.Sequential``."""
        for body in self.bodies:
            chains = self._chains(body)
            inside = {node: chain for chain in chains for node in chain}
            for node in body.order:
                if node in body.takes:
                    continue
                chain = inside.get(node, [node])
                if node == chain[-1]:
                    body.units.append(chain)
                    self._place(chain, len(chains) == 1 and len(chain) == len(body.order) - len(body.takes), body)

    def _place(self, chain: list[str], everything: bool, body: Body) -> None:
        if len(chain) == 1:
            self.paths[chain[0]] = safe(chain[0])
            return
        name = f"{chain[0]}_to_{chain[-1]}"
        if everything and body.method == "forward" and "layers" not in self.analysis.layers:
            name = "layers"
        self.paths |= {node: f"{name}.{safe(node)}" for node in chain}

    def _chains(self, body: Body) -> list[list[str]]:
        readers: dict[str, int] = dict.fromkeys(body.order, 0)
        for node in body.order:
            for port in body.graph.nodes[node].sources.values():
                for source, _ in port:
                    readers[source] = readers.get(source, 0) + 1
        chains: list[list[str]] = []
        for position, node in enumerate(body.order):
            if not self._simple(body, node):
                continue
            ((source, _),) = body.graph.nodes[node].sources["in"]
            last = next((chain for chain in chains if chain[-1] == source), None)
            near = self.random < 2 or body.order[position - 1] == source
            if last is not None and readers[source] == 1 and source not in body.returns and near:
                last.append(node)
            else:
                chains.append([node])
        whole = len(body.order) - len(body.takes)
        return [chain for chain in chains if len(chain) >= min(CHAIN, max(2, whole))]

    def _simple(self, body: Body, node: str) -> bool:
        plan = body.graph.nodes[node]
        source = self._source(node)
        return (
            bool(source.module)
            and not source.value
            and [port.name for port in plan.input_ports] == ["in"]
            and len(plan.output_ports) == 1
            and not self._silent(node)
        )

    def _silent(self, node: str) -> bool:
        hold = self.analysis.experiment.training.held.get(node)
        return hold is not None and (hold.silent or bool(hold.silent_units))
