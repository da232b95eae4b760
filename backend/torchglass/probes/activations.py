"""What a node answers to one example: feature maps, units, or a sequence."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import MOST_VALUES, array, thinned
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

#: A vector shows this many units for each map that ``limit`` allows: a unit is one value, a map hundreds.
_UNITS_PER_MAP = 16
#: A vector of so many units is sent as it is.
_READ = 64


class Activations(Probe):
    kind = "activations"
    label = "Activations"
    group = "activations"
    summary = "The output of a node on one example: feature maps of a convolution, units of a dense layer."
    docs = "Values (C, H, W), (D) or (T, D), as they leave the node. At most `limit` maps or 16 × `limit` units."

    class Config(base.Config):
        limit: Annotated[int, Field(ge=1, le=1024, title="Limit", description="At most so many maps.")] = 64

    def needs(self, target: Target) -> Needs:
        return Needs(activations=frozenset({_name(target)}))

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """The first ``limit`` channels; None for outputs that are neither maps, units nor a sequence."""
        values = array(capture.activation(_name(target))[0])
        total = values.shape[-1 if values.ndim == 2 else 0] if values.ndim else 1
        extra: dict[str, object] = {"total": total}
        if values.ndim == 3:
            values, stride = thinned(values[: self.config.limit])
            axes: tuple[str, ...] = ("C", "H", "W")
            if stride > 1:
                extra["stride"] = stride
        elif values.ndim == 2:
            width = self.config.limit * _UNITS_PER_MAP
            values, axes = values[: MOST_VALUES // width, :width], ("T", "D")
        elif values.ndim <= 1:
            values, axes = values.reshape(-1)[: self.config.limit * _UNITS_PER_MAP], ("D",)
        else:
            return None
        signed = bool(values.size and values.min() < 0)
        # Few numbers are read, not only looked at: they are the same as where one of them is taken apart.
        if values.ndim == 1 and values.size <= _READ:
            return Picture(values, axes, encoding="exact", signed=signed, extra=extra)
        return Picture(values, axes, signed=signed, extra=extra)


def _name(target: Target) -> str:
    if target.node is None:
        raise ValueError("Choose a node whose output is to be shown.")
    return target.node if target.tap in (None, "out") else f"{target.node}.{target.tap}"
