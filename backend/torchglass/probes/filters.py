"""Weights as pictures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._graph import image_behind
from torchglass.probes._numbers import array
from torchglass.probes.base import Capture, Picture, Probe, Target

_MOST_COLUMNS = 4096


class Filters(Probe):
    kind = "filters"
    label = "Filters"
    group = "weights"
    summary = "The weights of a layer: kernels of a convolution, templates or rows of a dense layer."
    docs = (
        "Convolution: (K, C, H, W), one kernel per output channel K. A dense layer right behind an image shows each "
        "unit's weights as an image of the same shape; any other dense layer is a matrix (K, D)."
    )

    class Config(base.Config):
        limit: Annotated[int, Field(ge=1, le=1024, title="Limit", description="At most so many filters.")] = 64

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """The first ``limit`` filters; None for a layer without weights."""
        if target.node is None:
            raise ValueError("Choose a node whose weights are to be shown.")
        name = f"{target.node}.{target.tap or 'weight'}"
        if name not in capture.parameter_names(target.node):
            return None
        limit = self.config.limit
        weight = capture.parameter(name)
        total = weight.shape[0] if weight.dim() else 1
        if weight.dim() == 3:  # of a convolution along a sequence: pictures of height 1
            weight = weight[:, :, None, :]
        if weight.dim() == 4:
            return Picture(array(weight[:limit, :limit]), ("K", "C", "H", "W"), extra={"total": total})
        if weight.dim() == 2:
            image = image_behind(capture, target.node)
            values = array(weight[:limit])
            if image is not None and image.count() == weight.shape[1]:
                return Picture(values.reshape(-1, *image.known()), ("K", "C", "H", "W"), extra={"total": total})
            return Picture(values[:, :_MOST_COLUMNS], ("K", "D"), extra={"total": total})
        if weight.dim() in (0, 1):
            return Picture(array(weight).reshape(-1)[:_MOST_COLUMNS], ("D",), extra={"total": total})
        return None
