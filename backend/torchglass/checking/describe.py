"""The whole catalogue as JSON: what there is, what it means, which settings it has."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from torchglass.augment.base import AUGMENTS
from torchglass.blocks import blocks
from torchglass.datasets.base import DATASETS, DataSet
from torchglass.layers.base import LAYERS, Layer
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.prepare.base import PREPARES
from torchglass.probes.base import PROBES
from torchglass.recipes.base import RECIPES
from torchglass.registry import Entry, Registry
from torchglass.schedules.base import SCHEDULES
from torchglass.spec.base import Spec
from torchglass.spec.report import FieldReport, ShapeInfo
from torchglass.spec.training import Pruning, Regularization, Stop, Training

REGISTRIES: dict[str, Registry[Any]] = {
    "layers": LAYERS,
    "datasets": DATASETS,
    "prepare": PREPARES,
    "augment": AUGMENTS,
    "losses": LOSSES,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "recipes": RECIPES,
    "probes": PROBES,
}


def describe() -> dict[str, list[dict[str, Any]]]:
    """Every entry of every registry: ``{"layers": [{kind, label, group, summary, docs, formula, schema, ...}]}``,
    the blocks that are made of layers, and the settings that every experiment has."""
    entries = {name: [entry(item) for item in registry.values()] for name, registry in REGISTRIES.items()}
    return entries | {"blocks": [block.described() for block in blocks().values()], "settings": _settings()}


def _settings() -> list[dict[str, Any]]:
    """Parts of every experiment that are no entry of a registry: how a run learns and when it ends."""
    parts: list[tuple[type[Spec], str, str]] = [
        (Training, "training", "Learning"),
        (Regularization, "regularization", "Regularisation"),
        (Stop, "stop", "Stop"),
        (Pruning, "pruning", "Pruning"),
    ]
    return [
        {"kind": kind, "label": label, "group": "", "docs": cleandoc(part.__doc__ or ""), "formula": ""}
        | {"summary": (part.__doc__ or "").split("\n")[0], "schema": part.model_json_schema()}
        for part, kind, label in parts
    ]


def entry(item: type[Entry]) -> dict[str, Any]:
    """One entry with whatever its registry adds."""
    described = {
        "kind": item.kind,
        "label": item.label,
        "group": item.group,
        "summary": item.summary,
        "docs": item.docs,
        "formula": item.formula,
        "schema": item.Config.model_json_schema(),
    }
    if issubclass(item, Layer):
        described |= _layer(item)
    elif issubclass(item, DataSet):
        described |= _data_set(item)
    for extra in ("reading", "slots", "scope", "optimizes"):
        if hasattr(item, extra):
            value = getattr(item, extra)
            described[extra] = list(value) if isinstance(value, tuple) else value
    return described


def _layer(item: type[Layer]) -> dict[str, Any]:
    """Ports and taps of the default settings; ``ports_vary`` where they depend on the settings."""
    varying = item.input_ports is not Layer.input_ports or item.output_ports is not Layer.output_ports
    ports = {
        side: [{"name": port.name, "many": port.many, "optional": port.optional} for port in getattr(item, side)]
        for side in ("inputs", "outputs")
    }
    taps = [{"name": tap.name, "source": tap.source, "picture": tap.picture} for tap in item(item.Config()).taps()]
    return {**ports, "ports_vary": varying, "taps": taps, "live": sorted(item.live)}


def _data_set(item: type[DataSet]) -> dict[str, Any]:
    """Source, licence and fields with the default settings."""
    data = item(item.Config())
    fields = {
        name: FieldReport(
            shape=ShapeInfo.of(field.shape),
            storage=field.storage,
            role=field.role,
            classes=list(field.classes),
            columns=list(field.columns),
        ).model_dump()
        for name, field in data.fields().items()
    }
    train, test = data.counts()
    counts = {"train": train, "test": test}
    return {"source": item.source, "licence": item.licence, "picture": item.picture, "fields": fields, "counts": counts}
