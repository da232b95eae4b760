"""An error of building or training in words."""

from __future__ import annotations

import torch

from torchglass.protocol.run import RunProblem
from torchglass.spec.problems import ExperimentError
from torchglass.training.checkpoints import CheckpointError


def divergence(step: int, good: int) -> RunProblem:
    """The loss is no number at that step; ``good`` is the last one where all was finite."""
    return RunProblem(
        code="diverged",
        message=f"The loss is no longer a number at step {step:,}: the training diverged.",
        way_out=f"Lower the learning rate, then run: it goes on from step {good:,}, where all was finite.",
    )


def explain(error: BaseException) -> RunProblem:
    """An error of building or training in words, with a way out."""
    if isinstance(error, ExperimentError):
        first = error.problems[0]
        return RunProblem(
            code="does-not-build",
            message=first.message,
            node=first.node,
            field=first.field,
            way_out="Change the network or the setting that is named, then start again.",
        )
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "not enough memory" in str(error):
        return RunProblem(
            code="out-of-memory",
            message=f"The memory of the device is not enough: {str(error).splitlines()[0]}",
            way_out="Make the batch or the layers smaller.",
        )
    if isinstance(error, CheckpointError):
        return RunProblem(code="disk", message=f"{error}.", way_out="Start again from step 0.")
    if isinstance(error, ValueError):
        return RunProblem(code="does-not-build", message=str(error), way_out="Change the setting that is named.")
    return RunProblem(
        code="internal",
        message=f"The training stopped with an internal error ({type(error).__name__}: {error}).",
        way_out="Start again; if it happens again, please report it with the experiment.",
    )
