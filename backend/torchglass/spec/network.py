"""The network: any directed acyclic graph of nodes with named ports, and named parts of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from torchglass.spec.base import Kind, Label, Name, Settings, Spec

MAX_NODES = 2000
MAX_EDGES = 8000


class Node(Spec):
    """One layer. ``tied`` maps a parameter of this node to ``node.parameter`` that it shares."""

    id: Name
    kind: Kind
    config: Settings
    label: Label | None = None
    tied: dict[Name, str] = Field(default_factory=dict, max_length=8)


class Edge(Spec):
    """Carries the tensor of ``source.source_port`` to ``target.target_port``.

    A port that takes many inputs (``add``, ``concatenate``) receives them in the order of the edges.
    """

    source: Name
    target: Name
    source_port: Name = "out"
    target_port: Name = "in"


class Network(Spec):
    """``parts`` names sets of nodes. A part called by a ``part`` or ``scan`` node runs only there; any other
    part runs with the rest, and a recipe may also run it alone (the generator of a GAN)."""

    nodes: Annotated[list[Node], Field(max_length=MAX_NODES)] = Field(default_factory=list)
    edges: Annotated[list[Edge], Field(max_length=MAX_EDGES)] = Field(default_factory=list)
    parts: dict[Name, list[Name]] = Field(default_factory=dict, max_length=256)

    def node(self, node_id: str) -> Node:
        """The node of that id; KeyError if there is none."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)
