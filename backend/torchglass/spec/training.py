"""How an experiment learns: optimizers, schedule, limits, where and in what precision."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from torchglass.spec.base import Choice, Name, Spec


class Regularization(Spec):
    """Penalties added to the gradient of weights (not of biases and normalisation parameters)."""

    l1: Annotated[float, Field(ge=0, le=10, title="L1")] = 0.0
    l2: Annotated[float, Field(ge=0, le=10, title="Weight decay (L2)")] = 0.0


class Stop(Spec):
    """The run finishes when the first of these is reached; None means never."""

    steps: Annotated[int, Field(ge=1, le=10**12)] | None = None
    epochs: Annotated[int, Field(ge=1, le=10**9)] | None = None


class Training(Spec):
    """``optimizers`` maps each role of the recipe to its optimizer; a supervised recipe has the role ``model``."""

    optimizers: dict[Name, Choice] = Field(default_factory=dict, max_length=16)
    schedule: Choice = Choice(kind="constant", config={})
    regularization: Regularization = Regularization()
    gradient_clipping: Annotated[float, Field(gt=0, le=1e6)] | None = None
    stop: Stop = Stop()
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d{1,3})?|mps)$")] = "auto"
    precision: Literal["float32", "float64", "bfloat16"] = "float32"
    form: Literal["pytorch", "textbook"] = "pytorch"
    stepper: Literal["auto", "eager", "native"] = "auto"
