"""What an edited document asks for: settings in place, other data, another recipe, or another network."""

from __future__ import annotations

from torchglass.layers.base import LAYERS
from torchglass.spec.experiment import Experiment
from torchglass.spec.network import Network, Node


def other_data(before: Experiment, after: Experiment) -> bool:
    """Whether the examples or how they are prepared differ; the size of a batch and what is done to one at random are
    taken over in place."""
    live = {"batch_size": before.data.batch_size, "augment": before.data.augment}
    return after.data.model_copy(update=live) != before.data or before.seed != after.seed


def other_network(before: Experiment, after: Experiment) -> bool:
    """Whether modules must be built anew: more than labels and settings that a layer takes over in place."""
    return _structure(before.network, after.network) != _structure(after.network, before.network)


def _structure(network: Network, other: Network) -> list[object]:
    twins = {node.id: node for node in other.nodes}
    nodes = [(node.id, node.kind, node.tied, _settings(node, twins.get(node.id))) for node in network.nodes]
    return [nodes, network.edges, network.parts]


def _settings(node: Node, twin: Node | None) -> dict[str, object]:
    """The settings that need a new module, with their defaults where they are left out."""
    config = LAYERS[node.kind].Config.model_validate(node.config).model_dump()
    live = LAYERS[node.kind].live if twin is not None and twin.kind == node.kind else frozenset()
    return {name: value for name, value in config.items() if name not in live}


def only_training(before: Experiment, after: Experiment) -> bool:
    """Whether no more than rates, limits and names differ, so that the check of before still holds."""
    if before.training.precision != after.training.precision or before.seed != after.seed:
        return False
    return (before.network, before.data, before.recipe) == (after.network, after.data, after.recipe)


def live_changes(before: Experiment, after: Experiment) -> list[str]:
    """Ids of the nodes whose settings differ."""
    configs = {node.id: node.config for node in before.network.nodes}
    return [node.id for node in after.network.nodes if node.config != configs[node.id]]
