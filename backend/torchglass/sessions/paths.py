"""Dotted paths into the experiment: which place they name, and what a change there means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from torchglass.augment.base import AUGMENTS
from torchglass.datasets.base import DATASETS
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.prepare.base import PREPARES
from torchglass.recipes.base import RECIPES
from torchglass.registry import Registry
from torchglass.schedules.base import SCHEDULES
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.words import called

#: What stays as it is while a run trains, and the way out.
FIXED = {
    "version": "The version says how the document is written; it is not a setting.",
    "stages": "Stages are planned before a run begins: start a new run with them, or go to another stage.",
    "training.device": (
        "A run stays on the device that it began on: start a new run with the other device in its settings."
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads in the raw document. ``trains``: the worker must hear of it; ``counts``: it is part
    of the revision (everything but ``view``). ``choice``: the registry, where the place is the kind of a choice."""

    holder: Any
    key: Any
    label: str
    trains: bool = True
    counts: bool = True
    node: str | None = None
    field: str | None = None
    default: Any = None
    choice: Registry[Any] | None = None

    @property
    def value(self) -> Any:
        """What stands there now, or would by default."""
        return self.holder.get(self.key, self.default) if isinstance(self.holder, dict) else self.holder[self.key]

    def put(self, value: Any) -> None:
        """Write it; another kind of something keeps the settings that it shares with the one before."""
        if self.choice is not None and isinstance(value, str) and value != self.value:
            self.holder["config"] = _shared(self.choice, self.value, value, self.holder.get("config", {}))
        self.holder[self.key] = value


def resolve(raw: dict[str, Any], path: str) -> Place:
    """The place that ``path`` names in a dumped experiment.

    Nodes go by their id, optimizers by their role. Raises RefusedError (``no-such-path``, or ``fixed`` for what
    cannot change while a run trains).
    """
    keys = path.split(".")
    for fixed, reason in FIXED.items():
        if path == fixed or path.startswith(f"{fixed}."):
            raise RefusedError("fixed", reason, field=path)
    match keys:
        case ["name" | "description" as key]:
            return Place(raw, key, key, trains=False)
        case ["view", *inner] if inner:
            return _inside_view(raw["view"], inner, path)
        case ["network", "nodes", node_id, *inner] if inner:
            return _node(raw, node_id, inner, path)
        case ["data", *inner]:
            return _chosen(raw, "data", inner, DATASETS, path)
        case ["recipe", "config", "loss", *inner] if isinstance(raw["recipe"]["config"].get("loss"), dict):
            return _chosen(raw["recipe"]["config"], "loss", inner, LOSSES, path)
        case ["recipe", *inner]:
            return _chosen(raw, "recipe", inner, RECIPES, path)
        case ["training", "schedule", *inner]:
            return _chosen(raw["training"], "schedule", inner, SCHEDULES, path)
        case ["training", "optimizers", role, *inner]:
            return _optimizer(raw["training"]["optimizers"], role, inner, path)
        case ["seed"] | ["network"] | ["network", "edges" | "parts" | "nodes"] | ["network", "parts", _]:
            return _plain(raw, keys, path)
        case ["training", "pruning", key] if isinstance(raw["training"]["pruning"], dict):
            return _plain(raw, ["training", "pruning", key], path)
        case ["training"] | ["training", _] | ["training", "regularization" | "stop", _]:
            return _plain(raw, keys, path)
        case _:
            raise _nowhere(path)


def _nowhere(path: str) -> RefusedError:
    return RefusedError("no-such-path", f"The experiment has no place called “{path[:80]}”.", field=path)


def _plain(raw: dict[str, Any], keys: list[str], path: str) -> Place:
    """A place of the document itself, which must be there; a part of the network may be new."""
    holder: Any = raw
    for key in keys[:-1]:
        holder = holder[key]
    if keys[-1] not in holder and keys[:-1] != ["network", "parts"]:
        raise _nowhere(path)
    return Place(holder, keys[-1], called(keys[-1]), field=path)


def _inside_view(view: dict[str, Any], keys: list[str], path: str) -> Place:
    holder: Any = view
    for key in keys[:-1]:
        holder = holder.setdefault(key, {}) if isinstance(holder, dict) else None
        if not isinstance(holder, dict):
            raise _nowhere(path)
    return Place(holder, keys[-1], "view", trains=False, counts=False, field=path)


def _chosen(holder: dict[str, Any], name: str, keys: list[str], registry: Registry[Any], path: str) -> Place:
    """A choice of a registry as a whole, its kind, its settings, or what else stands beside them."""
    choice = holder[name]
    match keys:
        case []:
            return Place(holder, name, called(name), field=path)
        case ["kind"]:
            return Place(choice, "kind", called(name), field=path, choice=registry)
        case ["config"]:
            return Place(choice, "config", f"settings of {called(name)}", field=path)
        case ["config", key]:
            return _setting(choice, key, registry, path)
        case ["prepare" | "augment" as list_, number, *inner] if number.isdigit() and int(number) < len(choice[list_]):
            return _one_of(choice[list_], int(number), inner, path, list_)
        case [key] if key in choice:
            return Place(choice, key, called(key), field=path)
        case [part, key] if isinstance(choice.get(part), dict) and key in choice[part]:
            return Place(choice[part], key, called(f"{part}.{key}"), field=path)
        case _:
            raise _nowhere(path)


def _one_of(choices: list[Any], number: int, keys: list[str], path: str, name: str) -> Place:
    label, registry = ("preparation", PREPARES) if name == "prepare" else ("augmentation", AUGMENTS)
    if not keys:
        return Place(choices, number, label, field=path)
    place = _chosen({label: choices[number]}, label, keys, registry, path)
    said = f"{choices[number]['kind']}: {place.label}" if name == "augment" and keys[0] == "config" else place.label
    return replace(place, label=said)


def _setting(choice: Mapping[str, Any], key: str, registry: Registry[Any], path: str) -> Place:
    entry = registry.get(choice["kind"])
    if entry is None or key not in entry.Config.model_fields:
        raise _nowhere(path)
    return Place(choice["config"], key, called(key), field=path, default=_default(entry.Config, key))


def _optimizer(optimizers: dict[str, Any], role: str, keys: list[str], path: str) -> Place:
    if role not in optimizers:
        raise _nowhere(path)
    place = _chosen(optimizers, role, keys, OPTIMIZERS, path)
    label = "optimizer" if keys in ([], ["kind"]) else place.label
    if len(optimizers) > 1:
        label = f"{role}: {label}"
    return Place(place.holder, place.key, label, field=path, default=place.default, choice=place.choice)


def _node(raw: dict[str, Any], node_id: str, keys: list[str], path: str) -> Place:
    node = next((node for node in raw["network"]["nodes"] if node["id"] == node_id), None)
    if node is None:
        raise RefusedError("no-such-path", f"The network has no node “{node_id[:64]}”.", node=node_id, field=keys[-1])
    name = node.get("label") or node_id
    match keys:
        case ["label"]:
            return Place(node, "label", f"{node_id}: name", trains=False, node=node_id, field="label")
        case ["kind"]:
            return Place(node, "kind", f"{name}: kind", node=node_id, field="kind", choice=LAYERS)
        case ["config" | "tied" as key]:
            return Place(node, key, f"{name}: settings", node=node_id, field=key)
        case ["config", key]:
            entry = LAYERS.get(node["kind"])
            if entry is None or key not in entry.Config.model_fields:
                message = f"A {node['kind']} layer has no setting “{key[:64]}”."
                raise RefusedError("no-such-path", message, node=node_id, field=key)
            default = _default(entry.Config, key)
            return Place(node["config"], key, f"{name}: {called(key)}", node=node_id, field=key, default=default)
        case _:
            raise _nowhere(path)


def _default(config: Any, key: str) -> Any:
    field = config.model_fields[key]
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _shared(registry: Registry[Any], before: str, after: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that both kinds have and the new one allows. The rate of an optimizer of another group means
    something else, so it begins at its default."""
    old, new = registry.get(before), registry.get(after)
    if old is None or new is None:
        return dict(config)
    kept: dict[str, Any] = {}
    for key, value in config.items():
        if key not in new.Config.model_fields or (key == "lr" and old.group != new.group):
            continue
        if not _refuses(new.Config, key, value):
            kept[key] = value
    return kept


def _refuses(config: Any, key: str, value: Any) -> bool:
    try:
        config.model_validate({key: value})
    except ValidationError as error:
        return any(item["loc"][:1] == (key,) for item in error.errors())
    return False
