"""Changes in plain words, as the marks on a curve show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torchglass.layers.base import LAYERS
from torchglass.spec.experiment import ByHand
from torchglass.spec.network import Network, Node

_WORDS = {
    "lr": "learning rate",
    "batch_size": "batch size",
    "l1": "L1",
    "l2": "weight decay",
    "p": "dropout",
    "gradient_clipping": "gradient clipping",
    "clip_value": "clipping by value",
    "max_norm": "max-norm",
    "steps": "stop after steps",
    "epochs": "stop after epochs",
    "seconds": "stop after seconds",
    "loss_above": "stop above a loss of",
    "judge": "stop judged by",
    "target": "stop at the target",
    "patience": "patience",
    "restore_best": "back to the best",
    "split.train": "training examples",
    "split.test": "test examples",
    "count": "points",
    "test_share": "test share",
    "out_features": "units",
    "out_channels": "filters",
    "kernel_size": "kernel size",
    "hidden_size": "state size",
    "x1": "x₁",
    "x2": "x₂",
    "x1_squared": "x₁²",
    "x2_squared": "x₂²",
    "product": "x₁x₂",
    "sin_x1": "sin x₁",
    "sin_x2": "sin x₂",
    "prepare": "preparation",
    "augment": "augmentation",
    "by_hand": "examples",
    "held": "frozen and silenced units",
    "pruning": "pruning",
    "form": "form of the formulas",
    "edges": "connections",
}


def called(key: str) -> str:
    """A setting's name for people."""
    return _WORDS.get(key, key.rpartition(".")[2].replace("_", " "))


def shown(value: Any) -> str:
    """A value as a curve's mark shows it: short."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        kind = value.get("kind")
        return kind if isinstance(kind, str) else "…"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else text[:23] + "…"


def change(label: str, before: Any, after: Any) -> str:
    """``learning rate 0.1 → 0.01``; what is too long to show is only named."""
    if isinstance(after, list) or (isinstance(after, dict) and "kind" not in after):
        return f"{label} changed"
    if isinstance(after, dict) and shown(before) == shown(after):
        return f"{label}: settings changed"
    return f"{label} {shown(before)} → {shown(after)}"


def by_hand(before: Sequence[ByHand], after: Sequence[ByHand]) -> str:
    """How many examples somebody took into the hand, or let go."""
    differing = {one.model_dump_json() for one in before} ^ {one.model_dump_json() for one in after}
    places = {(one.split, one.row) for one in [*before, *after] if one.model_dump_json() in differing}
    added = abs(sum(one.row is None for one in after) - sum(one.row is None for one in before))
    number = max(1, added + sum(row is not None for _, row in places))
    return f"{number} example{'s' if number != 1 else ''} edited by hand"


def edit(before: Network, after: Network) -> str:
    """What an edit did to the network, in one short line."""
    old = {node.id: node for node in before.nodes}
    new = {node.id: node for node in after.nodes}
    parts = [
        _listed("added", [new[name] for name in new if name not in old]),
        _listed("removed", [old[name] for name in old if name not in new]),
        *_resized(old, new),
    ]
    if not any(parts) and before.edges != after.edges:
        parts.append("connections changed")
    if not any(parts):
        parts += _arranged(before, after)
    if not any(parts):
        parts.append("network changed")
    said = ", ".join(part for part in parts if part)
    return said if len(said) <= 120 else said[:119] + "…"


def _arranged(before: Network, after: Network) -> list[str]:
    """Blocks, names and shared weights: what leaves every layer as it is."""
    old = {node.id: node for node in before.nodes}
    return [
        *(f"block {part.replace('_', ' ')} made" for part in after.parts if part not in before.parts),
        *(f"block {part.replace('_', ' ')} dissolved" for part in before.parts if part not in after.parts),
        *(f"{_name(old[node.id])} renamed" for node in after.nodes if node.label != old[node.id].label),
        *(
            f"{_name(node)}: weights {'shared' if node.tied else 'of its own'}"
            for node in after.nodes
            if node.tied != old[node.id].tied
        ),
    ]


def _listed(what: str, nodes: list[Node]) -> str:
    if len(nodes) > 3:
        return f"{what} {len(nodes)} layers"
    return f"{what} {', '.join(_name(node) for node in nodes)}" if nodes else ""


def _name(node: Node) -> str:
    entry = LAYERS.get(node.kind)
    return f"{node.label or node.id} ({(entry.label if entry else node.kind).lower()})"


def _resized(old: dict[str, Node], new: dict[str, Node]) -> list[str]:
    found = []
    for name, node in new.items():
        twin = old.get(name)
        if twin is None or (twin.kind, twin.config) == (node.kind, node.config):
            continue
        if twin.kind != node.kind:
            found.append(f"{node.label or name} {twin.kind} → {node.kind}")
            continue
        keys = [key for key in {**twin.config, **node.config} if twin.config.get(key) != node.config.get(key)]
        changes = [change(called(key), twin.config.get(key), node.config.get(key)) for key in keys[:2]]
        found.append(f"{node.label or name}: {', '.join(changes)}")
    return found if len(found) <= 3 else [f"{len(found)} layers changed"]
