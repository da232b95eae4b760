"""Everything that a window sees while it slides: input, kernels and output of a convolution or pooling layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._graph import feeder, kind_of
from torchglass.probes._numbers import array, finite
from torchglass.probes._windows import CONVOLUTIONS, POOLS, Window
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    import numpy as np

#: More numbers than that are no longer looked at one by one.
MOST = 1 << 18


class SlidingWindow(Probe):
    kind = "sliding_window"
    label = "Sliding window"
    group = "activations"
    summary = "What a convolution or pooling layer reads and writes, as exact numbers: every sum can be formed by hand."
    docs = (
        "One row of numbers: the input (C, H, W), then the kernels of `count` filters from `first` on (F, C/groups, "
        "kh, kw), then their outputs (F, H', W'). The extra says the sizes, the biases and how the window moves. A "
        "sequence T×D counts as a picture of height 1 with D channels. Pooling has no kernels.\n\n"
        "Source: Dumoulin, Visin (2016), *A guide to convolution arithmetic for deep learning*."
    )
    formula = r"y_{k,i,j} = b_k + \sum_{c,u,v} w_{k,c,u,v}\, x_{c,\,si+du-p,\,sj+dv-p}"

    class Config(base.Config):
        first: Annotated[int, Field(ge=0, lt=10**6, title="Filter", description="The first one that is shown.")] = 0
        count: Annotated[int, Field(ge=1, le=8, title="Filters", description="So many of them.")] = 1

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(numbers,); None where nothing feeds the layer; ValueError where no window slides, or over too much."""
        import numpy as np

        if target.node is None:
            raise ValueError("Choose a convolution or a pooling layer.")
        kind = kind_of(capture.network(), target.node)
        if kind not in CONVOLUTIONS + POOLS:
            raise ValueError("A window slides in a convolution or a pooling layer only.")
        source = feeder(capture.network(), target.node)
        if source is None:
            return None
        x_CHW, y_KHW = (as_maps(array(capture.activation(name)[0])) for name in (source, target.node))
        window = Window.of(kind, capture.settings(target.node))
        first = min(self.config.first, len(y_KHW) - 1)
        shown = y_KHW[first : first + self.config.count]
        kernels, bias = np.zeros((0, 0, *window.kernel), np.float32), np.zeros(0)
        if kind in CONVOLUTIONS:
            weight = array(capture.parameter(f"{target.node}.weight"))[first : first + len(shown)]
            kernels = weight if weight.ndim == 4 else weight[:, :, None, :]
            if f"{target.node}.bias" in capture.parameter_names(target.node):
                bias = array(capture.parameter(f"{target.node}.bias"))[first : first + len(shown)]
        if x_CHW.size + kernels.size + shown.size > MOST:
            sizes = "×".join(map(str, x_CHW.shape))
            raise ValueError(f"“{target.node}” reads {sizes} numbers: too many to look at one by one.")
        values = np.concatenate([x_CHW.ravel(), kernels.ravel(), shown.ravel()]).astype(np.float32)
        extra = {
            "kind": kind,
            "input_node": source.partition(".")[0],
            "input": list(x_CHW.shape),
            "kernels": list(kernels.shape),
            "output": list(shown.shape),
            "bias": [finite(float(value)) for value in bias] or [0.0] * len(shown),
            "filters": len(y_KHW),
            "first": first,
            "stride": window.stride,
            "padding": window.padding,
            "dilation": window.dilation,
            "groups": window.groups,
            "window": window.kernel,
        }
        return Picture(values, ("number",), encoding="exact", extra=extra)


def as_maps(values: np.ndarray) -> np.ndarray:
    """(C, H, W) as it is; a sequence (T, D) as (D, 1, T)."""
    return values if values.ndim == 3 else values.T[:, None, :]
