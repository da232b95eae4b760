"""A script and the arrays that it reads, in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from torchglass.export.data import fitted_name
from torchglass.export.script import DATA, WEIGHTS, Origin, write_script
from torchglass.spec.experiment import Experiment
from torchglass.training.feed import Feed
from torchglass.training.resolve import DTYPES

#: Says what is being done, and how much of the whole is done, 0..1.
Progress = Callable[[str, float], None]


def write_python(
    experiment: Experiment, origin: Origin | None, weights: dict[str, np.ndarray] | None, folder: Path, tell: Progress
) -> list[Path]:
    """``train.py``, ``data.npz`` and, where there are some, ``weights.npz``. Raises ExperimentError, SourceError and
    OSError."""
    script = write_script(experiment, origin)
    files = [folder / "train.py"]
    files[0].write_text(script.text, encoding="utf-8")
    if script.fields:
        tell("reading the data", 0.1)
        arrays = prepared(experiment, script.fields)
        tell("packing the data", 0.4)
        files.append(folder / DATA)
        np.savez_compressed(files[-1], allow_pickle=False, **arrays)
    if weights is not None:
        files.append(folder / WEIGHTS)
        np.savez(files[-1], allow_pickle=False, **weights)
    return files


def prepared(experiment: Experiment, fields: tuple[str, ...]) -> dict[str, np.ndarray]:
    """``<split>_<field>`` as stored (uint8 pictures stay uint8), and what the preparations learned."""
    feed = Feed(experiment.data, experiment.seed, torch.device("cpu"), DTYPES[experiment.training.precision])
    arrays = {
        f"{split}_{name}": values
        for split in ("train", "test")
        for name, values in feed.arrays(split).items()
        if name in fields
    }
    for position, (prepare, fitted) in enumerate(zip(feed.prepares, feed.fitted, strict=True)):
        if prepare.field() in fields:
            arrays |= {fitted_name(position, prepare.field(), name): t.numpy() for name, t in fitted.items()}
    return arrays
