"""Smooth activations."""

from __future__ import annotations

from pydantic import Field

from torchglass.layers._elementwise import Elementwise
from torchglass.layers._settings import Settings


class SiLU(Elementwise):
    kind = "silu"
    label = "SiLU"
    summary = "A smooth ReLU: every number times its own sigmoid."
    formula = r"y = x\,\sigma(x)"
    docs = (
        "Also called swish. It dips a little below zero before it rises.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Elfwing, Uchibe, Doya (2018), *Sigmoid-weighted linear units*; Ramachandran, Zoph, Le (2017)."
    )
    module = "SiLU"


class SoftplusConfig(Settings):
    beta: float = Field(1.0, title="β", description="How sharp the bend at zero is.", gt=0, le=100)


class Softplus(Elementwise):
    kind = "softplus"
    label = "Softplus"
    summary = "A smooth curve above ReLU; its slope is the sigmoid."
    formula = r"y = \tfrac1\beta \log(1 + e^{\beta x})"
    docs = (
        "Always positive, so it also makes scales and variances.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Dugas, Bengio, Bélisle, Nadeau, Garcia (2001), *Incorporating second-order functional knowledge*."
    )
    module = "Softplus"
    Config = SoftplusConfig
    config: SoftplusConfig
    live = frozenset({"beta"})
