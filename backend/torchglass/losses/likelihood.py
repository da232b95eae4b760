"""Losses that ask how probable the target was, where the network says how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.losses._masked import masked_mean, mean_definitions, mean_source
from torchglass.losses.base import Loss
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor

#: Logarithms of variances are kept within ± this, so that neither they nor their inverse overflow.
_MOST = 30.0


class Gaussian(Loss):
    """Legend: B batch. Outputs are (..., 2): a mean and the logarithm of a variance."""

    kind = "gaussian"
    label = "Gaussian likelihood"
    group = "Numbers"
    summary = "Two units say a mean and how uncertain it is; the loss is how improbable the target was under both."
    formula = r"L = \tfrac12\Big(s + \frac{(y - \mu)^2}{e^{s}} + \log 2\pi\Big),\quad s = \log\sigma^2"
    docs = (
        "The first unit is the mean μ, the second s = log σ². An error costs less where σ is large, and a large σ "
        "costs s itself, so the network learns how much the data scatter at every place: what is left uncertain "
        "however much is learned. With σ fixed it is the squared error.\n\n"
        "Source: Nix, Weigend (1994), *Estimating the mean and variance of the target probability distribution*; "
        "`torch.nn.functional.gaussian_nll_loss` with the constant."
    )

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if target.dtype != "float" or output.dtype != "float":
            return f"{self.label} compares numbers, but the target holds classes or tokens: use cross-entropy."
        if output.sizes != (*target.sizes, 2):
            return f"{self.label} needs 2 units for each number, a mean and a log-variance; the output is {output}."
        return None

    def units(self, classes: int) -> int:
        return 2

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        import math

        mean, log_variance = output[..., 0], output[..., 1].clamp(-_MOST, _MOST)
        squares = (target.to(output.dtype) - mean).square()
        return masked_mean(0.5 * (log_variance + squares / log_variance.exp() + math.log(2 * math.pi)), mask)

    def read(self, output: Tensor) -> Tensor:
        """(..., 2) -> (..., 3): the mean, one standard deviation below it and one above."""
        import torch

        mean, deviation = output[..., 0], (output[..., 1].clamp(-_MOST, _MOST) / 2).exp()
        return torch.stack([mean, mean - deviation, mean + deviation], dim=-1)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``absolute_error`` of the mean, and ``within``: share of targets within one standard deviation (68 % where
        the network knows how uncertain it is)."""
        errors = (target.to(output.dtype) - output[..., 0]).abs()
        inside = (errors <= (output[..., 1].clamp(-_MOST, _MOST) / 2).exp()).to(output.dtype)
        return {"absolute_error": masked_mean(errors, mask), "within": masked_mean(inside, mask)}

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        return LossSource(
            "Gaussian likelihood, the mean distance, and the share of targets within one standard deviation",
            lines=(
                f"mean, log_variance = output[..., 0], output[..., 1].clamp(-{_MOST}, {_MOST})",
                "distance = (target.to(output.dtype) - mean).abs()",
                "surprise = log_variance + distance.square() / log_variance.exp() + math.log(2 * math.pi)",
                "inside = distance <= (log_variance / 2).exp()",
            ),
            value=mean_source("0.5 * surprise", mask),
            metrics={
                "absolute_error": mean_source("distance", mask),
                "within": mean_source("inside.to(output.dtype)", mask),
            },
            definitions=mean_definitions(mask),
        )
