"""Learning-rate schedules: closed form, a pure function of the step."""

from __future__ import annotations

from torchglass.registry import Config, Entry, Registry


class Schedule(Entry):
    def factor(self, step: int) -> float:
        """What the optimizer's rate is multiplied with at that step (from 1)."""
        raise NotImplementedError

    def to_source(self, step: str) -> str | None:
        """``factor`` as an expression of that variable; None where it is 1 at every step."""
        raise NotImplementedError


SCHEDULES: Registry[Schedule] = Registry("torchglass.schedules", Schedule)

__all__ = ["SCHEDULES", "Config", "Schedule"]
