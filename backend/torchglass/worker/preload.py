"""Imported once by the forkserver, so that every worker starts with torch already in memory.

It must not touch CUDA, run a backward pass or start a thread: forked children could not use them.
"""

from __future__ import annotations

import gc

import numpy as np
import torch
import torch._dynamo

import torchglass.training.trainer
import torchglass.worker.session  # noqa: F401  (imported for its effect)

__all__ = ["np", "torch"]

gc.collect()
gc.freeze()
