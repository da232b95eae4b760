"""Cross-entropy of yes/no questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.losses._classes import yes_no_problem
from torchglass.losses._masked import masked_mean, mean_definitions, shaped
from torchglass.losses.base import Loss
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


class BinaryCrossEntropy(Loss):
    """With logits: the sigmoid is part of the loss."""

    kind = "binary_cross_entropy"
    label = "Binary cross-entropy"
    group = "Classes"
    summary = "How surprised the network is by the answers to independent yes/no questions."
    formula = r"L = -\frac{1}{n}\sum_i \big( y_i \log \sigma(z_i) + (1 - y_i) \log (1 - \sigma(z_i)) \big)"
    docs = (
        "The output holds one score (logit) per question, without a sigmoid: the loss contains it. Targets are 0, 1 "
        "or a number between (a grey pixel). Two classes need one score only.\n\n"
        "Source: Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.3.2; "
        "`torch.nn.functional.binary_cross_entropy_with_logits`."
    )
    reading = "sigmoid"

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        return yes_no_problem(self.label, output, target, classes)

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        wanted = target.to(output.dtype).view(output.shape)
        return masked_mean(functional.binary_cross_entropy_with_logits(output, wanted, reduction="none"), mask)

    def read(self, output: Tensor) -> Tensor:
        return output.sigmoid()

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of questions answered on the right side of ½."""
        right = (output > 0) == (target.view(output.shape) > 0.5)
        return {"accuracy": masked_mean(right.to(output.dtype), mask)}

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        function = f"functional.binary_cross_entropy_with_logits({output.name}, wanted"
        right = f"(({output.name} > 0) == (wanted > 0.5)).to({output.name}.dtype)"
        return LossSource(
            "Cross-entropy of yes/no questions (the sigmoid is part of it), and the share of right answers",
            lines=(f"wanted = {shaped(target, output)}",),
            value=f'masked_mean({function}, reduction="none"), {mask})' if mask else f"{function})",
            metrics={"accuracy": f"masked_mean({right}, {mask})" if mask else f"{right}.mean()"},
            definitions=mean_definitions(mask),
        )
