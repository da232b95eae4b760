"""What is wrong with an experiment: said at the node and field where it is wrong, with a way out."""

from __future__ import annotations

from typing import Any, Literal

from torchglass.spec.base import Spec


class Mend(Spec):
    """A one-click repair: ``path`` into the experiment takes ``value``, or a named structural action."""

    label: str
    action: Literal["set", "insert", "remove_edge", "remove_node"] = "set"
    path: str | None = None
    value: Any = None


class Problem(Spec):
    """One thing wrong, in words that a student understands."""

    message: str
    node: str | None = None
    field: str | None = None
    severity: Literal["error", "warning"] = "error"
    mend: Mend | None = None


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
