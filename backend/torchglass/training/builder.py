"""From the checked document to modules: the one place where layers become torch."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from torchglass.catalog import Analysis, Graph, NodePlan
from torchglass.layers.part import Part as PartLayer
from torchglass.layers.scan import Scan as ScanLayer
from torchglass.training.model import Call, Feeding, Network, Part, Plan, Scan, Source
from torchglass.training.randomness import generator


def build(analysis: Analysis, dtype: torch.dtype) -> Network:
    """The network of an analysis without errors; weights are not initialised yet (see ``initialise``)."""
    modules: dict[str, nn.Module] = {}
    for plan in analysis.plans():
        if not _is_fed(plan):
            modules[plan.node.id] = _module(plan, analysis).to(dtype)
    for alias, owner in analysis.ties.items():
        _tie(modules, alias, owner)
    parts = {name: _plan(graph, graph.order) for name, graph in analysis.parts.items()}
    for name, members in analysis.experiment.network.parts.items():
        if name not in parts:
            parts[name] = _plan(analysis.main, [node for node in analysis.main.order if node in members])
    return Network(modules, _plan(analysis.main, analysis.main.order), parts, analysis.ties)


def initialise(network: Network, analysis: Analysis, seed: int, purpose: str = "init") -> None:
    """Draw every parameter from its own stream ``<purpose>/<node>/<parameter>`` (nodes that the recipe wants alike
    from the same), and reset running statistics."""
    alike = analysis.recipe.draws_like(analysis.experiment.network) if analysis.recipe is not None else {}
    with torch.no_grad():
        for name in network.parameters_by_name():
            node, _, parameter = name.partition(".")
            layer, module = analysis.layers[node], network.module(node)
            layer.initialise(module, parameter, generator(seed, purpose, alike.get(node, node), parameter))
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.reset_running_stats()


def _is_fed(plan: NodePlan) -> bool:
    """A node without input ports takes its value from outside."""
    return not plan.input_ports


def _module(plan: NodePlan, analysis: Analysis) -> nn.Module:
    layer = plan.layer
    if isinstance(layer, PartLayer | ScanLayer):
        graph = analysis.parts[layer.config.part]
        results = [f"{node}.{port}" for node, port in graph.outputs.values()]
        ports = [port.name for port in plan.input_ports]
        if isinstance(layer, PartLayer):
            return Part(layer.config.part, ports, results)
        config = layer.config
        shapes = {name: graph.nodes[name].outputs["out"].known() for name in config.carry}
        return Scan(config.part, ports, results, config.over, config.carry, config.feedback, config.mode, shapes)
    return layer.build(plan.inputs, analysis.context)


def _plan(graph: Graph, order: Iterable[str]) -> Plan:
    feeds, calls = [], []
    for node in order:
        plan = graph.nodes[node]
        outputs = tuple(f"{node}.{port.name}" for port in plan.output_ports)
        if _is_fed(plan):
            feeds.append(Feeding(node, getattr(plan.layer.config, "field", None), outputs[0]))
        else:
            calls.append(Call(node, tuple(_source(plan, port.name, port.many) for port in plan.input_ports), outputs))
    return Plan(tuple(feeds), tuple(calls))


def _source(plan: NodePlan, port: str, many: bool) -> Source:
    keys = [f"{node}.{output}" for node, output in plan.sources.get(port, [])]
    if many:
        return keys
    return keys[0] if keys else None


def _tie(modules: dict[str, nn.Module], alias: str, owner: str) -> None:
    """Let ``alias`` be the very parameter of ``owner``; it keeps the owner's name in storage and checkpoints."""
    node, _, name = owner.partition(".")
    parameter = modules[node].get_parameter(name)
    node, _, name = alias.partition(".")
    setattr(modules[node], name, parameter)
