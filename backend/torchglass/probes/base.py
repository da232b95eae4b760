"""What can be seen of a network. A probe is a pure capture between two chunks of training: it draws no random
numbers of the training, writes no buffer and costs nothing while nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from torchglass.registry import Config, Entry, Registry

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from torchglass.losses.base import LandscapeView
    from torchglass.optimizers.base import Term
    from torchglass.spec.network import Network
    from torchglass.spec.shapes import Shape


@dataclass(frozen=True, slots=True)
class Target:
    """What is watched: a node, one of its taps (``out``, ``weight``, ...) and the example it is watched on.

    ``source``: ``test:5`` or ``train:17`` (an example of the data), or ``slot:<name>`` (somebody's own input).
    """

    node: str | None = None
    tap: str | None = None
    source: str = "test:0"


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be computed before ``capture``; needs of all due probes are met by one shared pass each."""

    activations: frozenset[str] = frozenset()  # "node" or "node.port", on the target's source
    gradients: bool = False  # of the loss on a pinned training batch, for every parameter
    evaluation: bool = False  # outputs on the pinned part of the test split
    everything: bool = False  # the output of every node, and the prediction, on the target's source
    own_pass: bool = False  # the capture itself runs a forward pass (over several examples)


@dataclass(frozen=True, slots=True)
class Picture:
    """One tensor to look at.

    ``values`` float32 or uint8. ``axes`` names its axes. ``encoding`` ``quantised`` sends uint8 with lo and hi
    (enough for looking), ``exact`` sends float32 (numbers that are read). ``signed`` centres the colours at zero.
    ``extra`` is small JSON: labels, class names, units.
    """

    values: np.ndarray
    axes: tuple[str, ...]
    encoding: Literal["quantised", "exact"] = "quantised"
    signed: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GridView:
    """One forward pass over the plane (size × size places, row by row from the upper left) or along the line.

    ``outputs`` holds every node's (G·G, ...) or (G, ...); ``read`` what the recipe reads of it; the places lie in
    lo..hi.
    """

    outputs: Mapping[str, Tensor]
    read: Tensor | None
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class PrunedView:
    """What is taken out, by parameter, after so many rounds, the last of them at step ``last``."""

    masks: Mapping[str, Tensor]
    done: int
    last: int


@dataclass(frozen=True, slots=True)
class Attack:
    """Examples of the one input ``field`` of numbers: ``x`` (N, ...) as fed, the ``direction`` (N, ...) in which the
    loss rises (signs of its gradient), the size of a natural unit as fed (1, ...), and the classes ``truth`` (N,).

    ``judge``: other values of the field -> (what the recipe reads (N, ...), the mean loss). ``slope``: other values,
    and the classes to compare with (N,) -> the signs of the loss's gradient there (N, ...)."""

    field: str
    x: Tensor
    direction: Tensor
    unit: Tensor
    truth: Tensor
    judge: Callable[[Tensor], tuple[Tensor, float]]
    slope: Callable[[Tensor, Tensor], Tensor]

    def moved(self, epsilon: float) -> Tensor:
        """x + ε·sign(∇ₓJ): Goodfellow et al. (2015)."""
        return self.x + epsilon * self.unit * self.direction

    def walk(self, epsilon: float, steps: int, goal: int | None = None) -> Iterator[Tensor]:
        """After each of so many steps of 2.5 ε / ``steps`` along the sign of the gradient, never further than ε from x:
        up the loss, or down towards the class ``goal``. Kurakin, Goodfellow, Bengio (2017); step size as in Madry et
        al. (2018)."""
        here, reach = self.x, epsilon * self.unit
        labels = self.truth if goal is None else self.truth.new_full(self.truth.shape, goal)
        stride = reach * (2.5 / steps) * (1 if goal is None else -1)
        for _ in range(steps):
            here = here + stride * self.slope(here, labels)
            here = self.x + (here - self.x).clamp(-reach, reach)
            yield here

    def walked(self, epsilon: float, steps: int, goal: int | None = None) -> Tensor:
        """Where that ends."""
        *_, here = self.walk(epsilon, steps, goal)
        return here


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture ``x`` (1, C, H, W) as fed, and what the network says of it and of any other.

    ``black``: a picture without light, ``unit``: full brightness, both as fed (1, C, H, W).
    ``scores``: pictures (N, C, H, W) -> the output before softmax or sigmoid, a column for each class (N, K).
    ``through``: a picture and a node -> (scores, that node's values (1, ...)). Both keep their graph, where autograd is
    asked to.
    """

    x: Tensor
    black: Tensor
    unit: Tensor
    scores: Callable[[Tensor], Tensor]
    through: Callable[[Tensor, str], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Features:
    """What one layer said of many examples at ``step``: ``values`` (N, D), what the recipe ``read`` (N, ...), and how
    the same network embeds other examples: fields, each (M, ...) -> (M, D)."""

    step: int
    values: Tensor
    read: Tensor | None
    embed: Callable[[dict[str, Tensor]], Tensor]


class LaterError(Exception):
    """Nothing new to see yet: the work has come a block further, and goes on as soon as the budget allows."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What the recipe compares: a node's output with a field, by a loss with its settings."""

    output: str
    target: str
    loss: str
    settings: Mapping[str, Any]


class Capture(Protocol):
    """What a probe can read; everything on the CPU or the training device, detached, never to be written to."""

    def activation(self, name: str) -> Tensor:
        """Output ``node`` or ``node.port`` on the target's source: (B, ...), B = 1 for one example."""
        ...

    def parameter(self, name: str) -> Tensor:
        """Parameter ``node.name``."""
        ...

    def parameter_names(self, node: str | None = None) -> list[str]: ...

    def gradient(self, name: str) -> Tensor | None:
        """Gradient of the loss on the pinned training batch for parameter ``node.name``."""
        ...

    def output_gradient(self, name: str) -> Tensor | None:
        """Gradient of the loss on the source alone for output ``node``: (1, ...); None where nothing is to be said."""
        ...

    def pulled_back(self, ways: Sequence[tuple[str | None, str, str]]) -> list[tuple[float, float | None]]:
        """For each (start, end, addition) on the pinned training batch: root mean square of output ``end``, and of
        the loss's gradient for ``start`` as far as it comes back through ``end``; None where there is none."""
        ...

    def update(
        self, name: str, index: tuple[int, ...], gradients: Mapping[str, np.ndarray] | None = None
    ) -> list[Term]:
        """What the next step would do to that element of parameter ``node.name``, line by line, with these gradients
        by name (None: those on the pinned batch); empty where no optimizer moves it."""
        ...

    def objective(self) -> Objective | None:
        """What the recipe compares with what; None where it compares otherwise."""
        ...

    def example(self) -> dict[str, Tensor]:
        """The source's fields as fed to the network, each (1, ...)."""
        ...

    def prediction(self) -> Tensor | None:
        """What the recipe reads from the outputs on the source: (1, classes)."""
        ...

    def evaluation(self) -> tuple[Tensor, Tensor] | None:
        """(read outputs (N, ...), targets (N, ...)) on the pinned part of the test split."""
        ...

    def examples(self, split: str, indices: list[int]) -> tuple[dict[str, Tensor], Tensor | None]:
        """Fields of those examples and what the recipe reads for each."""
        ...

    def passed(self, split: str, indices: list[int]) -> tuple[Mapping[str, Tensor], Tensor | None]:
        """Every node's output on those examples, each (N, ...), and what the recipe reads."""
        ...

    def answered(self, raw: Mapping[str, np.ndarray]) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]]:
        """Every node's output on these values as stored, each (N, ...), and what is read of it by network: the lanes
        of a race, or one without a name."""
        ...

    def classes(self) -> tuple[str, ...]:
        """Names of the target's classes, empty for none."""
        ...

    def input_statistics(self) -> tuple[float, float]:
        """(mean, std) of standardisation of the picture field, to show it as it was; (0, 1) if none."""
        ...

    def network(self) -> Network:
        """The network's part of the document."""
        ...

    def shape(self, name: str) -> Shape | None:
        """Shape of one example at ``node`` or ``node.port``."""
        ...

    def settings(self, node: str) -> Mapping[str, Any]:
        """Settings of that node with every default filled in."""
        ...

    def picture_field(self) -> str | None:
        """The field that is an image, if there is one."""
        ...

    def target_field(self) -> str | None:
        """The field that is to be predicted, if there is one."""
        ...

    def example_raw(self) -> Mapping[str, np.ndarray]:
        """The source's fields as they are stored, each (1, ...); somebody's own input has only what was given."""
        ...

    def examples_raw(self, split: str, indices: list[int]) -> Mapping[str, np.ndarray]:
        """Fields of those examples as they are stored, each (N, ...)."""
        ...

    def field_shape(self, name: str) -> Shape:
        """Shape of one example of that data field."""
        ...

    def point_field(self) -> str | None:
        """The field that holds points of a plane (two numbers), where that is all the network is told."""
        ...

    def plane_range(self) -> tuple[float, float]:
        """From where to where the plane is drawn, in both directions."""
        ...

    def plane(self, size: int) -> GridView | None:
        """The network at size × size places, computed once per step for everybody; None without a plane."""
        ...

    def line_field(self) -> str | None:
        """The field that holds one number, where that is all the network is told."""
        ...

    def line(self, size: int) -> GridView | None:
        """The network at ``size`` places from left to right, once per step for everybody; None without a line."""
        ...

    def line_thinned(self, size: int, draws: int) -> Tensor | None:
        """What the recipe reads of so many thinned networks at ``size`` places, dropout left on: (draws, size, K);
        None without a line or without dropout."""
        ...

    def landscape(self, size: int) -> LandscapeView | None:
        """The map of the loss, where it is a height over a plane; None for any other."""
        ...

    def function(self, node: str, places: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """The first output of that node and its slope while its first input takes these places (N) and the others
        are zero, in prediction mode; None for a node that is no function of one input."""
        ...

    def losses(self, output: Tensor, target: Tensor) -> Tensor | None:
        """What the recipe's loss says of each example alone: outputs (N, ...), targets (N, ...) -> (N); None where
        it compares otherwise."""
        ...

    def silenced(self) -> frozenset[str]:
        """Nodes of whose output something is silenced by hand."""
        ...

    def attack(self, split: str, indices: list[int]) -> Attack | None:
        """Those examples with the direction in which the loss rises; None where no input of numbers has one."""
        ...

    def sight(self) -> Sight | None:
        """The source's picture with the network behind it; None without pictures, or where the output has no number
        for each class."""
        ...

    def features(self, split: str, node: str, count: int) -> tuple[Features | None, bool]:
        """What that layer says of the first ``count`` examples of a split: the newest complete round (None before the
        first), and whether none newer is on its way. Each call works on the next round for a few milliseconds."""
        ...

    def mean_picture(self) -> Tensor:
        """The mean training picture as fed, (1, C, H, W)."""
        ...

    def pruned(self) -> PrunedView | None:
        """What pruning has taken out; None where nothing is pruned."""
        ...

    def state(self, name: str) -> Tensor | None:
        """A tensor that the recipe keeps beside the weights; None where it keeps none of that name."""
        ...

    def count(self, split: str) -> int:
        """Number of examples of ``train`` or ``test``."""
        ...

    def fed(self, count: int) -> tuple[Mapping[str, np.ndarray], Mapping[str, Tensor]] | None:
        """The first ``count`` examples of the next training batch: as they are stored, and as the network is fed,
        augmented and prepared; None for data without examples."""
        ...

    def rows(self, split: str) -> int:
        """The same before anything was done to them by hand: what ``data.by_hand`` counts rows in."""
        ...

    def masks(self) -> Mapping[str, Tensor] | None:
        """By dropout node: which units it has kept in the newest training step, for its first example; None where that
        is not known."""
        ...

    def natural(self, field: str, values: Tensor, *, moved: bool = False) -> Tensor:
        """Values of that field as fed -> in the units of the data: standardisation undone. With ``moved`` pixels stay
        where the network gets them, if a preparation puts them into another order."""
        ...

    def reading(self) -> str:
        """What the prediction is: ``softmax`` probabilities, ``sigmoid``, or the output as it is (``identity``)."""
        ...


class Probe(Entry):
    """One way of looking."""

    #: ``node`` probes need a node; ``network`` probes do not.
    scope: ClassVar[Literal["node", "network"]] = "node"

    def needs(self, target: Target) -> Needs:
        return Needs()

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """The picture now; None when there is nothing to see (say, a layer without weights).

        Raises ValueError in words for a target that can never work.
        """
        raise NotImplementedError


PROBES: Registry[Probe] = Registry("torchglass.probes", Probe)

__all__ = [
    "PROBES",
    "Attack",
    "Capture",
    "Config",
    "Features",
    "GridView",
    "LaterError",
    "Needs",
    "Objective",
    "Picture",
    "Probe",
    "PrunedView",
    "Sight",
    "Target",
]
