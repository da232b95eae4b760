"""What is decided by rule before a run starts and needs no torch: threads, memory format, length."""

from __future__ import annotations

import os
from typing import Literal

from torchglass.checking.plan import Analysis

#: Multiply-adds of one training step from which a second thread pays for itself on an idle machine.
WORTH_A_THREAD = 1_000_000_000
_CONVOLUTIONS = {"conv2d"}


def threads_by_rule(analysis: Analysis) -> int:
    """One, unless a step (3 times the forward multiply-adds of the batch) is large; one core is left for the
    server, since a step that shares its cores with it was measured 25 times slower on two threads than on one."""
    multiply_adds = sum(plan.multiply_adds for plan in analysis.plans())
    spare = max(1, (os.cpu_count() or 1) - 1)
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
