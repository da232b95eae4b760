"""One number of a layer, taken apart: which inputs, times which weights, make it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._graph import feeder, kind_of
from torchglass.probes._numbers import array, finite, listed_terms
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    import numpy as np

_LARGEST = 24
_Place = Annotated[int, Field(ge=0, lt=10**6)]


class OneNumber(Probe):
    kind = "one_number"
    label = "One number"
    group = "activations"
    summary = "How one output of a convolution or dense layer comes about: patch times weights plus bias."
    docs = (
        "The exact result (1). For a convolution: the patch of the input under the kernel (zeros outside the "
        "picture), the kernel, their sum of products and the bias, at `channel`, `row`, `column`. For a dense layer: "
        "the 24 largest terms of `unit`. `gradient` is that of the loss for the same weights, on a fixed training "
        "batch; `delta` that of the loss of the example alone for this number. `update` takes one of its weights, by "
        "its place among them (the steepest where none is named), through the next step of the optimizer."
    )
    formula = r"y_{k,i,j} = b_k + \sum_{c,u,v} w_{k,c,u,v}\, x_{c,\,si+u-p,\,sj+v-p}"

    class Config(base.Config):
        channel: Annotated[_Place, Field(title="Channel")] = 0
        row: Annotated[_Place, Field(title="Row")] = 0
        column: Annotated[_Place, Field(title="Column")] = 0
        unit: Annotated[_Place, Field(title="Unit", description="Of a dense layer.")] = 0
        gradient: Annotated[bool, Field(title="Gradient", description="Show the gradient of the loss as well.")] = True
        update: Annotated[bool, Field(title="Update", description="Explain the next update of one weight.")] = False
        weight: Annotated[_Place | None, Field(title="Weight", description="Which one; none: the steepest.")] = None

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True, gradients=self.config.gradient or self.config.update)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(1,) the result; ValueError where the node is neither, or has no such output."""
        import numpy as np

        if target.node is None:
            raise ValueError("Choose a convolution or a dense layer.")
        kind = kind_of(capture.network(), target.node)
        if kind not in ("conv2d", "linear"):
            raise ValueError("One number can be taken apart in a convolution (conv2d) or a dense layer (linear) only.")
        terms = _convolution(target.node, capture, self.config) if kind == "conv2d" else None
        extra = terms or _dense(target.node, capture, self.config)
        if self.config.update:
            channel = self.config.channel if kind == "conv2d" else self.config.unit
            extra["update"] = _update(target.node, capture, channel, self.config.weight)
        source = feeder(capture.network(), target.node)
        extra |= {"kind": kind, "input_node": source.partition(".")[0] if source else None}
        return Picture(np.asarray([extra["result"]], np.float32), ("value",), encoding="exact", extra=extra)


def _convolution(node: str, capture: Capture, at: Any) -> dict[str, Any]:
    import numpy as np

    weight_KCHW, x_CHW, y_KHW = _tensors(node, capture)
    if not (at.channel < y_KHW.shape[0] and at.row < y_KHW.shape[1] and at.column < y_KHW.shape[2]):
        sizes = "×".join(str(size) for size in y_KHW.shape)
        raise ValueError(f"This layer's output is {sizes}: there is no number at {at.channel}, {at.row}, {at.column}.")
    kernel = weight_KCHW[at.channel]  # (C/groups, kh, kw)
    settings = capture.settings(node)
    stride, dilation = _pair(settings.get("stride", 1)), _pair(settings.get("dilation", 1))
    padding = _padding(settings.get("padding", 0), kernel.shape[1:], dilation)
    first = at.channel // (y_KHW.shape[0] // int(settings.get("groups", 1))) * kernel.shape[0]
    top, left = at.row * stride[0] - padding[0], at.column * stride[1] - padding[1]
    patch = np.zeros_like(kernel)
    for u in range(kernel.shape[1]):
        for v in range(kernel.shape[2]):
            i, j = top + u * dilation[0], left + v * dilation[1]
            if 0 <= i < x_CHW.shape[1] and 0 <= j < x_CHW.shape[2]:
                patch[:, u, v] = x_CHW[first : first + kernel.shape[0], i, j]
    gradient = _gradient(node, capture, at.channel) if at.gradient else None
    delta = capture.output_gradient(node) if at.gradient else None
    return {
        "delta": None if delta is None else finite(float(delta[0, at.channel, at.row, at.column])),
        "patch": _listed(patch),
        "weight": _listed(kernel),
        "gradient": None if gradient is None else _listed(gradient),
        "bias": _bias(node, capture, at.channel),
        "sum": finite((patch.astype(np.float64) * kernel).sum()),
        "result": finite(y_KHW[at.channel, at.row, at.column]),
        "top": top,
        "left": left,
    }


def _dense(node: str, capture: Capture, at: Any) -> dict[str, Any]:
    import numpy as np

    weight_KD, x, y = _tensors(node, capture)
    if at.unit >= weight_KD.shape[0]:
        raise ValueError(f"This layer has {weight_KD.shape[0]} units: there is no unit {at.unit}.")
    row_D, x_D = weight_KD[at.unit], x.reshape(-1, weight_KD.shape[1])[0]
    products = np.nan_to_num(row_D.astype(np.float64) * x_D)
    chosen = np.argsort(-np.abs(products), kind="stable")[:_LARGEST]
    gradient = _gradient(node, capture, at.unit) if at.gradient else None
    delta = capture.output_gradient(node) if at.gradient else None
    return {
        "delta": None if delta is None else finite(float(delta.reshape(-1, weight_KD.shape[0])[0, at.unit])),
        "indices": [int(i) for i in chosen],
        "inputs": _listed(x_D[chosen]),
        "weights": _listed(row_D[chosen]),
        "products": _listed(products[chosen]),
        "gradient": None if gradient is None else _listed(gradient[chosen]),
        "bias": _bias(node, capture, at.unit),
        "sum": finite(products.sum()),
        "result": finite(y.reshape(-1, weight_KD.shape[0])[0, at.unit]),
    }


def _tensors(node: str, capture: Capture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weight, input and output of the watched example."""
    source = feeder(capture.network(), node)
    if source is None:
        raise ValueError("Nothing feeds this layer yet.")
    weight = array(capture.parameter(f"{node}.weight"))
    return weight, array(capture.activation(source)[0]), array(capture.activation(node)[0])


def _bias(node: str, capture: Capture, index: int) -> float:
    name = f"{node}.bias"
    return finite(float(capture.parameter(name)[index])) if name in capture.parameter_names(node) else 0.0


def _gradient(node: str, capture: Capture, index: int) -> np.ndarray | None:
    gradient = capture.gradient(f"{node}.weight")
    return None if gradient is None else array(gradient[index])


def _update(node: str, capture: Capture, unit: int, place: int | None) -> dict[str, Any] | None:
    """One weight of that filter or unit through the next step; None where no optimizer moves it."""
    import numpy as np

    name = f"{node}.weight"
    gradient = _gradient(node, capture, unit)
    if gradient is None:
        return None
    if place is None:
        place = int(np.argmax(np.abs(np.nan_to_num(gradient))))
    if place >= gradient.size:
        raise ValueError(f"This unit has {gradient.size} weights: there is no weight {place}.")
    index = (unit, *(int(i) for i in np.unravel_index(place, gradient.shape)))
    terms = listed_terms(capture.update(name, index))
    return {"place": place, "index": list(index[1:]), "terms": terms} if terms else None


def _listed(values: np.ndarray) -> Any:
    import numpy as np

    return np.nan_to_num(values, posinf=0.0, neginf=0.0).tolist()


def _pair(value: Any) -> tuple[int, int]:
    return (int(value[0]), int(value[1])) if isinstance(value, list | tuple) else (int(value), int(value))


def _padding(value: Any, kernel: tuple[int, ...], dilation: tuple[int, int]) -> tuple[int, int]:
    """Rows above and columns left; ``same`` puts the smaller half there (as torch does)."""
    if value == "valid":
        return 0, 0
    if value == "same":
        return dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2
    return _pair(value)
