"""What is wrong with an experiment: said at the node and field where it is wrong, with a way out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from torchglass.spec.base import Kind, Name, Settings, Spec
from torchglass.spec.network import Edge, Node


class Patch(Spec):
    """A change of the network's structure. What is removed goes first, then the new nodes and connections come."""

    remove_nodes: list[Name] = Field(default_factory=list)
    remove_edges: list[Edge] = Field(default_factory=list)
    add_nodes: list[Node] = Field(default_factory=list)
    add_edges: list[Edge] = Field(default_factory=list)


class Insert(Spec):
    """A layer that should stand before the node that complains: on the connection number ``index`` of its inputs,
    in their order. The check, which knows the wiring, makes a ``Patch`` of it."""

    kind: Kind
    config: Settings
    index: int = 0


class Mend(Spec):
    """A one-click repair: ``path`` into the experiment takes ``value``, and ``patch`` changes the structure.
    A layer, which does not know its neighbours, says ``insert`` instead of a patch."""

    label: str
    path: str | None = None
    value: Any = None
    patch: Patch | None = None
    insert: Insert | None = Field(default=None, exclude=True)


class Problem(Spec):
    """One thing wrong, in words that a student understands. ``others`` are further ways to mend it."""

    message: str
    node: str | None = None
    field: str | None = None
    severity: Literal["error", "warning"] = "error"
    mend: Mend | None = None
    others: list[Mend] = Field(default_factory=list)


class ShapeError(ValueError):
    """Raised by ``infer_shape``: what does not fit, which setting is at fault and how to mend it."""

    def __init__(self, message: str, *, field: str | None = None, mend: Mend | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.mend = mend


class ExperimentError(ValueError):
    """An experiment that cannot run; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.node + ': ' if p.node else ''}{p.message}" for p in problems[:5]))
        self.problems = problems
