"""Arithmetic of a window that slides over an image."""

from __future__ import annotations

from torchglass.spec.problems import Mend, ShapeError


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
