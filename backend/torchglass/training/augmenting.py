"""Carries ``data.augment`` out on a training batch: what the network is really fed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor

from torchglass.augment._pictures import moved
from torchglass.augment.base import SHARE, Pass, passes, second
from torchglass.datasets.base import FieldSpec
from torchglass.spec.base import Choice
from torchglass.training.randomness import generator


@dataclass(frozen=True, slots=True)
class Mixed:
    """Pairs of examples that became one: the second of each (B,), and the share of the first ()."""

    partner: Tensor
    share: Tensor

    def targets(self, batch: Mapping[str, Tensor], fields: Mapping[str, FieldSpec]) -> dict[str, Tensor]:
        """What a mixed batch holds beside its fields, once these are prepared."""
        targets = {second(name): batch[name][self.partner] for name, spec in fields.items() if spec.role == "target"}
        return targets | {SHARE: self.share}


class Augmenting:
    """The augmentations of a document, in their order. Every one draws from its own stream of the step, so that
    resuming needs only the step and adding one changes no other."""

    def __init__(self, choices: Iterable[Choice], fields: Mapping[str, FieldSpec], seed: int) -> None:
        self.seed = seed
        self._passes: list[Pass] = passes(choices, fields)

    def __bool__(self) -> bool:
        return bool(self._passes)

    def __call__(self, batch: Mapping[str, Tensor], step: int) -> tuple[dict[str, Tensor], Mixed | None]:
        """Fields as floats in the range of the data (B, ...) -> the same, augmented for that step."""
        changed, mixed = dict(batch), None
        for one in self._passes:
            images = changed[one.field]
            augment, stream = one.members[0]
            if augment.mixes:
                images, partner, share = augment.mix(images, generator(self.seed, "augment", step, stream))
                mixed = Mixed(partner, share)
            else:
                images = self._changed(one, images, step)
            changed[one.field] = images.clamp(one.low, one.high)
        return changed, mixed

    def _changed(self, one: Pass, images: Tensor, step: int) -> Tensor:
        made = self._each(one, images, step)
        if one.outside is None:
            return next(made)
        matrix = next(made)
        for further in made:
            matrix = matrix @ further  # what is done last is undone first: places are looked up from the end
        return moved(images, matrix, one.outside)

    def _each(self, one: Pass, images: Tensor, step: int) -> Iterator[Tensor]:
        for augment, stream in one.members:
            yield augment.apply(images, generator(self.seed, "augment", step, stream), one.low, one.high)
