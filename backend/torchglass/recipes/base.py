"""What a training step means. A recipe owns the order of updates and may do without autograd."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from torchglass.datasets.base import FieldSpec
from torchglass.registry import Config, Entry, Registry
from torchglass.source import LossSource, RecipeSource
from torchglass.spec.base import Choice
from torchglass.spec.network import Network
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

#: Fields of a batch, each with a leading batch axis.
Batch = Mapping[str, "Tensor"]


class Model(Protocol):
    """The built network as a recipe sees it."""

    @property
    def device(self) -> torch.device: ...

    @property
    def parameters_dtype(self) -> torch.dtype: ...

    def run(self, inputs: Batch, part: str | None = None) -> dict[str, Tensor]:
        """Forward pass of the whole network, or of one part. ``inputs`` holds data fields (by field name) and,
        for a part, its input nodes (by node id). Returns every output by ``node`` (its first port) and
        ``node.port``."""
        ...

    def module(self, node: str) -> nn.Module: ...

    def parameter(self, name: str) -> Tensor:
        """The parameter ``node.name``; writing into it in place is allowed outside a live autograd graph."""
        ...


class StepContext(Protocol):
    """What a recipe may do during one training step."""

    @property
    def model(self) -> Model: ...

    @property
    def step(self) -> int:
        """Number of this step, from 1."""
        ...

    @property
    def state(self) -> MutableMapping[str, Tensor]:
        """The recipe's own tensors (persistent chains, say); saved with every checkpoint."""
        ...

    def generator(self, purpose: str) -> torch.Generator:
        """A random stream that depends only on (seed, purpose, step)."""
        ...

    def minimise(self, role: str, loss: Tensor, clear: bool = True) -> None:
        """Zero the role's gradients, back-propagate, regularise, clip, update; without ``clear`` the gradients of all
        earlier steps are added, as in a program that forgets to zero them."""
        ...

    def apply(self, role: str, gradients: Mapping[str, Tensor]) -> None:
        """Update the role's parameters with gradients given by name (``node.weight``), without autograd."""
        ...

    def write(self, name: str, value: Tensor) -> None:
        """Set a parameter outright, without optimizer; the numbers of it that are frozen stay."""
        ...


class Scripting(Protocol):
    """What a recipe may ask while it writes its part of an exported script. In the lines of a step, ``batch`` holds
    the fields by name and ``step`` is its number, from 1."""

    @property
    def subject(self) -> Subject: ...

    @property
    def single(self) -> str:
        """``, dtype=torch.float32`` where the script's own floats are wider, for what is drawn in float32."""
        ...

    @property
    def mixes(self) -> bool:
        """Whether training batches hold pairs that were mixed (see ``augment.base``)."""
        ...

    def network(self, variable: str, outputs: list[str], part: str | None = None, role: str = "model") -> None:
        """Writes a class for the network, or for one part; its ``forward`` returns the values of those nodes. The
        script calls the class after the variable, which holds one of it, trained by the optimizer of that role."""
        ...

    def forward(self, variable: str, given: Mapping[str, str] | None = None) -> str:
        """Calls it. Each input node gets the expression given under its id or its field, else its field's batch."""
        ...

    def module(self, variable: str, node: str) -> str:
        """The module of a node: ``model.layers.conv1``."""
        ...

    def field(self, name: str) -> str:
        """A field of the batch."""
        ...

    def loss(self, choice: Choice, output: str, target: str, mask: str | None) -> LossSource:
        """That loss between the variable ``output``, which holds the value of the node ``output``, and the variable
        ``target``, which holds the field ``target``; the mask, if any, is the variable ``mask``."""
        ...

    def random(self, purpose: str) -> str:
        """The generator of that purpose at this step."""
        ...

    def minimise(self, role: str, loss: str, clear: bool = True) -> list[str]:
        """As ``StepContext.minimise``."""
        ...

    def apply(self, role: str, gradients: Mapping[str, str]) -> list[str]:
        """As ``StepContext.apply``; names are parameters of the script (``model.unit.weight``)."""
        ...

    def write(self, role: str, values: Mapping[str, str]) -> list[str]:
        """As ``StepContext.write``, for several parameters of one role; inside ``torch.no_grad()``."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What a recipe is checked and built against: the network, every port's shape, the data fields."""

    network: Network
    shapes: Mapping[str, Shape]  # "node" and "node.port" -> shape of one example
    fields: Mapping[str, FieldSpec]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Recipe(Entry):
    """One way of learning."""

    #: A small experiment document that it trains within seconds: what the contract tests run, and what to start from.
    example: ClassVar[Mapping[str, Any]]
    #: Whether a step understands pairs of examples that were mixed (see ``augment.base``), with two targets each.
    mixes: ClassVar[bool] = False
    #: Whether a step asks an optimizer; otherwise the page shows none.
    optimizes: ClassVar[bool] = True

    def roles(self, network: Network) -> dict[str, list[str] | None]:
        """Role -> the parts whose parameters it trains; None: every parameter of the network."""
        return {"model": None}

    def problems(self, subject: Subject) -> list[Problem]:
        """What keeps this recipe from training that network on that data."""
        return []

    def outputs(self, subject: Subject) -> list[str]:
        """The nodes whose outputs people read (predictions), most important first."""
        return []

    def initial_state(self, model: Model, subject: Subject, generator: torch.Generator) -> dict[str, Tensor]:
        return {}

    def trains(self) -> list[str] | None:
        """The nodes whose weights a step changes; None: all of those of its roles."""
        return None

    def draws_like(self, network: Network) -> dict[str, str]:
        """Nodes whose first weights come from the random streams of another node, so that both begin alike."""
        return {}

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        """One training step. Returns scalar tensors by metric name, detached; no device sync."""
        raise NotImplementedError

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        """Scalar means over this batch, by metric name, in eval mode and without gradients."""
        return {}

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        """What people read, from the outputs of a forward pass: e.g. probabilities (B, classes)."""
        return None

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch) -> Tensor | None:
        """The scalar that gradients are shown of, from the outputs of a forward pass; None if there is none."""
        return None

    def sample(self, model: Model, count: int, generator: torch.Generator) -> Tensor | None:
        """``count`` examples drawn from what was learned; None for recipes that do not generate."""
        return None

    def to_source(self, script: Scripting) -> RecipeSource:
        """The step and the measuring in an exported script: the same arithmetic and random numbers, in order."""
        raise NotImplementedError

    def refuses(self, stepper: str) -> str | None:
        """Why that stepper may not run this recipe; None if it may."""
        return None if stepper == "eager" else "this recipe has only the eager stepper"


RECIPES: Registry[Recipe] = Registry("torchglass.recipes", Recipe)


def experiment(
    name: str,
    data: Mapping[str, Any],
    nodes: Iterable[Mapping[str, Any]],
    edges: Iterable[str],
    recipe: Mapping[str, Any],
    optimizers: Mapping[str, Any],
    parts: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """An experiment document. Each of ``edges`` names nodes or ``node.port`` along an arrow: ``a -> b.port``."""
    wires = []
    for path in edges:
        ends = [end.strip() for end in path.split("->")]
        for source, target in itertools.pairwise(ends):
            (a, _, out), (b, _, into) = source.partition("."), target.partition(".")
            wires.append({"source": a, "source_port": out or "out", "target": b, "target_port": into or "in"})
    return {
        "version": 1,
        "name": name,
        "seed": 5,
        "data": {"config": {}, **data},
        "network": {"nodes": [{"config": {}, **node} for node in nodes], "edges": wires, "parts": dict(parts or {})},
        "recipe": dict(recipe),
        "training": {"optimizers": dict(optimizers)},
    }


__all__ = ["RECIPES", "Batch", "Config", "Model", "Recipe", "Scripting", "StepContext", "Subject", "experiment"]
