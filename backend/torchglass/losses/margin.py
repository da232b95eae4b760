"""Losses of the margin y·s: a score s and an answer y of −1 or 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.losses._classes import per_class_problem, yes_no_problem
from torchglass.losses._masked import masked_mean, mean_definitions, mean_source, shaped
from torchglass.losses.base import Loss
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


def _margin(output: Tensor, target: Tensor) -> Tensor:
    """y·s with y = 2t − 1, of the output's shape."""
    return output * (target.to(output.dtype).view(output.shape) * 2 - 1)


class _Margin(Loss):
    group = "Classes"

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        return yes_no_problem(self.label, output, target, classes)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of scores on the right side."""
        return {"accuracy": masked_mean((_margin(output, target) > 0).to(output.dtype), mask)}

    def written(self) -> str:
        """The loss of each ``margin`` in a script."""
        raise NotImplementedError

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        return LossSource(
            f"{self.label} loss of the margin, and the share of right answers",
            lines=(f"margin = output * ({shaped(target, output)} * 2 - 1)  # the answer is -1 or 1",),
            value=mean_source(self.written(), mask),
            metrics={"accuracy": mean_source("(margin > 0).to(output.dtype)", mask)},
            definitions=mean_definitions(mask),
        )


class Logistic(_Margin):
    kind = "logistic"
    label = "Logistic"
    summary = "The cost of a score's margin: small when it is far on the right side, growing when on the wrong one."
    formula = r"L = \frac1n\sum_i \log\big(1 + e^{-y_i s_i}\big),\quad y_i \in \{-1, 1\}"
    docs = (
        "The same number as binary cross-entropy, written for answers of −1 and 1 (here 0 counts as −1): both find "
        "the same line.\n\n"
        "Source: Cox (1958), *The regression analysis of binary sequences*; `torch.nn.functional.soft_margin_loss`."
    )
    reading = "sigmoid"

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        return masked_mean(functional.softplus(-_margin(output, target)), mask)

    def read(self, output: Tensor) -> Tensor:
        return output.sigmoid()

    def written(self) -> str:
        return "functional.softplus(-margin)"


class Hinge(_Margin):
    """Legend: B batch, K classes."""

    kind = "hinge"
    label = "Hinge"
    summary = "Costs nothing once the right answer leads by a margin of 1, and grows evenly before."
    formula = r"L = \frac1n\sum_i \max(0,\, 1 - y_i s_i)"
    docs = (
        "The loss of support vector machines: examples beyond the margin do not pull any more. One score per yes/no "
        "question, or one per class: then every wrong class may come within 1 of the right one at no cost, and the "
        "excess is averaged over classes.\n\n"
        "Source: Cortes, Vapnik (1995), *Support-vector networks*; Weston, Watkins (1999) for several classes; "
        "`torch.nn.functional.multi_margin_loss`."
    )

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if target.dtype == "int" and per_class_problem(self.label, output, target, classes) is None:
            return None
        return super().problem(output, target, classes)

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        if _by_class(output, target):
            right = output.gather(-1, target.unsqueeze(-1))
            excess = (1 + output - right).clamp(min=0).scatter(-1, target.unsqueeze(-1), 0.0)
            return masked_mean(excess.mean(-1), mask)
        return masked_mean((1 - _margin(output, target)).clamp(min=0), mask)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of examples on the right side, or whose highest score is the right class."""
        if _by_class(output, target):
            return {"accuracy": masked_mean((output.argmax(-1) == target).to(output.dtype), mask)}
        return super().metrics(output, target, mask)

    def written(self) -> str:
        return "(1 - margin).clamp(min=0)"

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        scores = output.shape.sizes
        if target.shape.dtype == "float" or len(scores) != len(target.shape.sizes) + 1 or scores[-1] == 1:
            return super().to_source(output, target, mask)
        return LossSource(
            "Hinge loss of the scores, and the share of right answers",
            lines=(
                "chosen = target.unsqueeze(-1)",
                "excess = (1 + output - output.gather(-1, chosen)).clamp(min=0).scatter(-1, chosen, 0.0)",
            ),
            value=mean_source("excess.mean(-1)", mask),
            metrics={"accuracy": mean_source("(output.argmax(-1) == target).to(output.dtype)", mask)},
            definitions=mean_definitions(mask),
        )


def _by_class(output: Tensor, target: Tensor) -> bool:
    """One score per class (B, K) against a label (B), rather than one score per answer."""
    return not target.is_floating_point() and output.dim() == target.dim() + 1 and output.shape[-1] > 1
