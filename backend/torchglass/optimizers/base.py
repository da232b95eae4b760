"""Optimizers: pure functions of a parameter, its gradient and its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from torchglass.registry import Config, Entry, Registry

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Term:
    """One line of an explained update: ``symbol`` gets ``value``, from ``template`` with ``numbers`` in its braces.

    ``Term("v", "velocity", "{μ}·{v} + {g}", {"μ": 0.9, "v": 0.2, "g": 0.1}, 0.28)``; a bare number has no template.
    """

    symbol: str
    words: str
    template: str
    numbers: Mapping[str, float]
    value: float


class Optimizer(Entry):
    """Works element by element, so it may run on one tensor or on a flat buffer of many.

    ``slots`` names the state tensors, each of the parameter's shape and starting at zero; ``step`` counts from 1.
    Hyper-parameters arrive by the name of their Config field; ``textbook`` is 1 where the lecture's form of the rule
    is asked for. The operations are those of ``torch.optim``, in its order, so that an exported script rounds alike.
    """

    slots: ClassVar[tuple[str, ...]] = ()

    def hyper(self) -> dict[str, float]:
        """The settings as numbers, e.g. ``{"lr": 0.01, "momentum": 0.9}``."""
        return {name: float(value) for name, value in self.config.model_dump().items()}

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        """One update in place: writes ``param`` and the tensors in ``state``; ``grad`` may be overwritten."""
        raise NotImplementedError

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        """The same update of one weight, line by line with its numbers; the last line is the new weight ``w``."""
        raise NotImplementedError

    def to_source(self, parameters: str) -> str:
        """The expression that makes the same optimizer of ``torch.optim`` for ``parameters``."""
        raise NotImplementedError

    def textbook_scales_gradients(self) -> bool:
        """Whether the textbook form is that of ``torch.optim`` at the rate 1, with gradients times the rate."""
        return False


OPTIMIZERS: Registry[Optimizer] = Registry("torchglass.optimizers", Optimizer)

__all__ = ["OPTIMIZERS", "Config", "Optimizer", "Term"]
