"""Follows tokens from the data to the layers that look them up: an unknown token would stop the training."""

from __future__ import annotations

from collections.abc import Mapping

from torchglass.checking.plan import Analysis, Graph, Source
from torchglass.spec.problems import Mend, Problem


def check_vocabularies(analysis: Analysis) -> None:
    """A layer that looks tokens up must know every token of the field that reaches it, also inside parts."""
    _follow(analysis.main, analysis, {}, set())


def _follow(graph: Graph, analysis: Analysis, given: Mapping[str, int], seen: set[str]) -> None:
    tokens: dict[Source, int] = {(node, "out"): count for node, count in given.items()}
    for node_id in graph.order:
        plan = graph.nodes.get(node_id)
        if plan is None:
            continue
        field = str(getattr(plan.layer.config, "field", ""))
        if not plan.input_ports and field in analysis.fields:
            tokens[(node_id, plan.output_ports[0].name)] = len(analysis.fields[field].classes)
        arriving = {
            port: max((tokens.get(source, 0) for source in sources), default=0)
            for port, sources in plan.sources.items()
        }
        if plan.node.kind == "identity":
            tokens[(node_id, "out")] = max(arriving.values(), default=0)
        known, most = plan.layer.vocabulary(), max(arriving.values(), default=0)
        if known is not None and known < most:
            analysis.problems.append(_problem(node_id, known, most))
        part = plan.layer.called_part()
        if part in analysis.parts and part not in seen:
            _follow(analysis.parts[part], analysis, arriving, {*seen, part})


def _problem(node: str, known: int, most: int) -> Problem:
    mend = Mend(label=f"Know {most} tokens", path=f"network.nodes.{node}.config.num_embeddings", value=most)
    message = f"The data has {most} different tokens, but this layer knows only {known}."
    return Problem(message=message, node=node, field="num_embeddings", mend=mend)
