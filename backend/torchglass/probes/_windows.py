"""How the window of a convolution or pooling layer slides, read off its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONVOLUTIONS = ("conv2d", "conv1d")
POOLS = ("max_pool2d", "avg_pool2d", "max_pool1d", "avg_pool1d")
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """How a window slides: (down, across) each, in pixels."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int

    @staticmethod
    def of(kind: str, settings: Mapping[str, Any]) -> Window:
        """From the settings of a layer; along a sequence it slides across only."""
        size = int(settings["kernel_size"])
        stride = int(settings["stride"] or size)
        padding, dilation = int(settings["padding"]), int(settings.get("dilation", 1))
        groups = int(settings.get("groups", 1))
        if kind.endswith("1d"):
            return Window((1, size), (1, stride), (0, padding), (1, dilation), groups)
        return Window((size, size), (stride, stride), (padding, padding), (dilation, dilation), groups)
