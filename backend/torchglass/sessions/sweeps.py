"""Sweeps: the networks of a grid of settings and seeds, and the process in which they are trained."""

from __future__ import annotations

import itertools
import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

from torchglass.catalog import analyse
from torchglass.checking.analysis import examples
from torchglass.checking.costs import own_parameters
from torchglass.engine.base import Engine
from torchglass.engine.local import LocalEngine
from torchglass.protocol.sweep import (
    FROM_SWEEPER,
    MOST_NETWORKS,
    MOST_SMALL,
    SMALL,
    FromSweeper,
    Planned,
    Sweep,
    SweepEnded,
    SweepRequest,
    Value,
    Vary,
)
from torchglass.sessions.document import Document
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.jobs import told
from torchglass.sessions.paths import resolve
from torchglass.spec.experiment import Experiment

#: Where such a process begins.
ENTRY = "torchglass.worker.sweeping:main"


def sweeper() -> Engine:
    """Starts processes that train sweeps; they come from the same forkserver as the workers."""
    return LocalEngine(entry=ENTRY)


def plan(wanted: SweepRequest, experiment: Experiment) -> list[tuple[Planned, Experiment]]:
    """Every network of the sweep with its experiment: the first setting varies slowest, seeds fastest.

    Raises RefusedError: ``sweep`` for too many networks or several stages, else what a change of that setting is
    refused with.
    """
    if len(experiment.stages) > 1:
        message = (
            f"A sweep trains networks of one stage, and this experiment has {len(experiment.stages)}: compare runs."
        )
        raise RefusedError("sweep", message, field="stages")
    count = math.prod(len(vary.values) for vary in wanted.vary) * wanted.seeds
    most = MOST_SMALL if (sizes(experiment)[0] or SMALL + 1) <= SMALL else MOST_NETWORKS
    if count > most:
        message = (
            f"That would be {count:,} networks; a sweep trains at most {most} of this size: "
            "take fewer values or fewer seeds."
        )
        raise RefusedError("sweep", message, field="seeds" if wanted.seeds > most else "vary")
    _distinct(wanted.vary)
    found = []
    for values in itertools.product(*(vary.values for vary in wanted.vary)):
        changed = _with(experiment, wanted.vary, values)
        sections = _differing(experiment, changed)
        weights, numbers = sizes(changed)
        if count > MOST_NETWORKS and (weights or SMALL + 1) > SMALL:
            message = f"That makes networks of more than {SMALL} weights: at most {MOST_NETWORKS} of them."
            raise RefusedError("sweep", message, field="vary")
        for k in range(wanted.seeds):
            seed = (changed.seed + k) % 2**53
            planned = Planned(values=list(values), seed=seed, sections=sections, weights=weights, numbers=numbers)
            found.append((planned, changed.model_copy(update={"seed": seed})))
    return found


def labels(wanted: SweepRequest, experiment: Experiment) -> list[str]:
    """What the varied places are called."""
    raw = experiment.model_dump(mode="json")
    return [resolve(raw, vary.path).label for vary in wanted.vary]


def sizes(experiment: Experiment) -> tuple[int | None, int | None]:
    """(weights that learn, numbers that they are fitted to: outputs times training examples); None where open."""
    analysis = analyse(experiment)
    shape = analysis.shapes.get(analysis.outputs[0]) if analysis.outputs else None
    if analysis.recipe is None or shape is None or any(not isinstance(size, int) for size in shape.sizes):
        return None, None
    chosen, held = analysis.recipe.trains(), experiment.training.held
    weights = sum(
        own_parameters(plan, analysis.ties)
        for plan in analysis.plans()
        if (chosen is None or plan.node.id in chosen) and not (plan.node.id in held and held[plan.node.id].frozen)
    )
    return weights, examples(experiment.data)[0] * math.prod(size for size in shape.sizes if isinstance(size, int))


def train(engine: Engine, order: Sweep) -> AsyncIterator[FromSweeper]:
    """What becomes of the sweep, until it has ended; closing the iterator ends the process."""
    return told(engine, order, FROM_SWEEPER, lambda words: SweepEnded(message=words))


def _with(experiment: Experiment, places: Sequence[Vary], values: Sequence[Value]) -> Experiment:
    document = Document(experiment)
    for vary, value in zip(places, values, strict=True):
        document.set(vary.path, value, document.revision)
    return document.experiment


def _differing(before: Experiment, after: Experiment) -> dict[str, Any]:
    names = [name for name in type(after).model_fields if getattr(before, name) != getattr(after, name)]
    return after.model_dump(mode="json", include=set(names))


def _distinct(places: Sequence[Vary]) -> None:
    paths = [vary.path for vary in places]
    if len(set(paths)) < len(paths):
        raise RefusedError("sweep", "Vary two different settings, or one with more values.", field="vary")
    if "seed" in paths:
        raise RefusedError("sweep", "Seeds are varied by their number: say how many.", field="seeds")
    for vary in places:
        if len({(type(value), value) for value in vary.values}) < len(vary.values):
            raise RefusedError("sweep", "The same value stands there twice.", field=vary.path)
