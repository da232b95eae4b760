"""The training pictures that a layer takes for most alike."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._embedding import layer_of
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, LaterError, Needs, Picture, Probe, Target
from torchglass.spec.base import Name


class Nearest(Probe):
    kind = "nearest"
    label = "Nearest training images"
    group = "activations"
    summary = "The training images whose outputs of a layer lie closest to those of the chosen picture."
    docs = (
        "Pictures (k, C, H, W), the nearest first; the extra has their `indices`, `labels` and Euclidean `distances` "
        "between the outputs of the layer, and the `mean` distance of all that were compared: the first `count` of the "
        "training split, passed in blocks, as the time for looking allows. `step`: of the network that they belong to."
    )
    formula = r"d_n = \lVert h(x) - h(x_n) \rVert_2"
    scope = "network"

    class Config(base.Config):
        layer: Annotated[
            Name | None, Field(title="Layer", description="The one in front of the last weights where it is left out.")
        ] = None
        k: Annotated[int, Field(ge=1, le=64, title="How many")] = 8
        count: Annotated[int, Field(ge=1, le=5000, title="Compared", description="Training images.")] = 2000

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._shown: tuple[int, int] | None = None

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(k, C, H, W) bytes; None without pictures. Raises LaterError until a round is complete."""
        field = capture.picture_field()
        if field is None or not capture.count("train"):
            return None
        layer = layer_of(capture, self.config.layer)
        found, fresh = capture.features("train", layer, self.config.count)
        example = capture.example()
        asked = (0 if found is None else found.step, hash(array(example[field]).tobytes()))
        if found is None or (not fresh and asked == self._shown):
            raise LaterError
        self._shown = asked
        here = found.embed(example)  # (1, D)
        distances = array((found.values - here).square().sum(dim=1).sqrt())
        order = np.argsort(distances, kind="stable")[: self.config.k]
        raw = capture.examples_raw("train", order.tolist())
        target_field = capture.target_field()
        labels = None if target_field is None or not capture.classes() else raw[target_field].reshape(len(order), -1)
        extra = {
            "layer": layer,
            "step": found.step,
            "indices": order.tolist(),
            "labels": [] if labels is None else labels[:, 0].astype(int).tolist(),
            "distances": [finite(float(distance)) for distance in distances[order]],
            "mean": finite(float(distances.mean())),
            "compared": len(distances),
            "classes": list(capture.classes()),
        }
        sizes = capture.field_shape(field).known()
        return Picture(raw[field].reshape(-1, *sizes), ("N", "C", "H", "W"), signed=False, extra=extra)
