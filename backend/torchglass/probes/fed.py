"""What the network is really fed: pictures of the next training batch, as they were and after augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from torchglass.augment.base import SHARE, second
from torchglass.probes._numbers import array
from torchglass.probes.base import Capture, Config, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


class FedConfig(Config):
    count: int = Field(12, ge=1, le=64, title="Pictures", description="How many of the batch are shown.")


class Fed(Probe):
    kind = "fed"
    label = "What it is fed"
    group = "data"
    summary = "Pictures of the next training batch, each as it is stored and as it is fed."
    docs = (
        "Values (N, 2, C, H, W): the original first. Standardisation is undone, so that both have the range of the "
        "data; pixels in another order stay there. `labels` and, where pairs are mixed, `seconds` name the classes; "
        "`share` is that of the first."
    )
    scope = "network"
    Config = FedConfig
    config: FedConfig

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, 2, C, H, W) uint8; None for data without pictures."""
        field = capture.picture_field()
        found = None if field is None else capture.fed(self.config.count)
        if field is None or found is None:
            return None
        stored, fed = found
        before = stored[field].reshape(-1, *capture.field_shape(field).known())
        after = array(capture.natural(field, fed[field], moved=True)).reshape(before.shape)
        if before.dtype == np.uint8:
            after = np.clip(after * 255 + 0.5, 0, 255).astype(np.uint8)
        pictures = np.stack([before, after], axis=1)
        return Picture(
            np.ascontiguousarray(pictures), ("N", "P", "C", "H", "W"), signed=False, extra=_labels(capture, fed)
        )


def _labels(capture: Capture, fed: Mapping[str, Tensor]) -> dict[str, Any]:
    """Class names of the examples, and of those that were mixed into them."""
    name, classes = capture.target_field(), capture.classes()
    found: dict[str, Any] = {"labels": [], "seconds": [], "share": None}
    if name is None or not classes:
        return found
    found["labels"] = [classes[int(label)] for label in array(fed[name])]
    if SHARE in fed:
        found["seconds"] = [classes[int(label)] for label in array(fed[second(name)])]
        found["share"] = float(array(fed[SHARE]))
    return found
