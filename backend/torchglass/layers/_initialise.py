"""Initial weights, one random stream per parameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.source import FAN_IN

if TYPE_CHECKING:
    from torch import Tensor, nn

Initial = Literal[
    "default", "zeros", "normal", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "orthogonal"
]


class InitialSettings(Settings):
    """How the weights begin; biases begin at zero unless the choice is ``default``."""

    initial: Initial = Field(
        "default",
        title="First weights",
        description="Where the weights begin: PyTorch's rule, all zero, plain normal, Xavier's, He's, or orthogonal.",
    )
    initial_scale: float = Field(
        1.0,
        title="Scale",
        description="Standard deviation of plain normal weights; a factor for Xavier, He and orthogonal.",
        ge=0,
        le=1000,
    )


def initialise_by(settings: InitialSettings, module: nn.Module, name: str, generator: Any) -> None:
    """Fill ``name`` as asked. Xavier: Glorot, Bengio (2010); He: He, Zhang, Ren, Sun (2015), gain √2; orthogonal:
    Saxe, McClelland, Ganguli (2014); as ``torch.nn.init``, with fan_in and fan_out of ``weight`` (O, I, ...)."""
    import torch

    if settings.initial == "default":
        initialise_default(module, name, generator)
        return
    tensor = module.get_parameter(name)
    with torch.no_grad():
        if settings.initial == "zeros" or tensor.dim() < 2:
            tensor.zero_()
            return
        # Drawn into plain memory first: the parameter may be laid out otherwise, which would change the order.
        tensor.copy_(_drawn(settings, torch.empty(tensor.shape, dtype=tensor.dtype), generator))


def _drawn(settings: InitialSettings, empty: Tensor, generator: Any) -> Tensor:
    from torch.nn import init

    scale = settings.initial_scale
    match settings.initial:
        case "normal":
            return empty.normal_(0.0, 1.0, generator=generator).mul_(scale)
        case "xavier_uniform":
            return init.xavier_uniform_(empty, gain=scale, generator=generator)
        case "xavier_normal":
            return init.xavier_normal_(empty, gain=scale, generator=generator)
        case "he_uniform":
            return init.kaiming_uniform_(empty, nonlinearity="relu", generator=generator).mul_(scale)
        case "he_normal":
            return init.kaiming_normal_(empty, nonlinearity="relu", generator=generator).mul_(scale)
        case _:
            return init.orthogonal_(empty, gain=scale, generator=generator)


def lines_of(settings: InitialSettings) -> tuple[str, ...]:
    """``initialise_by`` as the lines of a script; see ``source.Initial``."""
    scale = settings.initial_scale
    times = "" if scale == 1 else f".mul_({scale})"
    gain = "" if scale == 1 else f", gain={scale}"
    drawn = {
        "normal": f"parameter.normal_(0.0, 1.0, generator=random){times}",
        "xavier_uniform": f"nn.init.xavier_uniform_(parameter{gain}, generator=random)",
        "xavier_normal": f"nn.init.xavier_normal_(parameter{gain}, generator=random)",
        "he_uniform": f'nn.init.kaiming_uniform_(parameter, nonlinearity="relu", generator=random){times}',
        "he_normal": f'nn.init.kaiming_normal_(parameter, nonlinearity="relu", generator=random){times}',
        "orthogonal": f"nn.init.orthogonal_(parameter{gain}, generator=random)",
    }
    if settings.initial == "default":
        return FAN_IN
    if settings.initial == "zeros":
        return ("parameter.zero_()",)
    return (
        "parameter.zero_()  # the bias",
        "if parameter.dim() > 1:",
        f"    {drawn[settings.initial]}",
    )


def initialise_default(module: nn.Module, name: str, generator: Any) -> None:
    """PyTorch's default for Linear and Conv: U(−1/√fan_in, 1/√fan_in) for weight and bias
    (``kaiming_uniform_`` with a=√5, He et al. 2015); normalisation starts as the identity."""
    import torch

    tensor = module.get_parameter(name)
    with torch.no_grad():
        weight = getattr(module, "weight", None)
        if weight is None or weight.dim() < 2:
            tensor.fill_(1.0 if name.endswith("weight") else 0.0)
            return
        fan_in = math.prod(weight.shape[1:])
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        tensor.copy_(torch.empty(tensor.shape, dtype=tensor.dtype).uniform_(-bound, bound, generator=generator))
