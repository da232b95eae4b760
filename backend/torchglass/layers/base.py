"""What a layer is: settings, shape rule, cost, module and taps.

Legend: B batch, C channels, H height, W width, D features, T time, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from torchglass.registry import Config, Entry, Registry
from torchglass.source import LayerSource, Place
from torchglass.spec.problems import Mend
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np
    from torch import nn


@dataclass(frozen=True, slots=True)
class Port:
    """A named input or output. ``many`` accepts any number of edges; ``optional`` may stay open."""

    name: str
    many: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A trainable tensor (or, with ``trainable=False``, a buffer such as running statistics).

    ``axes`` says what each axis counts, so that an edit of a network in training finds every number again: ``out``
    (units of this layer), ``in`` (numbers that arrive; ``in:state`` at another port), ``through`` (units that pass,
    as in a normalisation), ``window`` (places of a kernel), ``row`` (anything else); ``3*out`` is three blocks of
    units one behind the other, ``out*3`` three in turn for every unit. Empty: (out, in, window, ...), and for a
    single axis ``out``, or ``through`` in a layer that has nothing but such.
    """

    name: str
    shape: tuple[int, ...]
    trainable: bool = True
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tap:
    """A named place that a probe can read: ``out`` of every port, a parameter, or an inner activation.

    ``picture`` says how it is looked at: feature maps, filters, a matrix, bars of units, a curve.
    """

    name: str
    source: Literal["activation", "parameter", "inner"]
    picture: Literal["maps", "filters", "matrix", "bars", "none"]


#: Names of the numbers along an axis (int64 [n]): equal names mean the same unit, before and after an edit.
Units: TypeAlias = "np.ndarray"
#: ("x1", "x2") -> units of a node that are called so.
Names: TypeAlias = Callable[[Sequence[str]], "np.ndarray"]
#: Shapes that reach a layer: one per port, a list where the port takes many.
Inputs = Mapping[str, Shape | list[Shape]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a layer may ask about its surroundings.

    ``field_shape(name)`` is the shape of a data field (KeyError if the data set has none of that name).
    ``call_part(name, inputs)`` infers a part's output shapes, keyed ``node`` or ``node.port``;
    ``part_ports(name)`` lists its (inputs, outputs).
    """

    field_shape: Callable[[str], Shape]
    call_part: Callable[[str, Mapping[str, Shape]], dict[str, Shape]]
    part_ports: Callable[[str], tuple[list[str], list[str]]]
    field_names: Sequence[str] = field(default_factory=tuple)


class Layer(Entry):
    """One kind of node. Everything but ``build`` runs without torch."""

    #: Port names; ``ports()`` may override them where they depend on the settings.
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"),)
    outputs: ClassVar[tuple[Port, ...]] = (Port("out"),)
    #: Settings that can change in place while training; every other one rebuilds the node.
    live: ClassVar[frozenset[str]] = frozenset()
    #: The setting that says how many channels or features come out, where there is one.
    units: ClassVar[str | None] = None

    def input_ports(self, context: Context) -> tuple[Port, ...]:
        return self.inputs

    def output_ports(self, context: Context) -> tuple[Port, ...]:
        return self.outputs

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        """Output shape by port. Raises ShapeError in words, with the field at fault and a mend where one exists."""
        raise NotImplementedError

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        """Tensors that this node owns, by their torch name."""
        return []

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        """Multiplications-with-addition for one example, forward only."""
        return 0

    def called_part(self) -> str | None:
        """Name of the part that this node runs, if it runs one."""
        return None

    def repeats(self, inputs: Inputs) -> int:
        """How often the called part runs for one example."""
        return 1

    def vocabulary(self) -> int | None:
        """For a layer that looks tokens up: how many it knows."""
        return None

    def mends(self, inputs: Inputs, oldest: int) -> list[Mend]:
        """Repairs for a layer whose ``in`` port takes many: what would make the shapes that meet here fit each
        other. ``oldest`` is the input that comes from furthest back, a shortcut as a rule."""
        return []

    def minimum_batch(self, inputs: Inputs) -> int:
        """The fewest examples of a training batch that this layer can work on."""
        return 1

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        """The module. Its ``forward`` takes the input ports in order (a list for a ``many`` port, None for an
        open optional one), each with a leading batch axis, and returns one tensor, or a tuple in the order of
        the output ports. Weights are initialised afterwards by ``initialise``."""
        raise NotImplementedError

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        """Fill parameter ``name`` of ``module`` from ``generator`` (torch.Generator): one stream per parameter,
        so that adding a node changes nobody else's weights. Default: PyTorch's own rule for Linear and Conv,
        uniform in ±1/sqrt(fan_in) for weight and bias; ones and zeros for normalisation."""
        from torchglass.layers._initialise import initialise_default

        initialise_default(module, name, generator)

    def to_source(self, place: Place) -> LayerSource:
        """How this node is written in an exported script; it must compute what the module computes, with the
        same random numbers in the same order."""
        raise NotImplementedError

    def reads_inside(self) -> list[str]:
        """For a layer that runs a part: the nodes of the part whose values it needs besides its ends."""
        return []

    def apply_live(self, module: nn.Module) -> None:
        """Write the ``live`` settings of ``self.config`` into an existing module."""

    def unit_names(self, own: Names, inputs: Mapping[str, Sequence[Units]], shapes: Inputs) -> Units | None:
        """Names of the units that leave, for a layer that rearranges those that arrive or has names of its own.
        None: those that arrive where as many leave and nothing is learned of them, else own ones by number."""
        return None

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "none")]


LAYERS: Registry[Layer] = Registry("torchglass.layers", Layer)

__all__ = ["LAYERS", "Config", "Context", "Inputs", "Layer", "Names", "Parameter", "Port", "Tap", "Units"]
