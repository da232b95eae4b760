"""Modules that torch.nn does not have. Imported by ``build`` only: this file needs torch.

Legend: B batch, D features, H hidden, N slots.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Sum(nn.Module):
    """Adds a list of equally shaped tensors."""

    def forward(self, inputs: list[Tensor]) -> Tensor:
        total = inputs[0]
        for tensor in inputs[1:]:
            total = total + tensor
        return total


class Scale(nn.Module):
    """Multiplies by a number that is not learned."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


class Product(nn.Module):
    """Multiplies a list of tensors; axes of size 1 meet any size."""

    def forward(self, inputs: list[Tensor]) -> Tensor:
        product = inputs[0]
        for tensor in inputs[1:]:
            product = product * tensor
        return product


class Join(nn.Module):
    """Concatenates a list of tensors along ``dim`` (the batch is dimension 0)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, inputs: list[Tensor]) -> Tensor:
        return torch.cat(inputs, self.dim)


class BoltzmannMachine(nn.Module):
    """p(h|v) of a restricted Boltzmann machine with binary units."""

    def __init__(self, visible: int, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(hidden, visible))
        self.bias = nn.Parameter(torch.zeros(hidden))
        self.visible_bias = nn.Parameter(torch.zeros(visible))

    def forward(self, v_BD: Tensor) -> Tensor:
        """Probabilities of the hidden units (B, H)."""
        return torch.sigmoid(functional.linear(v_BD, self.weight, self.bias))

    def visible(self, h_BH: Tensor) -> Tensor:
        """Probabilities of the visible units (B, D)."""
        return torch.sigmoid(functional.linear(h_BH, self.weight.T, self.visible_bias))


class _Addressed(nn.Module):
    def __init__(self, similarity: str, sharpness: float) -> None:
        super().__init__()
        self.similarity = similarity
        self.sharpness = sharpness

    def weights(self, memory_BND: Tensor, key_BD: Tensor) -> Tensor:
        """Weight of every slot (B, N), adding up to one."""
        if self.similarity == "slot":
            scores_BN = key_BD
        elif self.similarity == "dot":
            scores_BN = (memory_BND @ key_BD.unsqueeze(-1)).squeeze(-1)
        else:
            scores_BN = functional.cosine_similarity(memory_BND, key_BD.unsqueeze(1), dim=-1, eps=1e-6)
        return torch.softmax(self.sharpness * scores_BN, dim=-1)


class MemoryReader(_Addressed):
    """Weighted mean of the slots."""

    def forward(self, memory_BND: Tensor, key_BD: Tensor) -> Tensor:
        return (self.weights(memory_BND, key_BD).unsqueeze(1) @ memory_BND).squeeze(1)


class MemoryWriter(_Addressed):
    """Moves every slot towards the value by its weight."""

    def forward(self, memory_BND: Tensor, key_BD: Tensor, value_BD: Tensor) -> Tensor:
        w_BN1 = self.weights(memory_BND, key_BD).unsqueeze(-1)
        return memory_BND + w_BN1 * (value_BD.unsqueeze(1) - memory_BND)


class MaxoutLinear(nn.Module):
    """The largest of ``pieces`` linear functions per unit. (B, ..., D) -> (B, ..., units)."""

    def __init__(self, into: int, units: int, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces
        self.weight = nn.Parameter(torch.zeros(units * pieces, into))
        self.bias = nn.Parameter(torch.zeros(units * pieces))

    def forward(self, x: Tensor) -> Tensor:
        pieces = functional.linear(x, self.weight, self.bias)  # (B, ..., units · pieces)
        return pieces.view(*x.shape[:-1], -1, self.pieces).amax(-1)


class Threshold(nn.Module):
    """1 above the threshold, else 0; with the straight-through estimator the slope is 1 within ±1 of it."""

    def __init__(self, threshold: float, straight_through: bool) -> None:
        super().__init__()
        self.threshold = threshold
        self.straight_through = straight_through

    def forward(self, x: Tensor) -> Tensor:
        hard = (x > self.threshold).to(x.dtype)
        if not self.straight_through:
            return hard + 0 * x  # flat: a gradient of zero, not none
        soft = (x - self.threshold).clamp(-1, 1)
        return hard + soft - soft.detach()


class PlainDropout(nn.Module):
    """Dropout as Srivastava et al. (2014) write it: numbers are dropped and the others stay as they are; when the
    network is used, ``scaled`` makes all of them smaller by the share that stayed while training."""

    def __init__(self, p: float, scaled: bool) -> None:
        super().__init__()
        self.p = p
        self.scaled = scaled

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return x * torch.empty_like(x).bernoulli_(1 - self.p)
        return x * (1 - self.p) if self.scaled else x


class Offset(nn.Module):
    """Adds a learned number to every number."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(*sizes))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


class ConvolutionAlong(nn.Conv1d):
    """A convolution along the second axis of (B, T, D)."""

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(B, T', out_channels)."""
        return super().forward(x_BTD.transpose(1, 2)).transpose(1, 2)


class MaxPoolingAlong(nn.MaxPool1d):
    """The largest number of windows along the second axis of (B, T, D)."""

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(B, T', D)."""
        pooled: Tensor = super().forward(x_BTD.transpose(1, 2))
        return pooled.transpose(1, 2)


class AveragePoolingAlong(nn.AvgPool1d):
    """The mean of windows along the second axis of (B, T, D)."""

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(B, T', D)."""
        pooled: Tensor = super().forward(x_BTD.transpose(1, 2))
        return pooled.transpose(1, 2)
