"""What the pictures over the plane share: what the network says as signed numbers, laid out as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.probes._numbers import array

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from torchglass.probes.base import Capture


def maps_of(values: Tensor, size: int) -> np.ndarray | None:
    """Values of every place, (G·G) or (G·G, D) -> (D, G, G), first row on top; None for anything larger."""
    if values.dim() > 2:
        return None
    flat = array(values).reshape(size * size, -1)
    result: np.ndarray = flat.T.reshape(-1, size, size)
    return result


def signed_reading(read: Tensor, capture: Capture) -> tuple[Tensor, str]:
    """What the recipe reads (N, ...) -> ((N, D), scale).

    Two classes become one number between -1 (surely the first) and 1 (surely the second), scale ``certainty``; more
    classes keep their probabilities, scale ``probability``; anything else stays as it is, in the units of the data,
    scale ``value``; where nothing is to be predicted, scale ``activation``.
    """
    rows = read.reshape(len(read), -1)
    classes = capture.classes()
    if len(classes) == 2 and capture.reading() == "sigmoid" and rows.shape[1] == 1:
        return 2 * rows - 1, "certainty"
    if len(classes) == 2 and capture.reading() == "softmax" and rows.shape[1] == 2:
        return rows[:, 1:] - rows[:, :1], "certainty"
    if classes and capture.reading() == "softmax":
        return rows, "probability"
    field = capture.target_field()
    return (capture.natural(field, rows), "value") if field is not None else (rows, "activation")


__all__ = ["maps_of", "signed_reading"]
