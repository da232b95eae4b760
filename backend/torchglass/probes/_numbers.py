"""From tensors to arrays and finite numbers; shared by the probes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from torchglass.probes._host import on_host

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from torchglass.optimizers.base import Term
    from torchglass.probes.base import Capture

#: No picture holds more values than this; larger maps are thinned.
MOST_VALUES = 1 << 20


def finite(value: float, instead: float = 0.0) -> float:
    """The number, or ``instead`` where it is NaN or infinite: numbers on the wire are finite."""
    number = float(value)
    return number if math.isfinite(number) else instead


def array(tensor: Tensor) -> np.ndarray:
    """float32 array on the CPU. It may share memory with the tensor: read it at once, never write to it."""
    import torch

    return on_host(tensor).to(torch.float32).numpy()


def listed_terms(terms: Iterable[Term]) -> list[dict[str, Any]]:
    """The lines of an update as JSON."""
    return [
        {
            "symbol": term.symbol,
            "words": term.words,
            "template": term.template,
            "numbers": {symbol: finite(value) for symbol, value in term.numbers.items()},
            "value": finite(term.value),
        }
        for term in terms
    ]


def class_shares(read: Tensor, capture: Capture) -> Tensor:
    """What the recipe reads (N, ...), with one column per class where one probability tells two classes apart."""
    import torch

    if len(capture.classes()) == 2 and capture.reading() == "sigmoid" and read.numel() == len(read):
        second = read.reshape(len(read), 1)
        return torch.cat([1 - second, second], dim=1)
    return read


def without_interval(read: Tensor, capture: Capture) -> Tensor:
    """What the recipe reads (N, ...), of an interval around one number (mean, below, above) the mean alone: (N, 1)."""
    field = capture.target_field()
    interval = not capture.classes() and field is not None and not capture.field_shape(field).sizes
    return read[:, :1] if interval and read.dim() == 2 and read.shape[1] == 3 else read


def answer_names(capture: Capture, count: int) -> list[str]:
    """Names of ``count`` possible answers: the classes, then codes that no class has, in bits."""
    classes = capture.classes()
    return [*classes, *(f"{code:b}" for code in range(len(classes), count))]


def label_at(capture: Capture, split: str, index: int) -> int | None:
    """The class of one stored example; None without classes."""
    field = capture.target_field()
    if field is None or not capture.classes():
        return None
    return int(capture.examples_raw(split, [index])[field].reshape(-1)[0])


def source_label(capture: Capture) -> int | None:
    """The class of the watched example; None for somebody's own input."""
    field = capture.target_field()
    values = capture.example_raw()
    if field is None or field not in values or not capture.classes():
        return None
    return int(values[field].reshape(-1)[0])


def source_parts(source: str) -> tuple[str, int | None]:
    """``test:5`` -> ("test", 5); ``slot:abc`` -> ("slot", None)."""
    split, _, rest = source.partition(":")
    return split, int(rest) if split in ("test", "train") and rest.isdigit() else None


def thinned(values_CHW: np.ndarray) -> tuple[np.ndarray, int]:
    """Every k-th row and column where a stack of maps is larger than a frame may be, and that k."""
    stride = max(1, math.ceil(math.sqrt(values_CHW.size / MOST_VALUES)))
    return values_CHW[:, ::stride, ::stride], stride
