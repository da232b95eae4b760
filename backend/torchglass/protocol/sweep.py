"""A sweep: one experiment over a grid of settings and seeds. What is asked, ordered and told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from torchglass.protocol.base import Message
from torchglass.protocol.run import Series

#: Networks in one sweep. The page shows as many side by side; more say little and take long.
MOST_NETWORKS = 64
#: Networks of at most so many weights are trained by the hundred: how often a start succeeds needs as many.
SMALL, MOST_SMALL = 100, 900
#: Steps of each network.
MOST_STEPS = 100_000

Value = bool | int | float | Annotated[str, StringConstraints(max_length=64)] | None


class Vary(Message):
    """A place of the document (as in ``set``) and what shall stand there, one after the other."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    values: Annotated[list[Value], Field(min_length=1, max_length=10_000)]


class SweepRequest(Message):
    """``seeds``: every combination is trained with so many seeds, from the experiment's own on. ``baselines``:
    classical models are fitted to the data of each network as well."""

    experiment: dict[str, Any]
    vary: Annotated[list[Vary], Field(max_length=2)] = []
    seeds: Annotated[int, Field(ge=1, le=10_000)] = 1
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS)] = 1000
    baselines: bool = False


class Sweep(Message):
    """The order to the process that trains: whole experiments; ``tables`` is the folder of people's own tables."""

    type: Literal["sweep"] = "sweep"
    experiments: list[dict[str, Any]]
    steps: int
    baselines: bool = False
    tables: str | None = None


class Planned(Message):
    """One network of the sweep: the values at the varied places and its seed; ``sections`` of the experiment that
    differ from what was asked with, whole. ``weights`` that it learns, and ``numbers`` that it should give for the
    training examples: with as many weights it can fit all of them. None where that is open."""

    values: list[Value]
    seed: int
    sections: dict[str, Any] = {}
    weights: int | None = None
    numbers: int | None = None


class SweepBegun(Message):
    """First line of the answer."""

    type: Literal["begun"] = "begun"
    networks: list[Planned]
    labels: list[str]
    steps: int


class Surface(Message):
    """Over the plane: uint8 values (unit, y, x) in base64; ``lo`` and ``hi`` are what 0 and 255 stand for."""

    size: int
    units: int
    scale: str
    lo: float
    hi: float
    values: str


class Standing(Message):
    """How one network of the sweep stands; only what is new of its curves."""

    index: int
    state: Literal["training", "finished", "diverged", "failed"]
    step: int
    series: dict[str, Series] = {}
    surface: Surface | None = None
    message: str | None = None


class SweepNews(Message):
    """What has come of it since the last news; ``share`` of the whole, 0..1. ``speed``: steps of all networks
    together in a second of training; ``how``: which steppers train how many of them, in words."""

    type: Literal["news"] = "news"
    share: float
    speed: float
    how: str = ""
    networks: list[Standing]


class SweepBaseline(Message):
    """A classical model fitted to the training data of these networks: its test curve values, named as theirs
    (``test.accuracy``; ``test.loss`` where theirs is the squared error)."""

    type: Literal["baseline"] = "baseline"
    networks: list[int]
    model: str
    values: dict[str, float]


class SweepEnded(Message):
    """Last line of the answer; ``message`` says what went wrong, if anything did."""

    type: Literal["ended"] = "ended"
    message: str | None = None


FromSweeper = SweepNews | SweepBaseline | SweepEnded
SweepLine = SweepBegun | FromSweeper
FROM_SWEEPER: TypeAdapter[FromSweeper] = TypeAdapter(Annotated[FromSweeper, Field(discriminator="type")])
