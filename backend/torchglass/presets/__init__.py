"""The ready experiments that ship with the program: one JSON file each. Loading them needs no torch."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import Field

from torchglass.catalog import parse_experiment
from torchglass.spec.base import Spec
from torchglass.spec.experiment import Experiment


class Proof(Spec):
    """What ``make results`` holds a preset to: ``metric`` at ``bar`` or better after so many steps or epochs.

    ``kept`` = ``below``: the promise is a failure that teaches; the accuracy stays below ``bar``."""

    length: Annotated[int, Field(ge=1, le=10**7)]
    unit: Literal["steps", "epochs"]
    metric: Literal["test.accuracy", "test.loss"] = "test.accuracy"
    bar: float
    kept: Literal["reached", "below"] = "reached"


class Preset(Spec):
    """``promise`` says what one will see, ``proof`` in figures; ``order`` sorts within the whole list."""

    id: str
    chapter: str = ""
    order: int = 0
    promise: str = ""
    proof: Proof | None = None
    experiment: Experiment

    def summary(self) -> dict[str, Any]:
        """Without the experiment, for lists."""
        listed = self.model_dump(mode="json", exclude={"experiment", "proof"})
        return listed | {"name": self.experiment.name, "description": self.experiment.description}


@cache
def presets() -> dict[str, Preset]:
    """Every preset by id, in their order."""
    found = []
    for file in resources.files("torchglass.presets").iterdir():
        if file.name.endswith(".json"):
            raw = json.loads(file.read_text(encoding="utf-8"))
            raw["experiment"] = parse_experiment(raw["experiment"])
            found.append(Preset.model_validate(raw))
    return {preset.id: preset for preset in sorted(found, key=lambda preset: (preset.order, preset.id))}


def load_preset(preset_id: str) -> Experiment:
    """The experiment of that preset. Raises KeyError in words that name what there is."""
    if preset_id not in presets():
        raise KeyError(f"There is no preset “{preset_id}”; there are: {', '.join(presets())}.")
    return presets()[preset_id].experiment
