"""How the network is wired: which node belongs where, in which order nodes run, what is connected to what."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from torchglass.layers.base import Layer, Port
from torchglass.spec.network import Edge, Network, Node
from torchglass.spec.problems import Mend, Patch, Problem


@dataclass(slots=True)
class Scope:
    """The nodes and edges of the main network or of one called part, in running order."""

    name: str | None
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    incoming: dict[str, list[Edge]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Wiring:
    """The main network and every called part, sorted."""

    main: Scope
    parts: dict[str, Scope]
    problems: list[Problem]
    ids: set[str]


def wire(network: Network, layers: dict[str, Layer]) -> Wiring:
    """Sorts nodes and edges into the main network and the called parts, and finds what cannot run."""
    problems: list[Problem] = []
    nodes = _unique(network, problems)
    owner = _owners(network, nodes, layers, problems)
    main = Scope(None)
    scopes: dict[str, Scope] = {name: Scope(name) for name in network.parts if name in _called(layers)}
    for node_id, node in nodes.items():
        home = owner.get(node_id)
        (main if home is None else scopes[home]).nodes[node_id] = node
    for edge in network.edges:
        if _both_ends(edge, nodes, problems) and _same_home(edge, owner, problems):
            home = owner.get(edge.source)
            scope = main if home is None else scopes[home]
            scope.edges.append(edge)
            scope.incoming.setdefault(edge.target, []).append(edge)
    for scope in (main, *scopes.values()):
        _sort(scope, problems)
    _no_recursion(scopes, layers, problems)
    return Wiring(main, scopes, problems, set(nodes))


def _called(layers: dict[str, Layer]) -> dict[str, str]:
    """Called part -> one node that calls it."""
    return {part: node for node, layer in layers.items() if (part := layer.called_part()) is not None}


def _unique(network: Network, problems: list[Problem]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for node in network.nodes:
        if node.id in nodes:
            problems.append(
                Problem(message=f"Two nodes are called “{node.id}”; every id must be unique.", node=node.id, field="id")
            )
        else:
            nodes[node.id] = node
    return nodes


def _owners(
    network: Network, nodes: dict[str, Node], layers: dict[str, Layer], problems: list[Problem]
) -> dict[str, str]:
    """Node -> the called part that it belongs to."""
    owner: dict[str, str] = {}
    called = _called(layers)
    for part, members in network.parts.items():
        for member in members:
            if member not in nodes:
                message = f"The part “{part}” names a node “{member}” that does not exist."
                problems.append(Problem(message=message, field=f"network.parts.{part}"))
            elif part in called and owner.setdefault(member, part) != part:
                message = f"Belongs to two called parts, “{owner[member]}” and “{part}”; it can be in only one."
                problems.append(Problem(message=message, node=member, field=f"network.parts.{part}"))
    return owner


def _both_ends(edge: Edge, nodes: dict[str, Node], problems: list[Problem]) -> bool:
    for end, other in ((edge.source, edge.target), (edge.target, edge.source)):
        if end not in nodes:
            message = f"A connection leads to or from “{end}”, which does not exist."
            place = other if other in nodes else None
            problems.append(Problem(message=message, node=place, field="network.edges", mend=_remove(edge)))
            return False
    return True


def _same_home(edge: Edge, owner: dict[str, str], problems: list[Problem]) -> bool:
    source, target = owner.get(edge.source), owner.get(edge.target)
    if source == target:
        return True
    part = source or target
    message = (
        f"The connection {edge.source} → {edge.target} crosses the border of the part “{part}”, which runs "
        "only where it "
        "is called: connect the calling node instead."
    )
    problems.append(Problem(message=message, node=edge.target, field="network.edges", mend=_remove(edge)))
    return False


def _remove(edge: Edge) -> Mend:
    return Mend(label="Remove the connection", patch=Patch(remove_edges=[edge]))


def _sort(scope: Scope, problems: list[Problem]) -> None:
    """Kahn's algorithm, in document order where the edges leave a choice."""
    waiting = {node: len(scope.incoming.get(node, ())) for node in scope.nodes}
    following: dict[str, list[str]] = {}
    for edge in scope.edges:
        following.setdefault(edge.source, []).append(edge.target)
    ready = deque(node for node, count in waiting.items() if count == 0)
    while ready:
        node = ready.popleft()
        scope.order.append(node)
        for target in following.get(node, ()):
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    if len(scope.order) < len(scope.nodes):
        problems.append(_cycle(scope, set(scope.nodes) - set(scope.order)))


def _cycle(scope: Scope, left: set[str]) -> Problem:
    """Walks backwards among the nodes that never got ready until one comes twice."""
    path: list[str] = [min(left, key=list(scope.nodes).index)]
    seen = {path[0]: 0}
    while True:
        edge = next(edge for edge in scope.incoming[path[-1]] if edge.source in left)
        if edge.source in seen:
            ring = [*reversed(path[seen[edge.source] :])]
            break
        seen[edge.source] = len(path)
        path.append(edge.source)
    first = ring.index(min(ring, key=list(scope.nodes).index))
    ring = ring[first:] + ring[:first]
    shown = " → ".join([*ring[:8], *(["…"] if len(ring) > 8 else []), ring[0]])
    closing = next(edge for edge in scope.incoming[ring[0]] if edge.source == ring[-1])
    message = f"The connections form a cycle: {shown}. Use a scan to carry a state from step to step."
    return Problem(message=message, node=ring[0], field="network.edges", mend=_remove(closing))


def _no_recursion(scopes: dict[str, Scope], layers: dict[str, Layer], problems: list[Problem]) -> None:
    """A part that calls itself, directly or through others, would never end. The offending calls are cut."""
    calls = {
        name: [
            (node, part) for node in scope.nodes if node in layers and (part := layers[node].called_part()) in scopes
        ]
        for name, scope in scopes.items()
    }
    done: set[str] = set()
    for start in scopes:
        stack: list[tuple[str, int]] = [(start, 0)]
        active = [start]
        while stack:
            name, position = stack.pop()
            if position >= len(calls[name]) or name in done:
                done.add(name)
                active.remove(name)
                continue
            stack.append((name, position + 1))
            node, part = calls[name][position]
            if part in active:
                message = f"The part “{part}” calls itself here, which would never end."
                problems.append(Problem(message=message, node=node, field="part"))
                del scopes[name].nodes[node]
                scopes[name].order = [other for other in scopes[name].order if other != node]
                calls[name].pop(position)
                stack[-1] = (name, position)
            elif part is not None and part not in done:
                stack.append((part, 0))
                active.append(part)


def find_port(ports: tuple[Port, ...], wanted: str, default: str) -> Port | None:
    """The port of that name; the default name also means the only port there is."""
    for port in ports:
        if port.name == wanted:
            return port
    return ports[0] if wanted == default and len(ports) == 1 else None


def no_port(ports: tuple[Port, ...], edge: Edge, *, output: bool) -> Problem:
    """The edge names a port that its source (``output``) or target does not have."""
    node, name = (edge.source, edge.source_port) if output else (edge.target, edge.target_port)
    listed = ", ".join(f"“{port.name}”" for port in ports)
    sort = "output" if output else "input"
    message = f"There is no {sort} called “{name}” here; " + (f"there are: {listed}." if ports else "there is none.")
    return Problem(message=message, node=node, field="network.edges", mend=_remove(edge))


def too_many(edge: Edge, port: str) -> Problem:
    """A second edge leads to a port that takes one."""
    message = f"Two connections lead to “{port}”, which takes only one. Join them first, by adding or concatenating."
    return Problem(message=message, node=edge.target, field="network.edges", mend=_remove(edge))
