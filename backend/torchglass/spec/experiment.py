"""The experiment document: what the interface edits, a link shares, a run starts from and a preset is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from torchglass.spec.base import Choice, Kind, Label, Name, Settings, Spec
from torchglass.spec.network import Network
from torchglass.spec.training import Training


class Split(Spec):
    """``train`` limits the number of training examples (None: all); likewise ``test``."""

    train: Annotated[int, Field(ge=1, le=10**9)] | None = None
    test: Annotated[int, Field(ge=1, le=10**9)] | None = None


#: Numbers of one field of an example that a person can set.
_Numbers = Annotated[list[float], Field(max_length=256)]


class ByHand(Spec):
    """An example that somebody changed, took away (``gone``) or, without a ``row``, added. ``row`` counts in the data
    set's own split; ``values`` by field: a number (a class by its number), or a list of them."""

    split: Literal["train", "test"] = "train"
    row: Annotated[int, Field(ge=0, lt=10**9)] | None = None
    gone: bool = False
    values: dict[Name, float | _Numbers] = Field(default_factory=dict, max_length=8)


class Data(Spec):
    """``prepare`` is fitted on the training split and applied to both; ``augment`` is random, training only.
    ``by_hand``: what people did to single examples."""

    kind: Kind
    config: Settings
    split: Split = Split()
    batch_size: Annotated[int, Field(ge=1, le=65536)] = 64
    prepare: Annotated[list[Choice], Field(max_length=16)] = Field(default_factory=list)
    augment: Annotated[list[Choice], Field(max_length=16)] = Field(default_factory=list)
    by_hand: Annotated[list[ByHand], Field(max_length=2000)] = Field(default_factory=list)


class Stage(Spec):
    """One leg of the training, until its own stop; what it leaves out is as in the stage before. ``frozen``: layers and
    parts that stay as they are meanwhile; ``fresh``: those whose weights are drawn anew when it begins.

    ``initial``: all weights go on (``keep``), are again those of step 0 (``rewind``), are drawn anew (``reinit``), or
    the smallest of them are taken out, as ``training.pruning`` says (``prune``). What is frozen stays in any case."""

    name: Label = ""
    data: Data | None = None
    recipe: Choice | None = None
    training: Training | None = None
    frozen: Annotated[list[Name], Field(max_length=256)] = Field(default_factory=list)
    fresh: Annotated[list[Name], Field(max_length=256)] = Field(default_factory=list)
    initial: Literal["keep", "rewind", "reinit", "prune"] = "keep"


class View(Spec):
    """What people arranged; never changes what is trained and is outside the revision."""

    positions: dict[Name, tuple[float, float]] = Field(default_factory=dict, max_length=2000)
    panels: dict[Name, dict[str, Any]] = Field(default_factory=dict, max_length=64)
    lesson: Settings


class Experiment(Spec):
    """The whole document. ``stage`` counts (from 0) which of ``stages`` is trained: what that one changes stands in
    ``data``, ``recipe`` and ``training`` (see ``spec.stages``)."""

    version: Literal[1] = 1
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = "Untitled"
    description: Annotated[str, StringConstraints(max_length=4000)] = ""
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0
    data: Data
    network: Network
    recipe: Choice
    training: Training = Training()
    stages: Annotated[list[Stage], Field(max_length=64)] = Field(default_factory=list)
    stage: Annotated[int, Field(ge=0, lt=64)] = 0
    view: View = Field(default_factory=lambda: View(lesson={}))
