"""What a check says about an experiment: shapes, sizes, costs and problems, by node. Plain data, no torch."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import Field

from torchglass.spec.base import Choice, Spec
from torchglass.spec.network import Network
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import ElementType, Shape


class AxisInfo(Spec):
    """One axis: its name (C, H, W, D, T, N) and its size; a name as size differs from batch to batch."""

    name: str
    size: int | str


class ShapeInfo(Spec):
    """Shape of one example; ``text`` is for people, such as ``8×14×14``."""

    axes: list[AxisInfo]
    dtype: ElementType
    text: str

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(shape: Shape) -> ShapeInfo:
        """Kept for the next check: shapes are few, and nobody changes them."""
        axes = [AxisInfo(name=axis.name, size=axis.size) for axis in shape.axes]
        return ShapeInfo(axes=axes, dtype=shape.dtype, text=str(shape))


class PortInfo(Spec):
    name: str
    many: bool = False
    optional: bool = False


class ParameterInfo(Spec):
    """A tensor of a node. ``tied`` is the ``node.parameter`` that it shares, which then counts it."""

    name: str
    shape: list[int]
    trainable: bool = True
    tied: str | None = None


class TapInfo(Spec):
    name: str
    source: Literal["activation", "parameter", "inner"]
    picture: Literal["maps", "filters", "matrix", "bars", "none"]


class NodeReport(Spec):
    """``outputs`` is empty where a problem keeps the shape from being known. ``parameters`` counts trainable
    numbers that this node owns (tied ones are counted where they live); ``multiply_adds`` and ``activations``
    are for one example, forward."""

    id: str
    kind: str
    part: str | None = None
    input_ports: list[PortInfo] = Field(default_factory=list)
    output_ports: list[PortInfo] = Field(default_factory=list)
    outputs: dict[str, ShapeInfo] = Field(default_factory=dict)
    parameters: int = 0
    parameter_shapes: list[ParameterInfo] = Field(default_factory=list)
    multiply_adds: int = 0
    activations: int = 0
    taps: list[TapInfo] = Field(default_factory=list)


class FieldReport(Spec):
    """One field of the data."""

    shape: ShapeInfo
    storage: str
    role: str
    classes: list[str] = Field(default_factory=list)
    columns: list[str] = Field(default_factory=list)


class MemoryReport(Spec):
    """Bytes needed while training at the experiment's batch size; activations count forward and backward."""

    parameters: int = 0
    gradients: int = 0
    optimizer: int = 0
    activations: int = 0
    total: int = 0


class Suggestion(Spec):
    """What the canvas offers: a whole network to ``start`` from, or what is missing to ``complete`` one."""

    kind: Literal["start", "complete"]
    label: str
    summary: str
    network: Network
    recipe: Choice


class ExampleCounts(Spec):
    """How many examples there are of either sort, after the experiment's own limits."""

    train: int = 0
    test: int = 0


class CheckReport(Spec):
    """``ok`` is false as soon as one problem is an error. ``step_seconds`` is a rough guess for one CPU core."""

    ok: bool
    problems: list[Problem]
    nodes: list[NodeReport]
    order: list[str]
    fields: dict[str, FieldReport]
    examples: ExampleCounts
    roles: dict[str, list[str] | None]
    outputs: list[str]
    parameters: int
    multiply_adds: int
    activations: int
    memory: MemoryReport
    step_seconds: float
    suggestions: list[Suggestion] = Field(default_factory=list)
