"""What is decided by rule when a run starts, and stored with it: device, threads, memory format, dtype."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping

import numpy as np
import torch

from torchglass.protocol.run import Resolved
from torchglass.spec.experiment import Experiment

#: Multiply-adds of one training step from which a second thread pays for itself on an idle machine.
WORTH_A_THREAD = 1_000_000_000
DTYPES: Mapping[str, torch.dtype] = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}


def resolve(
    experiment: Experiment, multiply_adds: int, has_convolution: bool, device: str | None, threads: int | None
) -> Resolved:
    """The rules. ``device`` and ``threads`` override the document and the rule.

    Threads: one, unless a step (3 times the forward multiply-adds of the batch) is large; one core is left for
    the server, since a step that shares its cores with it was measured 25 times slower on two threads than on one.
    Raises ValueError for a device that is not there.
    """
    chosen = device or experiment.training.device
    if chosen == "auto":
        chosen = "cuda" if torch.cuda.is_available() else "cpu"
    if chosen.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(
            f"The device “{chosen}” was asked for, but PyTorch sees no CUDA device here: choose cpu or auto."
        )
    if chosen == "mps" and not torch.backends.mps.is_available():
        raise ValueError("The device “mps” was asked for, but this machine has none: choose cpu or auto.")
    work = 3 * multiply_adds * experiment.data.batch_size
    spare = max(1, (os.cpu_count() or 1) - 1)
    by_rule = min(spare, 4, 1 + work // WORTH_A_THREAD) if chosen == "cpu" else 1
    return Resolved(
        stepper="eager",
        reason="the reference: PyTorch, operation by operation",
        device=chosen,
        threads=threads or by_rule,
        memory_format="channels_last" if has_convolution else "contiguous",
        dtype=experiment.training.precision,
        versions={"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()},
    )
