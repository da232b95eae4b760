"""How many test pictures are still read rightly when they are moved."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._moving import moved
from torchglass.probes._numbers import array, class_shares
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

#: The four ways that pictures are moved, in turn: right, left, down, up.
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


class ShiftAccuracy(Probe):
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

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(shift, column) float32; None without test pictures or classes."""
        import numpy as np

        field, goal = capture.picture_field(), capture.target_field()
        if field is None or goal is None or not capture.classes() or capture.count("test") == 0:
            return None
        raw = capture.examples_raw("test", list(range(min(self.config.count, capture.count("test")))))
        truth = np.asarray(raw[goal]).reshape(-1)
        way = np.arange(len(truth)) % len(WAYS)
        rows, names = [], [""]
        for pixels in range(self.config.most + 1):
            pictures = np.empty_like(raw[field])
            for number, (right, down) in enumerate(WAYS):
                pictures[way == number] = moved(raw[field][way == number], right * pixels, down * pixels)
            _, answers = capture.answered({**raw, field: pictures})
            names = list(answers)
            said = [
                array(class_shares(read, capture).reshape(len(truth), -1).argmax(dim=1).float())
                for read in answers.values()
            ]
            rows.append([pixels, *(float((one == truth).mean()) for one in said)])
        if not names:
            return None
        extra = {"networks": names, "pictures": len(truth)}
        return Picture(np.asarray(rows, np.float32), ("shift", "column"), encoding="exact", signed=False, extra=extra)
