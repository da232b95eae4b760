"""Pruning in a script: the same weights go in the same rounds, and what is left is rewound as in the run."""

from __future__ import annotations

from torchglass.catalog import Analysis
from torchglass.export.layout import indented
from torchglass.source import SourceError
from torchglass.spec.training import Pruning

_HEAD = '''@torch.no_grad()
def prune(pruned: dict[nn.Parameter, Tensor], share: float) -> None:
    """Takes out the smallest {which}; of each layer the largest stays."""'''

_BY_LAYER = """    for weight, out in pruned.items():
        size = weight.abs().masked_fill(out, -1.0).reshape(-1)
        gone = torch.zeros_like(size, dtype=torch.bool)
        gone[torch.argsort(size, stable=True)[: round(share * len(size))]] = True
        if gone.all():
            gone[size.argmax()] = False
        out.copy_(gone.view(out.shape))
        weight[out] = 0"""

_OVER_ALL = """    sizes = [weight.abs().masked_fill(out, -1.0).reshape(-1) for weight, out in pruned.items()]
    size = torch.cat(sizes)
    gone = torch.zeros_like(size, dtype=torch.bool)
    gone[torch.argsort(size, stable=True)[: round(share * len(size))]] = True
    for (weight, out), own, part in zip(pruned.items(), sizes, gone.split([len(one) for one in sizes]), strict=True):
        if part.all():
            part[own.argmax()] = False
        out.copy_(part.view(out.shape))
        weight[out] = 0"""


def function(settings: Pruning) -> str:
    """What takes weights out."""
    by_layer = settings.scope == "layer"
    head = _HEAD.format(which="weights of every layer" if by_layer else "of all weights together")
    return f"{head}\n{_BY_LAYER if by_layer else _OVER_ALL}"


def setup(settings: Pruning, analysis: Analysis, frozen: list[str], models: list[str]) -> list[str]:
    """Before the loop: nothing is out yet, and when which share will be. ``frozen``: parameters that are, by hand.
    Raises SourceError for what a script can not rewind."""
    held = analysis.experiment.training.held
    for node, hold in held.items():
        if hold.frozen_units or (hold.frozen and settings.rewind == "random"):
            raise SourceError(
                "A script can not prune a network with single frozen units, or redraw frozen ones.", node=node
            )
    everything = f"{models[0]}.parameters()"
    if len(models) > 1:
        everything = f"[{', '.join(f'*{model}.parameters()' for model in models)}]"
    number, first, every = settings.rounds, settings.first, settings.every
    rounds = (
        f"{{{first} + k * {every}: 1 - (1 - {settings.sparsity}) ** ((k + 1) / {number}) for k in range({number})}}"
    )
    if number == 1:
        rounds = f"{{{first}: {settings.sparsity}}}"
    return [
        "pruned: dict[nn.Parameter, Tensor] = {}",
        f"for weight in {everything}:",
        "    if weight.dim() > 1:",
        "        pruned[weight] = torch.zeros_like(weight, dtype=torch.bool)",
        *(f"pruned.pop({path}, None)  # frozen by hand: it stays" for path in frozen),
        "# After so many steps, the share that is out.",
        f"rounds = {rounds}",
    ]


def step(settings: Pruning, models: dict[str, tuple[str, str]], draws: bool) -> list[str]:
    """In the loop, ahead of a step. ``models``: variable -> its class and its optimizer."""
    lines = ["prune(pruned, rounds[step - 1])"]
    if settings.rewind != "keep":
        last = settings.first + (settings.rounds - 1) * settings.every
        purpose = f', "redrawn" if step == {last + 1} else "init"' if settings.rewind == "random" else ""
        for model, (name, optimizer) in models.items():
            lines.append(f"fresh = {name}()")
            if draws:
                lines.append(f"initialise(fresh{purpose})")
            lines += [f"{model}.load_state_dict(fresh.state_dict())", f"{optimizer}.state.clear()"]
        lines += ["with torch.no_grad():", *indented(OUT)]
    return ["if step - 1 in rounds:", *indented(lines)]


#: What is out is zero.
OUT = ["for weight, out in pruned.items():", "    weight[out] = 0"]

#: What is out pulls at nothing.
NO_GRADIENT = [
    "for weight, out in pruned.items():",
    "    if weight.grad is not None:",
    "        weight.grad[out] = 0",
]
