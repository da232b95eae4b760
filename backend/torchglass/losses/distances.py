"""Distances between numbers: squared, absolute, and Huber's between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from torchglass.losses._masked import masked_mean, mean_definitions, mean_source, shaped
from torchglass.losses.base import Loss
from torchglass.registry import Config as BaseConfig
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


class _Numbers(Loss):
    """What distances between numbers share."""

    group = "Numbers"

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if target.dtype != "float" or output.dtype != "float":
            return f"{self.label} compares numbers, but the target holds classes or tokens: use cross-entropy."
        if _essential(output) != _essential(target):
            return f"The output is {output}, but the target is {target}: they must have the same shape."
        return None

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``absolute_error``: mean absolute distance."""
        return {"absolute_error": masked_mean((output - target.to(output.dtype).view(output.shape)).abs(), mask)}

    def written(self) -> tuple[str, str]:
        """What the loss is called, and the loss of each number: of ``output``, ``wanted`` and their ``distance``."""
        raise NotImplementedError

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        words, each = self.written()
        return LossSource(
            f"{words}, and the mean distance",
            lines=(f"wanted = {shaped(target, output)}", "distance = (output - wanted).abs()"),
            value=mean_source(each, mask),
            metrics={"absolute_error": mean_source("distance", mask)},
            definitions=mean_definitions(mask),
        )


class MeanSquaredError(_Numbers):
    kind = "mse"
    label = "Squared error"
    summary = "The mean squared distance between output and target."
    formula = r"L = \frac{1}{n} \sum_i (\hat y_i - y_i)^2"
    docs = (
        "For predicting numbers, and for reconstructing an input. Output and target have the same shape; a single "
        "number may also meet a vector of one. Far-off predictions weigh most.\n\n"
        "Source: Legendre (1805); Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.1.1."
    )

    class Config(BaseConfig):
        form: Annotated[
            Literal["pytorch", "textbook"],
            Field(
                title="Written as",
                description="The textbook puts ½ before the square, so that the gradient is the error itself and not "
                "twice the error: the same minimum at half the rate.",
            ),
        ] = "pytorch"

    config: Config

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        error = output - target.to(output.dtype).view(output.shape)
        return masked_mean(0.5 * error**2 if self.config.form == "textbook" else error**2, mask)

    def written(self) -> tuple[str, str]:
        if self.config.form == "textbook":
            return "Half the mean squared error", "0.5 * (output - wanted) ** 2"
        return "Mean squared error", "(output - wanted) ** 2"


class AbsoluteError(_Numbers):
    kind = "l1"
    label = "Absolute error"
    summary = "The mean distance between output and target."
    formula = r"L = \frac{1}{n} \sum_i |\hat y_i - y_i|"
    docs = (
        "Every error pulls with the same force, so that single outliers hardly matter: the best constant is the "
        "median. The gradient does not fade near the target; a falling rate helps to settle.\n\n"
        "Source: Boscovich (1757), Laplace (1774); `torch.nn.functional.l1_loss`."
    )

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        return masked_mean((output - target.to(output.dtype).view(output.shape)).abs(), mask)

    def written(self) -> tuple[str, str]:
        return "Mean absolute error", "distance"


class Huber(_Numbers):
    kind = "huber"
    label = "Huber"
    summary = "Squared near the target, absolute far from it."
    formula = (
        r"L = \frac1n\sum_i \begin{cases} \tfrac12 r_i^2 & |r_i| \le \delta \\"
        r" \delta(|r_i| - \tfrac12\delta) & \text{else} \end{cases}"
    )
    docs = (
        "Smooth where it matters and calm where outliers are: r = ŷ − y, δ says where one becomes the other.\n\n"
        "Source: Huber (1964), *Robust estimation of a location parameter*; `torch.nn.functional.huber_loss`."
    )

    class Config(BaseConfig):
        delta: Annotated[
            float, Field(gt=0, le=1e6, title="δ", description="Errors beyond it count by their size, not its square.")
        ] = 1.0

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        wanted = target.to(output.dtype).view(output.shape)
        return masked_mean(functional.huber_loss(output, wanted, reduction="none", delta=self.config.delta), mask)

    def written(self) -> tuple[str, str]:
        return "Huber's loss", f'functional.huber_loss(output, wanted, reduction="none", delta={self.config.delta})'


def _essential(shape: Shape) -> tuple[int | str, ...]:
    """Sizes without a last axis of one, so that a number meets a vector of one."""
    return shape.sizes[:-1] if shape.sizes and shape.sizes[-1] == 1 else shape.sizes
