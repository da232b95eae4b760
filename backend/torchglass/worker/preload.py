"""Imported once by the forkserver, so that every worker starts with torch already in memory.

It must not touch CUDA, run a backward pass or start a thread: forked children could not use them.
"""

from __future__ import annotations

import gc

import numpy as np
import torch
import torch._dynamo

import torchglass.training.trainer
import torchglass.worker.serving
from torchglass.catalog import REGISTRIES
from torchglass.presets import load_preset, presets
from torchglass.training.steppers import compiled

__all__ = ["np", "torch"]

# Scan every registry and check one experiment, so that no worker pays for first imports and first validations.
for registry in REGISTRIES.values():
    assert registry.entries
for preset in presets():
    torchglass.catalog.require(load_preset(preset))

# The compiled step, where it is at hand, is loaded: its code is then shared by all workers.
compiled.unavailable()

gc.collect()
gc.freeze()
