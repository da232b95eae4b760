"""Other ways to put classes into numbers than one score each with a softmax; most are worse, which is the lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.losses._masked import masked_mean, mean_definitions, mean_source
from torchglass.losses.base import Loss
from torchglass.registry import Config as BaseConfig
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor

_EACH = 'functional.binary_cross_entropy_with_logits(output, wanted, reduction="none")'


class _Encoding(Loss):
    """Legend: B batch, K classes, D units."""

    group = "Classes"
    reading = "softmax"

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if target.dtype != "int" or output.dtype != "float":
            return f"{self.label} compares scores with classes, but the target is {target} and the output {output}."
        units = self.units(classes) if classes else 0
        if output.sizes[:-1] != target.sizes or (units and output.sizes[-1] != units):
            wanted = f"{units} unit{'s' if units > 1 else ''}" if units else "a row of scores"
            return f"{self.label} needs {wanted} for each answer, but the output is {output}."
        return None


class OneVersusRest(_Encoding):
    kind = "one_vs_rest"
    label = "One against the rest"
    summary = "As many yes/no questions as classes, one unit each: this class, or any other."
    formula = r"L = -\sum_k \big([y = k] \log \sigma(z_k) + [y \ne k] \log (1 - \sigma(z_k))\big)"
    docs = (
        "One score (logit) per class, each with a sigmoid of its own and binary cross-entropy against all other "
        "classes. The units do not know of each other: several may say yes, or none, and what they say does not add up "
        "to 1. The highest one wins. A class that lies between others can be cut off by no single line, although "
        "softmax regression, where the scores compete, tells it.\n\n"
        "Source: Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.1.2; Rifkin, Klautau (2004), *In "
        "defense of one-vs-all classification*."
    )

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        wanted = functional.one_hot(target, output.shape[-1]).to(output.dtype)
        losses = functional.binary_cross_entropy_with_logits(output, wanted, reduction="none")
        return masked_mean(losses.sum(-1), mask)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of examples (or unmasked positions) whose class has the highest score; probabilities
        that are 1 in single precision would not tell which."""
        return {"accuracy": masked_mean((output.argmax(-1) == target).to(output.dtype), mask)}

    def read(self, output: Tensor) -> Tensor:
        """(..., K) -> (..., K): each unit's own probability; they do not add up to 1."""
        return output.sigmoid()

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        return LossSource(
            "Each class against all others, and the share of right answers",
            lines=(
                "wanted = functional.one_hot(target, output.shape[-1]).to(output.dtype)",
                f"losses = {_EACH}.sum(-1)",
            ),
            value=mean_source("losses", mask),
            metrics={"accuracy": mean_source("(output.argmax(-1) == target).to(output.dtype)", mask)},
            definitions=mean_definitions(mask),
        )


class BinaryCode(_Encoding):
    kind = "binary_code"
    label = "Binary code"
    summary = "The number of the class in bits, one unit per bit: few units, and odd neighbours."
    formula = r"L = -\frac1D\sum_d \big(b_d(y) \log \sigma(z_d) + (1 - b_d(y)) \log (1 - \sigma(z_d))\big)"
    docs = (
        "⌈log₂ K⌉ scores (logits), the first for the highest bit of the class's number. Each unit must tell a group of "
        "classes that have nothing in common but a bit, and one wrong bit is another class, or a code that no class "
        "has: such codes are further columns of the confusion matrix. A bad encoding on purpose.\n\n"
        "Source: Dietterich, Bakiri (1995), *Solving multiclass learning problems via error-correcting output codes*."
    )

    def units(self, classes: int) -> int:
        return max(1, (classes - 1).bit_length())

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        places = range(output.shape[-1])[::-1]  # the highest bit first
        wanted = _stacked([target >> place & 1 for place in places]).to(output.dtype)
        losses = functional.binary_cross_entropy_with_logits(output, wanted, reduction="none")
        return masked_mean(losses.mean(-1), mask)

    def read(self, output: Tensor) -> Tensor:
        """(..., D) -> (..., 2^D): the probability of every code, taken or not, in the order of their numbers."""
        one = output.sigmoid()
        shares = one[..., :0].sum(-1, keepdim=True) + 1  # (..., 1)
        for place in range(output.shape[-1]):
            bit = one[..., place : place + 1]
            shares = _stacked([shares * (1 - bit), shares * bit]).flatten(-2)
        return shares

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of examples with every bit on the right side."""
        places = range(output.shape[-1])[::-1]
        said = sum(((output[..., i] > 0).long() << place for i, place in enumerate(places)), start=target * 0)
        return {"accuracy": masked_mean((said == target).to(output.dtype), mask)}

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        return LossSource(
            "The bits of the class's number, and the share of answers with every bit right",
            lines=(
                "places = torch.arange(output.shape[-1] - 1, -1, -1)  # the highest bit first",
                "wanted = (target.unsqueeze(-1) >> places & 1).to(output.dtype)",
                f"losses = {_EACH}.mean(-1)",
                "right = ((output > 0) == (wanted > 0.5)).all(-1)",
            ),
            value=mean_source("losses", mask),
            metrics={"accuracy": mean_source("right.to(output.dtype)", mask)},
            definitions=mean_definitions(mask),
        )


class ClassNumber(_Encoding):
    kind = "class_number"
    label = "Class number"
    summary = "One unit says the number of the class, and squared error measures how far off it is."
    formula = r"L = (z - y)^2"
    docs = (
        "One unit for all classes: 0 for the first, 1 for the second and so on; the nearest number is the answer. That "
        "claims an order and distances that classes do not have: between the first and the third lies the second, and "
        "who hesitates between two says a third one. A bad encoding on purpose, but exact for the 0 and 1 of a "
        "threshold unit.\n\n"
        "Source: Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.1.3."
    )

    class Config(BaseConfig):
        classes: Annotated[int, Field(ge=2, le=1000, title="Classes", description="Numbers from 0 to one less.")] = 2

    config: Config

    def units(self, classes: int) -> int:
        return 1

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if classes and classes != self.config.classes:
            return f"{self.label} is set to {self.config.classes} classes, but there are {classes}."
        return super().problem(output, target, classes)

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        return masked_mean((output.squeeze(-1) - target.to(output.dtype)).square(), mask)

    def read(self, output: Tensor) -> Tensor:
        """(..., 1) -> (..., K): shared among the two classes whose numbers are nearest."""
        import torch

        last = self.config.classes - 1
        numbers = torch.arange(last + 1, device=output.device, dtype=output.dtype)
        return (1 - (output.clamp(0, last) - numbers).abs()).clamp(min=0)

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """``accuracy``: share of examples whose number is the nearest one."""
        said = output.squeeze(-1).clamp(0, self.config.classes - 1).round()
        return {"accuracy": masked_mean((said == target.to(output.dtype)).to(output.dtype), mask)}

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        return LossSource(
            "Squared distance from the number of the class, and the share of answers nearest to it",
            lines=(
                "number = output.squeeze(-1)",
                "wanted = target.to(output.dtype)",
                f"right = number.clamp(0, {self.config.classes - 1}).round() == wanted",
            ),
            value=mean_source("(number - wanted).square()", mask),
            metrics={"accuracy": mean_source("right.to(output.dtype)", mask)},
            definitions=mean_definitions(mask),
        )


def _stacked(values: list[Tensor]) -> Tensor:
    """Beside each other on a new last axis."""
    import torch

    return torch.stack(values, dim=-1)
