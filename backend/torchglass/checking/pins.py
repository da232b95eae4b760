"""What is decided by rule before a run starts and needs no torch: threads, memory format, length."""

from __future__ import annotations

import os
from typing import Literal

from torchglass.checking.plan import Analysis

#: Multiply-adds of one training step from which a second thread pays for itself on an idle machine.
WORTH_A_THREAD = 1_000_000_000
#: Multiply-adds forward of one batch below which launching kernels on an accelerator takes longer than the sums do.
WORTH_AN_ACCELERATOR = 1_000_000
_CONVOLUTIONS = {"conv2d"}


def device_by_rule(analysis: Analysis, accelerator: str | None) -> str:
    """The accelerator where there is one and a step is worth it; tiny networks stay on the processor, where the
    compiled step and the stacked sweeps run."""
    work = sum(plan.multiply_adds for plan in analysis.plans()) * analysis.experiment.data.batch_size
    return accelerator if accelerator and work >= WORTH_AN_ACCELERATOR else "cpu"


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spare_cores() -> int:
    """Cores that nothing computes on at present, but for one that is left to the server; at least 1."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # of the last minute
    return max(1, cores() - 1 - round(load))


def threads_by_rule(analysis: Analysis, spare: int | None = None) -> int:
    """One, unless a step (3 times the forward multiply-adds of the batch) is large and cores are to spare (None: all
    but one): a step that shares its cores was measured 25 times slower on two threads than on one."""
    multiply_adds = sum(plan.multiply_adds for plan in analysis.plans())
    spare = max(1, cores() - 1) if spare is None else spare
    return min(spare, 4, 1 + 3 * multiply_adds * analysis.experiment.data.batch_size // WORTH_A_THREAD)


def memory_format(analysis: Analysis) -> Literal["contiguous", "channels_last"]:
    """How images and filters lie in memory."""
    kinds = {node.kind for node in analysis.experiment.network.nodes}
    return "channels_last" if kinds & _CONVOLUTIONS else "contiguous"


def examples(analysis: Analysis, split: Literal["train", "test"]) -> int:
    """How many examples a split has, by what the data set says of itself."""
    from torchglass.datasets import by_hand
    from torchglass.datasets.base import DATASETS

    data = analysis.experiment.data
    return by_hand.counts(DATASETS.make(data.kind, data.config), data)[0 if split == "train" else 1]
