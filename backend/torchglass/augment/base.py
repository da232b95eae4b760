"""Augmentation: random changes of the pictures of a training batch that leave what they show as it is.

Every augmentation works on a batch (B, C, H, W) of floats in the range of the data (uint8 as 0..1), before
``prepare``, on the device, and draws from a stream of its own: ``augment/<step>/<kind>``. Labels stay with their
pictures; test examples are never touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from torchglass.datasets.base import FieldSpec
from torchglass.registry import Config as Base
from torchglass.registry import Entry, Registry
from torchglass.source import call, text_of
from torchglass.spec.base import Choice, Name

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: What a batch holds beside its fields where pairs of examples were mixed: the share of the first of each pair.
SHARE = "mixup.share"


def second(field: str) -> str:
    """Under this name a mixed batch holds the target of the second example of each pair."""
    return f"{field}.second"


#: The functions that carry augmentations out; an exported script holds the very same ones.
PICTURES = Path(__file__).with_name("_pictures.py")


class Config(Base):
    field: Annotated[Name, Field(title="Field", description="Name of the pictures that are changed.")] = "image"


class Augment(Entry):
    """One kind of change. ``values`` is what its function in ``_pictures.py``, which has the name of its kind, takes
    beside the pictures and the random stream."""

    config: Config
    #: Whether it blends pairs of examples, so that two targets hold.
    mixes: ClassVar[bool] = False
    #: Whether it only moves pixels: neighbours in the list are carried out in one pass.
    moves: ClassVar[bool] = False
    #: Further functions of ``_pictures.py`` that its own one calls.
    uses: ClassVar[tuple[str, ...]] = ()

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        """Its settings as plain numbers; the pictures lie between ``low`` and ``high``."""
        raise NotImplementedError

    def apply(self, images: Tensor, random: torch.Generator, low: float, high: float) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W), which may leave the range by the rounding of a sum or by what brightness
        adds: whoever calls clamps. Movements give matrices (B, 3, 3) in its place (see ``_pictures.moved``)."""
        from torchglass.augment import _pictures

        found: Tensor = getattr(_pictures, self.kind)(images, random, *self.values(low, high))
        return found

    def mix(self, images: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Where it ``mixes``: (mixed pictures, the second of each pair (B,), the share of the first ())."""
        raise NotImplementedError

    def to_source(self, images: str, random: str, low: float, high: float) -> str:
        """Its function called on the variable ``images`` with the expression of the random stream."""
        return call(self.kind, images, random, *self.values(low, high))

    def definitions(self) -> tuple[str, ...]:
        """The functions that ``to_source`` names."""
        return tuple(text_of(PICTURES, name) for name in (*self.uses, self.kind))


class MovementConfig(Config):
    outside: Literal["border", "zeros"] = Field(
        "border",
        title="From outside",
        description="What comes in where the picture ends: its border goes on, or zeros (black).",
    )


class Movement(Augment):
    """A change of place: a matrix for every example. Neighbours in the list are multiplied and carried out in one
    pass, so that a picture is read between its pixels once and blurred once."""

    moves = True
    group = "Place"
    config: MovementConfig


AUGMENTS: Registry[Augment] = Registry("torchglass.augment", Augment)


@dataclass(frozen=True, slots=True)
class Pass:
    """What is done to one field in one go: a single augmentation, or movements that follow one another (``outside``
    is then what comes in). ``members``: each with the name of its random stream."""

    field: str
    members: tuple[tuple[Augment, str], ...]
    low: float
    high: float
    outside: str | None


def limits(spec: FieldSpec) -> tuple[float, float] | None:
    """Between which values the pictures of a field lie; None where that is not known."""
    return (0.0, 1.0) if spec.storage == "uint8" else spec.range


def passes(choices: Iterable[Choice], fields: Mapping[str, FieldSpec]) -> list[Pass]:
    """The passes of a checked document, in its order. The second of a kind draws from ``<kind>-2``."""
    found: list[Pass] = []
    counted: Counter[str] = Counter()
    for choice in choices:
        augment = AUGMENTS.make(choice.kind, choice.config)
        counted[choice.kind] += 1
        again = counted[choice.kind]
        member = (augment, choice.kind if again == 1 else f"{choice.kind}-{again}")
        name, outside = augment.config.field, augment.config.outside if isinstance(augment, Movement) else None
        last = found[-1] if found else None
        if last is not None and outside is not None and (last.field, last.outside) == (name, outside):
            found[-1] = replace(last, members=(*last.members, member))
            continue
        low, high = limits(fields[name]) or (0.0, 1.0)
        found.append(Pass(name, (member,), low, high, outside))
    return found


__all__ = [
    "AUGMENTS",
    "PICTURES",
    "SHARE",
    "Augment",
    "Config",
    "Movement",
    "MovementConfig",
    "Pass",
    "limits",
    "passes",
    "second",
]
