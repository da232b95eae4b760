"""What is decided by rule when a run starts, and stored with it: device, threads, memory format, dtype."""

from __future__ import annotations

import platform
from collections.abc import Mapping

import numpy as np
import torch

from torchglass.catalog import Analysis
from torchglass.checking.pins import device_by_rule, memory_format, threads_by_rule
from torchglass.protocol.run import Resolved

DTYPES: Mapping[str, torch.dtype] = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}


def resolve(analysis: Analysis, device: str | None, threads: int | None, spare: int | None = None) -> Resolved:
    """The rules. ``device`` and ``threads`` override the document and the rule; ``spare``: cores that are free.

    Raises ValueError for a device that is not there.
    """
    experiment = analysis.experiment
    chosen = device or experiment.training.device
    if chosen == "auto":
        chosen = device_by_rule(analysis, "cuda" if torch.cuda.is_available() else None)
    if chosen.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(
            f"The device “{chosen}” was asked for, but PyTorch sees no CUDA device here: choose cpu or auto."
        )
    if chosen == "mps" and not torch.backends.mps.is_available():
        raise ValueError("The device “mps” was asked for, but this machine has none: choose cpu or auto.")
    by_rule = threads_by_rule(analysis, spare) if chosen == "cpu" else 1
    return Resolved(
        stepper="eager",
        reason="the reference: PyTorch, operation by operation",
        device=chosen,
        threads=threads or by_rule,
        memory_format=memory_format(analysis),
        dtype=experiment.training.precision,
        versions={"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()},
    )
