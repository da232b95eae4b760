"""How many test pictures are still read rightly when they are moved."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._moving import moved
from torchglass.probes._numbers import array, class_shares
from torchglass.probes._pieces import SpreadProbe
from torchglass.probes.base import Capture, Picture, Target

if TYPE_CHECKING:
    import numpy as np

#: The four ways that pictures are moved, in turn: right, left, down, up.
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))
#: Pictures that pass at a time, a multiple of the ways.
_BLOCK = 40


class ShiftAccuracy(SpreadProbe):
    kind = "shift_accuracy"
    label = "Accuracy against shift"
    group = "outputs"
    summary = "Accuracy on test pictures that are moved by 0, 1, 2 … pixels, of every network of the run."
    docs = (
        "Rows of (pixels, accuracy of each network). A quarter of the pictures moves right, left, down and up each, "
        "always the same ones; what comes in repeats the edge. `networks` names the columns: the lanes of a race, or "
        "one without a name."
    )
    scope = "network"

    class Config(base.Config):
        most: Annotated[int, Field(ge=1, le=16, title="Pixels", description="The largest shift.")] = 6
        count: Annotated[int, Field(ge=4, le=2000, title="Pictures", description="So many test pictures.")] = 240

    def pieces(self, target: Target, capture: Capture) -> Generator[None, None, Picture | None]:
        """(shift, column) float32; None without test pictures or classes."""
        import numpy as np

        field, goal = capture.picture_field(), capture.target_field()
        if field is None or goal is None or not capture.classes() or capture.count("test") == 0:
            return None
        raw = capture.examples_raw("test", list(range(min(self.config.count, capture.count("test")))))
        count = len(raw[goal])
        right: dict[str, list[float]] = {}
        for pixels in range(self.config.most + 1):
            for first in range(0, count, _BLOCK):
                block = {name: np.asarray(values[first : first + _BLOCK]) for name, values in raw.items()}
                for name, hits in _hits(block, field, goal, pixels, capture).items():
                    shares = right.setdefault(name, [0.0] * (self.config.most + 1))
                    shares[pixels] += hits / count
                yield
        if not right:
            return None
        rows = np.stack([np.arange(self.config.most + 1), *right.values()], axis=1).astype(np.float32)
        extra = {"networks": list(right), "pictures": count}
        return Picture(rows, ("shift", "column"), encoding="exact", signed=False, extra=extra)


def _hits(block: dict[str, np.ndarray], field: str, goal: str, pixels: int, capture: Capture) -> dict[str, int]:
    """How many of these moved pictures each network reads rightly."""
    import numpy as np

    truth = block[goal].reshape(-1)
    way = np.arange(len(truth)) % len(WAYS)
    pictures = np.empty_like(block[field])
    for number, (right, down) in enumerate(WAYS):
        pictures[way == number] = moved(block[field][way == number], right * pixels, down * pixels)
    _, answers = capture.answered({**block, field: pictures})
    return {
        name: int((array(class_shares(read, capture).reshape(len(truth), -1).argmax(dim=1).float()) == truth).sum())
        for name, read in answers.items()
    }
