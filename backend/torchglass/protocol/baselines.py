"""Classical models on the split of a run: what is asked and told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from torchglass.protocol.base import Message


class Baselines(Message):
    """The order to the process that fits them; ``tables``: the folder of people's own tables."""

    type: Literal["baselines"] = "baselines"
    experiment: dict[str, Any]
    tables: str | None = None


class BaselinesBegun(Message):
    """First line: ``measure`` is ``accuracy`` (0..1) or ``r2`` (at most 1); the network's mean squared error is as good
    as an R² of 1 − error / ``variance`` (of the target on the test examples, as fed). ``examples``: those fitted on."""

    type: Literal["begun"] = "begun"
    measure: Literal["accuracy", "r2"]
    variance: float | None
    examples: int
    test: int
    models: list[str]


class BaselineFitted(Message):
    """One model: its score on the test examples, on those that it was fitted on, and how long fitting took."""

    type: Literal["fitted"] = "fitted"
    name: str
    settings: str
    score: float
    training: float
    seconds: float


class BaselinesEnded(Message):
    """Last line; ``message`` says why there are none, or not all."""

    type: Literal["ended"] = "ended"
    message: str | None = None


BaselineLine = BaselinesBegun | BaselineFitted | BaselinesEnded
FROM_FITTER: TypeAdapter[BaselineLine] = TypeAdapter(Annotated[BaselineLine, Field(discriminator="type")])
