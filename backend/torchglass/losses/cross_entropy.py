"""Cross-entropy of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.losses._classes import per_class_problem
from torchglass.losses._masked import masked_mean, mean_definitions
from torchglass.losses.base import Loss
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


class CrossEntropy(Loss):
    """Legend: B batch, T time, K classes."""

    kind = "cross_entropy"
    label = "Cross-entropy"
    group = "Classes"
    summary = "How surprised the network is by the right class: minus the logarithm of its probability."
    formula = r"L = -\log \frac{e^{z_y}}{\sum_k e^{z_k}}"
    docs = (
        "For choosing one of K classes. The output holds one score (logit) per class, without a softmax: the loss "
        "contains it, which is numerically safer. Guessing evenly costs log K. Works for one answer per example "
        "(B×K) and for one per position of a sequence (B×T×K), where masked positions do not count.\n\n"
        "Source: Good (1952), *Rational decisions*; Goodfellow, Bengio, Courville (2016), *Deep Learning*, section "
        "6.2.2; `torch.nn.functional.cross_entropy`."
    )
    reading = "softmax"

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        return per_class_problem(self.label, output, target, classes)

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        logits_NK, target_N = output.flatten(0, -2), target.flatten()
        if mask is None:
            return functional.cross_entropy(logits_NK, target_N)
        losses_N = functional.cross_entropy(logits_NK, target_N, reduction="none")
        return masked_mean(losses_N.view(target.shape), mask)

    def read(self, output: Tensor) -> Tensor:
        return output.softmax(-1)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of examples (or unmasked positions) whose highest score is the right class."""
        right = (output.argmax(-1) == target).to(output.dtype)
        return {"accuracy": masked_mean(right, mask)}

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        scores, labels = output.name, target.name
        if len(output.shape.axes) > 1:
            scores, labels = f"{scores}.flatten(0, -2)", f"{labels}.flatten()"
        right = f"({output.name}.argmax(-1) == {target.name}).to({output.name}.dtype)"
        words = "Cross-entropy of the classes (the softmax is part of it), and the share of right answers"
        if mask is None:
            value = f"functional.cross_entropy({scores}, {labels})"
            return LossSource(words, value, metrics={"accuracy": f"{right}.mean()"})
        each = f'losses = functional.cross_entropy({scores}, {labels}, reduction="none").view({target.name}.shape)'
        metrics = {"accuracy": f"masked_mean({right}, {mask})"}
        return LossSource(words, f"masked_mean(losses, {mask})", (each,), metrics, mean_definitions(mask))
