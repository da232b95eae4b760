"""One place on a map, where every walk begins."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from torchglass.datasets._generated import FREE, GENERATED
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape


class StartConfig(Config):
    """Where it lies."""

    model_config = ConfigDict(strict=True)
    x: float = Field(-5.0, title="Start, across", description="x of the place that every walk begins at.", ge=-6, le=6)
    y: float = Field(2.0, title="Start, upwards", description="y of the place that every walk begins at.", ge=-6, le=6)


class Start(DataSet):
    kind = "start"
    label = "A place to start from"
    group = "Other"
    summary = "One place on a map: for watching optimizers on their way down a landscape."
    docs = (
        "Field `start`: two numbers, the same in training and test. With the loss *Height*.\n\n"
        "Source: none needed; it is what the settings say."
    )
    source = GENERATED
    licence = FREE
    Config = StartConfig
    config: StartConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {"start": FieldSpec(Shape.vector(2), "float32", "other", range=(-6, 6))}

    def counts(self) -> tuple[int, int]:
        return 1, 1

    def load(self, seed: int) -> Splits:
        import numpy as np

        place = np.array([[self.config.x, self.config.y]], np.float32)
        return Splits(train={"start": place}, test={"start": place})
