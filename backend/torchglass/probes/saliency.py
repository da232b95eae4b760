"""What of a picture the network looks at when it says a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from torchglass.probes import _attributions as methods
from torchglass.probes import base
from torchglass.probes._numbers import array, finite, source_label, thinned
from torchglass.probes.base import Capture, Needs, Picture, Probe, Sight, Target
from torchglass.spec.base import Name

if TYPE_CHECKING:
    from torch import Tensor

_PER_LIGHT, _OF_SCORE = "of score for full brightness", "of score"
Method = Literal["gradient", "gradient_input", "integrated", "smooth", "grad_cam", "occlusion"]


class Saliency(Probe):
    kind = "saliency"
    label = "What it looks at"
    group = "outputs"
    summary = "How much each pixel of a picture speaks for a class or against it, by six methods."
    docs = (
        "Exact values (H, W), summed over the channels; positive: speaks for the class. f is the class's output before "
        "softmax or sigmoid, of the picture x.\n\n"
        "- `gradient`: ∂f/∂x, for full brightness of the pixel (Simonyan et al. 2014)\n"
        "- `gradient_input`: the same times the brightness of the pixel\n"
        "- `integrated`: the gradient's mean along the straight way from a baseline x₀, times x − x₀. The values add "
        "up to f(x) − f(x₀): `total` against `gain` in the extra (Sundararajan et al. 2017)\n"
        "- `smooth`: the mean gradient of noisy copies (Smilkov et al. 2017)\n"
        "- `grad_cam`: the maps of a layer, weighted by their mean gradient, negative sums cut off (Selvaraju et al. "
        "2017); `coarse` in the extra is the size of the layer's maps\n"
        "- `occlusion`: by how much f falls when a window is covered with the baseline (Zeiler, Fergus 2014)"
    )
    formula = r"(x - x_0) \odot \int_0^1 \nabla f(x_0 + a (x - x_0))\, da"
    scope = "network"

    class Config(base.Config):
        method: Annotated[Method, Field(title="Method")] = "integrated"
        target: Annotated[
            Literal["said", "truth"],
            Field(title="Class", description="The one it says, or the true one (what it says, where none is known)."),
        ] = "said"
        index: Annotated[int | None, Field(ge=0, le=10_000, title="This class", description="In place of it.")] = None
        baseline: Annotated[
            Literal["black", "mean"],
            Field(title="Baseline", description="No light, or the mean training picture."),
        ] = "black"
        steps: Annotated[
            int, Field(ge=0, le=256, title="Steps", description="Places along the way; 0: until they are complete.")
        ] = 0
        noise: Annotated[float, Field(ge=0, le=1, title="Noise", description="Of the full brightness.")] = 0.15
        samples: Annotated[int, Field(ge=1, le=128, title="Samples", description="Noisy copies.")] = 24
        layer: Annotated[
            Name | None, Field(title="Layer", description="With maps; the last convolution where it is left out.")
        ] = None
        window: Annotated[int, Field(ge=1, le=128, title="Window", description="Pixels across.")] = 5
        stride: Annotated[int, Field(ge=1, le=64, title="Stride", description="From one window to the next.")] = 2

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(H, W) exact; None for data without pictures. ValueError in words where there is nothing to attribute."""
        if capture.picture_field() is None:
            return None
        sight = capture.sight()
        if sight is None:
            raise ValueError("Only where the output has a number for each class can be asked what speaks for it.")
        scores = array(sight.scores(sight.x)[0])
        truth, said = source_label(capture), int(np.argmax(scores))
        k = self._chosen(said, truth, len(scores))
        baseline = sight.black if self.config.baseline == "black" else capture.mean_picture()
        found, more = self._found(sight, k, baseline, capture)
        values, stride = thinned(array(found)[None])
        ground = float(sight.scores(baseline)[0, k])
        extra: dict[str, Any] = {
            "method": self.config.method,
            "class": k,
            "said": said,
            "truth": truth,
            "classes": list(capture.classes()),
            "score": finite(float(scores[k])),
            "baseline": finite(ground),
            "gain": finite(float(scores[k]) - ground),
            "total": finite(float(found.double().sum())),
            "unit": _PER_LIGHT if self.config.method in ("gradient", "smooth") else _OF_SCORE,
            **({"stride": stride} if stride > 1 else {}),
            **more,
        }
        return Picture(values[0], ("H", "W"), encoding="exact", extra=extra)

    def _chosen(self, said: int, truth: int | None, classes: int) -> int:
        index = self.config.index
        if index is not None and index >= classes:
            raise ValueError(f"There is no class {index}: the output has {classes}, counted from 0.")
        wanted = truth if self.config.target == "truth" else said
        return index if index is not None else said if wanted is None else wanted

    def _found(self, sight: Sight, k: int, baseline: Tensor, capture: Capture) -> tuple[Tensor, dict[str, Any]]:
        """(H, W), and what else there is to say."""
        settings = self.config
        method: Method = settings.method
        match method:
            case "gradient":
                return (methods.gradient(sight, sight.x, k) * sight.unit)[0].sum(dim=0), {}
            case "gradient_input":
                return (methods.gradient(sight, sight.x, k) * (sight.x - sight.black))[0].sum(dim=0), {}
            case "integrated":
                summed, steps = methods.integrated(sight, k, baseline, settings.steps)
                return summed.sum(dim=0), {"steps": steps}
            case "smooth":
                smoothed = methods.smooth(sight, k, settings.noise, settings.samples)
                return (smoothed * sight.unit[0]).sum(dim=0), {}
            case "grad_cam":
                node = settings.layer or last_convolution(capture)
                coarse, fine = methods.grad_cam(sight, k, _with_maps(capture, node))
                return fine, {"layer": node, "coarse": list(coarse.shape)}
            case "occlusion":
                return methods.occlusion(sight, k, baseline, settings.window, settings.stride), {}


def last_convolution(capture: Capture) -> str:
    """The last convolution whose output is maps. Raises ValueError in words where there is none."""
    found = [node.id for node in capture.network().nodes if node.kind == "conv2d" and _is_maps(capture, node.id)]
    if not found:
        raise ValueError("This network has no convolution: Grad-CAM has no maps to weigh.")
    return found[-1]


def _with_maps(capture: Capture, node: str) -> str:
    if not _is_maps(capture, node):
        raise ValueError(f"The layer {node!r} gives no maps: choose a convolution, or what follows one.")
    return node


def _is_maps(capture: Capture, node: str) -> bool:
    shape = capture.shape(node)
    return shape is not None and shape.is_image
