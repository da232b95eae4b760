"""The pieces that a document asks for: analysed, built, laid out in memory, with the weights of the start."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from torchglass.catalog import Analysis
from torchglass.protocol.run import Resolved
from torchglass.recipes.base import RECIPES, Recipe
from torchglass.spec.experiment import Experiment
from torchglass.training.builder import build
from torchglass.training.context import roles_of
from torchglass.training.feed import Feed
from torchglass.training.model import Network
from torchglass.training.resolve import DTYPES, resolve
from torchglass.training.storage import Storage


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything of a training but its data and its progress. Weights are not drawn yet."""

    experiment: Experiment
    analysis: Analysis
    resolved: Resolved
    recipe: Recipe
    model: Network
    storage: Storage


def assemble(
    analysis: Analysis, device: str | None = None, threads: int | None = None, spare: int | None = None
) -> Assembly:
    """Build an analysis without errors; ``device``, ``threads`` and ``spare`` as in ``resolve``."""
    experiment = analysis.experiment
    resolved = resolve(analysis, device, threads, spare)
    target = torch.device(resolved.device)
    recipe = RECIPES.make(experiment.recipe.kind, experiment.recipe.config)
    model = build(analysis, DTYPES[experiment.training.precision]).to(target)
    if experiment.training.precision == "bfloat16":
        model.autocast = torch.bfloat16
    groups = roles_of(model, experiment.network.parts, recipe.roles(experiment.network))
    storage = Storage(groups, target, resolved.memory_format == "channels_last")
    return Assembly(experiment, analysis, resolved, recipe, model, storage)


def feed_for(experiment: Experiment, resolved: Resolved) -> Feed:
    """The data on the device, prepared."""
    return Feed(
        experiment.data,
        experiment.seed,
        torch.device(resolved.device),
        DTYPES[experiment.training.precision],
        resolved.memory_format == "channels_last",
    )
