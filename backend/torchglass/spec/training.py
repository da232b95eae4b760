"""How an experiment learns: optimizers, schedule, limits, where and in what precision."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from torchglass.spec.base import Choice, Name, Spec


class Regularization(Spec):
    """What keeps weights small (not biases and normalisation parameters): penalties added to their gradients, and a
    limit on the weights of a unit together (max-norm: Srivastava et al. 2014, section 5.1)."""

    l1: Annotated[
        float,
        Field(ge=0, le=10, title="L1", description="Pulls every weight towards zero by the same amount: many vanish."),
    ] = 0.0
    l2: Annotated[
        float,
        Field(ge=0, le=10, title="L2 (weight decay)", description="Pulls every weight towards zero by its own size."),
    ] = 0.0
    max_norm: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        None,
        title="Max-norm",
        description="After every step the weights into a unit are scaled back to this length, where they are longer.",
    )


class Stop(Spec):
    """The run finishes when the first of these is reached; None means never.

    ``target`` and ``patience`` (Prechelt 1998, Early Stopping, but When?) are judged on the whole test split at the
    end of each epoch, so that they are the same on every machine.
    """

    steps: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        None, title="After steps", description="The run finishes at this step."
    )
    epochs: Annotated[int, Field(ge=1, le=10**9)] | None = Field(
        None, title="After epochs", description="The run finishes when it has seen all examples so often."
    )
    seconds: Annotated[int, Field(ge=1, le=10**7)] | None = Field(
        None,
        title="After seconds",
        description="The run finishes when it has trained for so long; pauses do not count.",
    )
    loss_above: Annotated[float, Field(gt=0, le=1e12)] | None = Field(
        None,
        title="Diverged above",
        description="The run finishes when the training loss is larger than this: it will not come back.",
    )
    judge: Literal["loss", "accuracy"] = Field(
        "loss", title="Judged by", description="What target and patience look at, on the test curve after each epoch."
    )
    target: Annotated[float, Field(ge=0, le=1e12)] | None = Field(
        None,
        title="At the target",
        description="The run finishes when the test loss is this small, or the test accuracy this large.",
    )
    patience: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        None,
        title="Patience (epochs)",
        description="Early stopping: the run finishes when the test curve was no better for so many epochs.",
    )
    restore_best: bool = Field(
        True, title="Back to the best", description="When patience ends a run: take back the weights of its best epoch."
    )

    @property
    def judges(self) -> bool:
        """Whether the end of an epoch has to be evaluated before the next one begins."""
        return self.target is not None or self.patience is not None


Units = Annotated[list[Annotated[int, Field(ge=0, lt=10**6)]], Field(max_length=4096)]


class Hold(Spec):
    """A layer held by hand: frozen numbers stay as they are, silenced outputs are zero, in training and in use.

    ``frozen_units`` and ``silent_units`` count units or channels from 0.
    """

    frozen: bool = False
    silent: bool = False
    frozen_units: Units = Field(default_factory=list)
    silent_units: Units = Field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether it holds anything."""
        return self.frozen or self.silent or bool(self.frozen_units) or bool(self.silent_units)


class Pruning(Spec):
    """The smallest weights are taken out for good, in rounds that each take the same share of what is left (Han et al.
    2015); rewinding what is left to where it began makes it a lottery ticket (Frankle, Carbin 2019).

    Switched off, what was taken out may learn again."""

    sparsity: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.9, title="Sparsity", description="Share of the weights that is out after the last round."
    )
    rounds: Annotated[int, Field(ge=1, le=50)] = Field(
        1, title="Rounds", description="In how many rounds: each takes the same share of what is left."
    )
    first: Annotated[int, Field(ge=0, le=10**12)] = Field(
        1000, title="First round at step", description="After this step; 0: before anything is learned."
    )
    every: Annotated[int, Field(ge=1, le=10**9)] = Field(
        1000, title="Steps between rounds", description="What is left learns so long before the next round."
    )
    scope: Literal["layer", "global"] = Field(
        "layer",
        title="Smallest of",
        description="The same share of every layer, or the smallest of all layers together.",
    )
    rewind: Literal["keep", "initial", "random"] = Field(
        "keep",
        title="What is left",
        description="Goes on as it is; begins again with its first weights (a lottery ticket); or so, but after the "
        "last round with newly drawn ones (the ticket's twin).",
    )

    def aim(self, number: int) -> float:
        """Share that is out after that round (from 1): every round takes the same share of what is left."""
        if self.rounds == 1:
            return self.sparsity
        return float(1 - (1 - self.sparsity) ** (min(number, self.rounds) / self.rounds))


class Training(Spec):
    """``optimizers`` maps each role of the recipe to its optimizer; a supervised recipe has the role ``model``."""

    optimizers: dict[Name, Choice] = Field(default_factory=dict, max_length=16)
    schedule: Choice = Choice(kind="constant", config={})
    regularization: Regularization = Regularization()
    gradient_clipping: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        None,
        title="Clip by norm",
        description="A gradient longer than this is shortened to it: one bad batch can not throw the weights away.",
    )
    clip_value: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        None,
        title="Clip by value",
        description="Every number of the gradient is cut off at ± this, one by one: it may change its direction.",
    )
    held: dict[Name, Hold] = Field(
        default_factory=dict,
        max_length=2000,
        title="Held by hand",
        description="Layers and units that are frozen or silenced.",
    )
    pruning: Pruning | None = None
    stop: Stop = Stop()
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d{1,3})?|mps)$")] = "auto"
    precision: Literal["float32", "float64", "bfloat16"] = Field(
        "float32", title="Precision", description="How exact the numbers are that it computes with."
    )
    form: Literal["pytorch", "textbook"] = Field(
        "pytorch",
        title="Momentum as",
        description="Momentum with the rate outside the velocity (PyTorch) or inside (textbook). The switch “Formulas” "
        "sets this and those of dropout, leaky ReLU and squared error together. The exported code follows.",
    )
    stepper: Literal["auto", "eager", "native"] = Field(
        "auto",
        title="Stepper",
        description="What carries a step out: PyTorch (eager), compiled code (native), or the faster of the two.",
    )
