"""What a layer knows: many examples on the plane in which they differ most."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._embedding import Principal, aligned, layer_of
from torchglass.probes._numbers import array, class_shares
from torchglass.probes.base import Capture, Features, LaterError, Needs, Picture, Probe, Target
from torchglass.spec.base import Name


class Embedding(Probe):
    kind = "embedding"
    label = "What a layer knows"
    group = "activations"
    summary = "The outputs of a layer for many examples, on the plane of their two principal components."
    docs = (
        "Exact values (example, column): the place along both directions, the class and what the network says (−1 "
        "where there is none). `share` in the extra: of the variance, in the plane; `step`: of the network that they "
        "belong to. The plane is turned to lie as in the picture before, so that nothing jumps. The examples are the "
        "first ones of the split; they are passed in blocks, as the time for looking allows.\n\n"
        "Sources: Pearson (1901); Halko, Martinsson, Tropp (2011); Schönemann (1966)."
    )
    formula = r"y = (h - \bar h)\,[v_1\ v_2]"
    scope = "network"

    class Config(base.Config):
        layer: Annotated[
            Name | None, Field(title="Layer", description="The one in front of the last weights where it is left out.")
        ] = None
        count: Annotated[int, Field(ge=2, le=2000, title="Examples")] = 1000
        split: Annotated[Literal["train", "test"], Field(title="Split")] = "test"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._before: np.ndarray | None = None
        self._plane = Principal()

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, 4) exact; None without examples. Raises LaterError until a round is complete."""
        if capture.count(self.config.split) < 2:
            return None
        layer = layer_of(capture, self.config.layer)
        found, fresh = capture.features(self.config.split, layer, self.config.count)
        if found is None or not fresh:
            raise LaterError
        places, share = self._plane.of(found.values)
        self._before = places = aligned(places, self._before)
        labels, said = self._classes(capture, found)
        rows = np.column_stack([places, labels, said]).astype(np.float32)
        extra = {"layer": layer, "step": found.step, "share": share, "classes": list(capture.classes())}
        return Picture(rows, ("example", "column"), encoding="exact", extra=extra | {"split": self.config.split})

    def _classes(self, capture: Capture, found: Features) -> tuple[np.ndarray, np.ndarray]:
        """What each example is and what the network says, −1 where there is none."""
        count = len(found.values)
        none = np.full(count, -1.0)
        field = capture.target_field()
        if field is None or not capture.classes():
            return none, none
        labels = capture.examples_raw(self.config.split, list(range(count)))[field].reshape(count, -1)[:, 0]
        if found.read is None or found.read.dim() != 2:
            return labels, none
        return labels, array(class_shares(found.read, capture)).argmax(axis=1)
