"""How the first weights are drawn in a script."""

from __future__ import annotations

from torchglass.catalog import Analysis
from torchglass.export.layout import fit, indented
from torchglass.export.network import Written
from torchglass.source import Initial


def initialise(analysis: Analysis, written: list[Written]) -> list[str]:
    """The function that draws the first weights; empty where there is nothing to draw."""
    initials = _merged({node: i for one in written for node, i in one.initials.items()})
    if not initials:
        return []
    lines = [
        "@torch.no_grad()",
        f"def initialise(model: nn.Module{_PURPOSE if redraws(analysis) else ''}) -> None:",
        '    """First weights: every parameter draws from a random stream of its own."""',
    ]
    aliases = [written[0].paths[a.partition(".")[0]] + "." + a.partition(".")[2] for a in _aliases(analysis, written)]
    everything = "remove_duplicate=False" if aliases else ""
    lines.append(f"    for path, parameter in model.named_parameters({everything}):")
    if aliases:
        listed = ", ".join(f'"{alias}"' for alias in aliases)
        lines += indented([f"if path in ({listed},):  # shared: drawn where it lives", "    continue"], 8)
    lines += indented(_where(analysis, initials, written), 8)
    for number, (condition, rule) in enumerate(initials):
        lines.append(f"        {'elif' if number else 'if'} {condition}:")
        lines += indented(rule, 12)
    return ["\n".join(piece for line in lines for piece in fit(line))]


_PURPOSE = ', purpose: str = "init"'


def redraws(analysis: Analysis) -> bool:
    """Whether weights are drawn again, from other streams, after pruning."""
    pruning = analysis.experiment.training.pruning
    return pruning is not None and pruning.rewind == "random"


def _where(analysis: Analysis, initials: list[tuple[str, tuple[str, ...]]], written: list[Written]) -> list[str]:
    """Whose parameter it is, its module, and its random numbers: of these what the rules read."""
    module = 'module = model.get_submodule(path.rpartition(".")[0])'
    draws = any("random" in line for _, rule in initials for line in rule)
    if not draws and not any("node" in condition for condition, _ in initials):
        return [module]
    lines = ['*_, node, name = path.split(".")' if draws else 'node = path.split(".")[-2]']
    renamed = {path.rpartition(".")[2]: node for w in written for node, path in w.paths.items()}
    renamed = {inside: node for inside, node in renamed.items() if inside != node}
    if renamed:
        pairs = ", ".join(f'"{inside}": "{node}"' for inside, node in renamed.items())
        lines.append(f"node = {{{pairs}}}.get(node, node)")
    there = {inside for w in written for inside in w.paths}
    alike = analysis.recipe.draws_like(analysis.experiment.network) if analysis.recipe is not None else {}
    pairs = ", ".join(f'"{node}": "{like}"' for node, like in alike.items() if node in there)
    if draws and pairs:
        lines.append(f"like = {{{pairs}}}  # these begin with the same numbers")
    drawn = "like.get(node, node)" if pairs else "node"
    purpose = "purpose" if redraws(analysis) else '"init"'
    return [*lines, module, *([f"random = stream({purpose}, {drawn}, name)"] if draws else [])]


def _aliases(analysis: Analysis, written: list[Written]) -> list[str]:
    return [alias for alias in analysis.ties if alias.partition(".")[0] in written[0].paths]


def _merged(initials: dict[str, Initial]) -> list[tuple[str, tuple[str, ...]]]:
    """One condition per way of drawing: its types, or its nodes where a type begins in several ways."""
    rules: dict[tuple[str, ...], list[str]] = {}
    for node, initial in initials.items():
        rules.setdefault(initial.lines, []).append(node)
    ways = {
        i.types: len({other.lines for other in initials.values() if other.types == i.types}) for i in initials.values()
    }
    merged = []
    for lines, nodes in rules.items():
        types = list(dict.fromkeys(initials[node].types for node in nodes))
        if all(ways[name] == 1 for name in types):
            merged.append((f"isinstance(module, {' | '.join(types)})", lines))
        else:
            listed = ", ".join(f'"{node}"' for node in nodes)
            merged.append((f"node in ({listed},)" if len(nodes) == 1 else f"node in ({listed})", lines))
    return merged
