"""Dotted paths into the experiment: which place they name, and whether it may change while a run trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torchglass.sessions.errors import RefusedError

_WORDS = {
    "lr": "learning rate",
    "batch_size": "batch size",
    "l1": "L1",
    "l2": "weight decay",
    "p": "dropout",
    "gradient_clipping": "gradient clipping",
    "steps": "stop after steps",
    "epochs": "stop after epochs",
}
STRUCTURE = (
    "That changes the structure of the experiment, which this run cannot take over while it trains. "
    "Start a new run with it."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads in the raw document. ``trains``: the worker must hear of it; ``counts``: it is part
    of the revision (everything but ``view``)."""

    holder: dict[str, Any]
    key: str
    label: str
    trains: bool = True
    counts: bool = True
    node: str | None = None
    field: str | None = None
    default: Any = None


def resolve(raw: dict[str, Any], path: str) -> Place:
    """The place that ``path`` names in a dumped experiment.

    Nodes go by their id, optimizers by their role. Raises RefusedError (``no-such-path`` or ``structure``).
    """
    match path.split("."):
        case ["name" | "description" as key]:
            return Place(raw, key, key, trains=False)
        case ["view", *keys] if keys:
            return _inside_view(raw["view"], keys, path)
        case ["data", "batch_size"]:
            return Place(raw["data"], "batch_size", _WORDS["batch_size"], field=path)
        case ["training", "gradient_clipping" as key]:
            return Place(raw["training"], key, _WORDS[key], field=path)
        case ["training", "regularization" | "stop" as part, key]:
            if key not in raw["training"][part]:
                raise _nowhere(path)
            return Place(raw["training"][part], key, _WORDS.get(key, key), field=path)
        case ["training", "optimizers", role, "config", key]:
            return _optimizer(raw, role, key, path)
        case ["network", "nodes", node_id, "config", key]:
            return _node(raw, node_id, key, path)
        case [first, *_] if first in raw:
            raise RefusedError("structure", STRUCTURE, field=path)
        case _:
            raise _nowhere(path)


def _nowhere(path: str) -> RefusedError:
    return RefusedError("no-such-path", f"The experiment has no place called “{path[:80]}”.", field=path)


def _inside_view(view: dict[str, Any], keys: list[str], path: str) -> Place:
    holder: Any = view
    for key in keys[:-1]:
        holder = holder.setdefault(key, {}) if isinstance(holder, dict) else None
        if not isinstance(holder, dict):
            raise _nowhere(path)
    return Place(holder, keys[-1], "view", trains=False, counts=False, field=path)


def _optimizer(raw: dict[str, Any], role: str, key: str, path: str) -> Place:
    from torchglass.optimizers.base import OPTIMIZERS

    optimizers = raw["training"]["optimizers"]
    if role not in optimizers:
        raise _nowhere(path)
    entry = OPTIMIZERS.get(optimizers[role]["kind"])
    if entry is None or key not in entry.Config.model_fields:
        raise _nowhere(path)
    label = _WORDS.get(key, key.replace("_", " "))
    if len(optimizers) > 1:
        label = f"{role}: {label}"
    return Place(optimizers[role]["config"], key, label, field=path, default=_default(entry.Config, key))


def _node(raw: dict[str, Any], node_id: str, key: str, path: str) -> Place:
    from torchglass.layers.base import LAYERS

    node = next((node for node in raw["network"]["nodes"] if node["id"] == node_id), None)
    if node is None:
        raise RefusedError("no-such-path", f"The network has no node “{node_id[:64]}”.", node=node_id, field=key)
    entry = LAYERS.get(node["kind"])
    if entry is None or key not in entry.Config.model_fields:
        raise RefusedError(
            "no-such-path", f"A {node['kind']} layer has no setting “{key[:64]}”.", node=node_id, field=key
        )
    if key not in entry.live:
        raise RefusedError("structure", STRUCTURE, node=node_id, field=key)
    name = node.get("label") or node_id
    label = f"{name}: {_WORDS.get(key, key.replace('_', ' '))}"
    return Place(node["config"], key, label, node=node_id, field=key, default=_default(entry.Config, key))


def _default(config: Any, key: str) -> Any:
    field = config.model_fields[key]
    return None if field.is_required() else field.get_default(call_default_factory=True)
