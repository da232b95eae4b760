"""Mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.losses._masked import masked_mean
from torchglass.losses.base import Loss
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


class MeanSquaredError(Loss):
    kind = "mse"
    label = "Squared error"
    group = "Numbers"
    summary = "The mean squared distance between output and target."
    formula = r"L = \frac{1}{n} \sum_i (\hat y_i - y_i)^2"
    docs = (
        "For predicting numbers, and for reconstructing an input. Output and target have the same shape; a single "
        "number may also meet a vector of one. Far-off predictions weigh most.\n\n"
        "Source: Legendre (1805); Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.1.1."
    )

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if target.dtype != "float" or output.dtype != "float":
            return "The squared error compares numbers, but the target holds classes or tokens: use cross-entropy."
        if _essential(output) != _essential(target):
            return f"The output is {output}, but the target is {target}: they must have the same shape."
        return None

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        return masked_mean((output - target.to(output.dtype).view(output.shape)) ** 2, mask)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``absolute_error``: mean absolute distance."""
        return {"absolute_error": masked_mean((output - target.to(output.dtype).view(output.shape)).abs(), mask)}


def _essential(shape: Shape) -> tuple[int | str, ...]:
    """Sizes without a last axis of one, so that a number meets a vector of one."""
    return shape.sizes[:-1] if shape.sizes and shape.sizes[-1] == 1 else shape.sizes
