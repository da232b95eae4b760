"""What ``data.augment`` may be: pictures that are shown to the network, and a recipe that understands pairs."""

from __future__ import annotations

from collections.abc import Mapping

from torchglass.augment.base import AUGMENTS, Augment, limits
from torchglass.checking.entries import make, placed
from torchglass.checking.words import nearest
from torchglass.datasets.base import FieldSpec
from torchglass.recipes.base import Recipe
from torchglass.spec.experiment import Data
from torchglass.spec.problems import Mend, Problem


def check_augment(
    data: Data, fields: Mapping[str, FieldSpec], recipe: type[Recipe] | None, prefix: str, problems: list[Problem]
) -> None:
    """Adds what keeps the augmentations from being carried out, each at its place. ``fields`` is empty where the data
    is not known, ``recipe`` None likewise."""
    mixing = 0
    for number, choice in enumerate(data.augment):
        place = f"{prefix}.augment.{number}"
        made = make(AUGMENTS, choice.kind, choice.config, "augmentation")
        problems += [placed(problem, prefix=place) for problem in made.problems]
        if made.entry is None:
            continue
        if fields:
            problems += _picture(made.entry, fields, place)
        if made.entry.mixes:
            mixing += 1
            problems += _mixing(made.entry, mixing, fields, recipe, place)


def _picture(augment: Augment, fields: Mapping[str, FieldSpec], place: str) -> list[Problem]:
    """It works on pictures of the input whose range is known."""
    name, at = augment.config.field, f"{place}.config.field"
    pictures = [key for key, spec in fields.items() if spec.shape.is_image and spec.role == "input"]
    if not pictures:
        message = f"{augment.label} works on pictures, and this data has none: take the augmentation out."
        return [Problem(message=message, field=at)]
    if name not in pictures:
        near = nearest(name, pictures) or pictures[0]
        known = "is no picture" if name in fields else "is no field of this data"
        message = f"{augment.label} works on pictures, and “{name}” {known}; there is: {', '.join(pictures)}."
        return [Problem(message=message, field=at, mend=Mend(label=f"Use “{near}”", path=at, value=near))]
    if limits(fields[name]) is None:
        message = f"{augment.label} keeps pictures within their range, and that of “{name}” is not known."
        return [Problem(message=message, field=at)]
    return []


def _mixing(
    augment: Augment, count: int, fields: Mapping[str, FieldSpec], recipe: type[Recipe] | None, place: str
) -> list[Problem]:
    at = f"{place}.kind"
    if count > 1:
        return [
            Problem(message=f"{augment.label} stands in the list twice: three labels at once are too many.", field=at)
        ]
    if recipe is not None and not recipe.mixes:
        message = f"{augment.label} gives every example two targets, and the recipe “{recipe.label}” reads only one."
        return [Problem(message=message, field=at)]
    if fields and not any(spec.role == "target" for spec in fields.values()):
        return [Problem(message=f"{augment.label} mixes targets, and this data has none.", field=at)]
    return []
