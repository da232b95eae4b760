"""What a node, or the whole network, computes at every place of the plane."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import finite
from torchglass.probes._plane import maps_of, signed_reading
from torchglass.probes.base import Capture, Picture, Probe, Target


class Plane(Probe):
    kind = "plane"
    label = "Over the plane"
    group = "outputs"
    summary = "The function that a unit, or the whole network, computes over the plane of its two inputs."
    docs = (
        "Values (unit, y, x): row 0 is the upper edge. Every node is read off one shared pass over `size` × `size` "
        "places. Without a node: what the network says, between −1 and 1 for two classes."
    )
    scope = "network"

    class Config(base.Config):
        size: Annotated[int, Field(ge=4, le=200, title="Size", description="Places across and upwards.")] = 50
        unit: Annotated[int | None, Field(ge=0, le=65535, title="Unit", description="Only this one.")] = None
        every: Annotated[int, Field(ge=1, le=10, title="Every", description="Sends every k-th place only.")] = 1
        limit: Annotated[int, Field(ge=1, le=256, title="Limit", description="At most so many units.")] = 64

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(unit, y, x); None where there is nothing to read. ValueError for data that are no points of a plane."""
        settings = self.config
        view = capture.plane(settings.size)
        if view is None:
            raise ValueError("This data has no points of a plane: there is no such picture.")
        scale = "activation"
        if target.node is None:
            if view.read is None:
                return None
            values, scale = signed_reading(view.read, capture)
        else:
            name = target.node if target.tap in (None, "out") else f"{target.node}.{target.tap}"
            values = view.outputs[name]
        maps = maps_of(values, settings.size)
        if maps is None:
            return None
        total = len(maps)
        if settings.unit is not None and settings.unit >= total:
            raise ValueError(f"There is no unit {settings.unit}: there are {total}, counted from 0.")
        chosen = slice(0, settings.limit) if settings.unit is None else slice(settings.unit, settings.unit + 1)
        maps = maps[chosen, :: settings.every, :: settings.every]
        extra: dict[str, Any] = {"lo": finite(view.lo), "hi": finite(view.hi), "total": total, "scale": scale}
        extra |= {"unit": settings.unit, "classes": list(capture.classes())}
        return Picture(maps, ("unit", "y", "x"), extra=extra)
