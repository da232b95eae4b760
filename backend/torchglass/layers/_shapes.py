"""What layers ask of the shapes that reach them, refused in words."""

from __future__ import annotations

from torchglass.layers.base import Inputs
from torchglass.spec.problems import Insert, Mend, ShapeError
from torchglass.spec.shapes import Axis, Shape

_KINDS = {"int": "whole numbers (such as tokens or labels)", "bool": "a mask of true and false"}


def one(inputs: Inputs, port: str = "in") -> Shape:
    """The single shape that arrives at ``port``."""
    shape = inputs[port]
    assert isinstance(shape, Shape)
    return shape


def many(inputs: Inputs, port: str = "in") -> list[Shape]:
    """The shapes that arrive at a port that takes many."""
    shapes = inputs[port]
    return [shapes] if isinstance(shapes, Shape) else shapes


def describe(shape: Shape) -> str:
    """A shape for people: ``an image 8×14×14``, ``a vector of 10 numbers``, ``a sequence T×16``."""
    if shape.dtype == "int":
        return f"whole numbers of shape {shape}"
    if shape.dtype == "bool":
        return f"a mask of shape {shape}"
    if shape.is_image:
        return f"an image {shape} (channels×height×width)"
    if shape.names == ("D",):
        return f"a vector of {shape} numbers"
    if shape.names == ("T", "D"):
        return f"a sequence {shape} (time×features)"
    return f"values of shape {shape}"


def need_float(shape: Shape, label: str) -> Shape:
    """Refuses token ids, labels and masks where real numbers are expected."""
    if shape.dtype == "float":
        return shape
    mend = None
    if shape.dtype == "int":
        mend = Mend(label="Insert an embedding", insert=Insert(kind="embedding", config={}))
    raise ShapeError(f"{label} works on real numbers, but {_KINDS[shape.dtype]} arrive here.", mend=mend)


def need_image(shape: Shape, label: str) -> tuple[int, int, int]:
    """(channels, height, width) of an image; refuses everything else."""
    need_float(shape, label)
    if not shape.is_image:
        raise ShapeError(f"{label} works on images (channels×height×width), but {describe(shape)} arrives here.")
    return known(shape, label)  # type: ignore[return-value]  # three axes, checked above


def known(shape: Shape, label: str) -> tuple[int, ...]:
    """The sizes as integers; refuses lengths that differ from batch to batch."""
    for axis in shape.axes:
        if not isinstance(axis.size, int):
            raise ShapeError(f"{label} needs fixed sizes, but the length {axis.size} differs from batch to batch.")
    return shape.known()


def features(shape: Shape, label: str) -> int:
    """Size of the last axis; refuses single numbers and a symbolic last axis."""
    if not shape.axes:
        raise ShapeError(f"{label} works on vectors, but a single number arrives here.")
    size = shape.axes[-1].size
    if not isinstance(size, int):
        raise ShapeError(f"{label} needs a fixed number of features, but the length {size} differs between batches.")
    return size


def need_vector(shape: Shape, label: str, port: str) -> int:
    """Number of features of a plain vector at ``port``."""
    need_float(shape, label)
    if len(shape.axes) != 1:
        raise ShapeError(f"{label} expects a vector at its port “{port}”, but {describe(shape)} arrives there.")
    return features(shape, label)


_AXIS_NAMES: dict[int, tuple[str, ...]] = {0: (), 1: ("D",), 2: ("N", "D"), 3: ("C", "H", "W")}


def from_sizes(sizes: list[int], dtype: str = "float") -> Shape:
    """A shape from plain sizes: one is a vector, two are slots×features, three are an image."""
    axes = tuple(Axis(name, size) for name, size in zip(_AXIS_NAMES[len(sizes)], sizes, strict=True))
    return Shape(axes, dtype)  # type: ignore[arg-type]  # validated by the settings


def projection(given: Shape, wanted: Shape, index: int) -> Insert | None:
    """The layer that brings one shape to another: a 1×1 convolution for images (He et al. 2016, option B), a dense
    layer for vectors; None where there is no such layer. ``index``: on which connection it belongs."""
    if not all(isinstance(size, int) for size in (*given.sizes, *wanted.sizes)) or not given.axes:
        return None
    if given.names == wanted.names == ("D",):
        return Insert(kind="linear", config={"out_features": wanted.known()[0], "bias": False}, index=index)
    if not (given.is_image and wanted.is_image):
        return None
    (_, height, width), (channels, high, wide) = given.known(), wanted.known()
    stride = max(1, round(height / high))
    if ((height - 1) // stride + 1, (width - 1) // stride + 1) != (high, wide):
        return None
    config = {"out_channels": channels, "kernel_size": 1, "stride": stride, "bias": False}
    return Insert(kind="conv2d", config=config, index=index)


def same_sizes(a: Shape, b: Shape) -> bool:
    """Whether tensors of these two shapes fit each other, whatever their axes are called."""
    return a.sizes == b.sizes and a.dtype == b.dtype
