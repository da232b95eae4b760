"""The rate stays as it is."""

from __future__ import annotations

from torchglass.schedules.base import Schedule


class Constant(Schedule):
    kind = "constant"
    label = "Constant"
    summary = "The learning rate stays as it is set."
    docs = "No schedule: every step uses the optimizer's learning rate."

    def factor(self, step: int) -> float:
        return 1.0

    def to_source(self, step: str) -> str | None:
        return None
