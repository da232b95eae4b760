"""Arithmetic of a window that slides over an image, or along a sequence."""

from __future__ import annotations

from torchglass.layers._shapes import describe, known, need_float
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Shape


def slide(height: int, width: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> tuple[int, int]:
    """(height, width) of the result: ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 each. Raises ShapeError if nothing fits."""
    reach = dilation * (kernel - 1) + 1
    smallest = min(height, width) + 2 * padding
    if reach > smallest:
        spread = f", spread over {reach}×{reach} pixels by dilation {dilation}," if dilation > 1 else ""
        padded = f" with padding {padding}" if padding else ""
        message = f"A window of {kernel}×{kernel}{spread} does not fit into an image of {height}×{width}{padded}."
        fitting = (smallest - 1) // dilation + 1
        mend = Mend(label=f"Make the window {fitting}×{fitting}", path="config.kernel_size", value=fitting)
        raise ShapeError(message, field="kernel_size", mend=mend)
    return (height + 2 * padding - reach) // stride + 1, (width + 2 * padding - reach) // stride + 1


def at_most_half(padding: int, kernel: int, window: str) -> None:
    """Refuses padding of a pooling window of which some would see nothing else; ``window`` says its size in words."""
    most = kernel // 2
    if padding > most:
        mend = Mend(label=f"Use padding {most}", path="config.padding", value=most)
        message = f"Padding {padding} is more than half of the window of {window}."
        raise ShapeError(message, field="padding", mend=mend)


def need_sequence(shape: Shape, label: str) -> tuple[int, int]:
    """(length, features) of a sequence T×D; refuses everything else."""
    need_float(shape, label)
    if len(shape.axes) != 2:
        raise ShapeError(f"{label} works on sequences (time×features), but {describe(shape)} arrives here.")
    length, features = known(shape, label)
    return length, features


def slide_along(length: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Length of the result. Raises ShapeError if the window does not fit."""
    reach = dilation * (kernel - 1) + 1
    room = length + 2 * padding
    if reach > room:
        spread = f", spread over {reach} places by dilation {dilation}," if dilation > 1 else ""
        padded = f" with padding {padding}" if padding else ""
        fitting = (room - 1) // dilation + 1
        mend = Mend(label=f"Make the window {fitting} wide", path="config.kernel_size", value=fitting)
        message = f"A window of {kernel} places{spread} does not fit into a sequence of {length}{padded}."
        raise ShapeError(message, field="kernel_size", mend=mend)
    return (room - reach) // stride + 1
