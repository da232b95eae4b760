"""Which stepper runs an experiment, by rule, and why: what people read beside the speed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torchglass.training.steppers.eager import Eager
from torchglass.training.steppers.native import Native

if TYPE_CHECKING:
    from torchglass.training.steppers.base import Stepper
    from torchglass.training.trainer import Trainer

_REFERENCE = "PyTorch, operation by operation"


@dataclass(frozen=True, slots=True)
class Choice:
    """The stepper and why, in words; ``refused``: what speaks against the compiled step, if anything does."""

    stepper: Stepper
    reason: str
    refused: str | None


def choose(trainer: Trainer, keep: str | None = None) -> Choice:
    """``keep``: the stepper that the run has used so far, to go on with where the experiment does not say."""
    wanted = trainer.experiment.training.stepper
    refused = Native.refuses(trainer)
    if wanted == "eager":
        return Choice(Eager(trainer), f"{_REFERENCE}, as the experiment asks", refused)
    if refused is None and not (keep == Eager.kind and wanted == "auto"):
        stepper = Native(trainer)
        return Choice(stepper, f"{stepper.chain.words}: the whole step is one compiled function", None)
    if refused is None:
        return Choice(Eager(trainer), f"{_REFERENCE}, as this run began; start again for the compiled step", None)
    instead = "the compiled step was asked for, but" if wanted == "native" else "no compiled step, since"
    return Choice(Eager(trainer), f"{_REFERENCE}; {instead} {refused}", refused)
