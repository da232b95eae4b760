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


class Claim(Spec):
    """``metric`` (of the last step) at ``bar`` or better. ``kept`` = ``below`` or ``above``: the promise is a failure
    that teaches, and the metric stays on that side of ``bar``."""

    metric: Annotated[str, Field(pattern=r"^(train|test)\.\w+$")] = "test.accuracy"
    bar: float
    kept: Literal["reached", "below", "above"] = "reached"


class Also(Claim):
    """A further claim: of the preset itself, or of a twin called ``twin`` whose ``changes`` (path into the experiment
    -> value) are the difference."""

    twin: str = ""
    changes: dict[str, Any] = Field(default_factory=dict)


class Proof(Claim):
    """What ``make results`` holds a preset to after so many steps or epochs, and its twins after as many."""

    length: Annotated[int, Field(ge=1, le=10**7)]
    unit: Literal["steps", "epochs"]
    also: list[Also] = Field(default_factory=list)


class Preset(Spec):
    """``promise`` says what one will see, ``proof`` in figures, ``insight`` after how many seconds on two cores
    (``benchmarks/time_to_insight.py`` measures it); ``order`` sorts within the whole list."""

    id: str
    chapter: str = ""
    order: int = 0
    promise: str = ""
    insight: Annotated[int, Field(ge=0, le=60)] = 0
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
