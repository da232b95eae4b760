"""What a run remembers to know when it ends: how long it trained, and how the best epoch did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from torchglass.spec.training import Stop


@dataclass(slots=True)
class Judged:
    """Kept in checkpoints, so that a run which was interrupted ends where it would have ended.

    ``seconds``: trained so far. ``metric``, ``best``, ``step``: the best epoch (``best`` None: none was judged).
    ``epoch``: the last one that was judged. ``waited``: epochs since the best.
    """

    seconds: float = 0.0
    metric: str = ""
    best: float | None = None
    step: int = 0
    epoch: int = 0
    waited: int = 0

    def facts(self) -> dict[str, float | str | int | None]:
        return asdict(self)

    @classmethod
    def of(cls, facts: Mapping[str, object]) -> Judged:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in facts.items() if name in known})  # type: ignore[arg-type]

    def see(self, stop: Stop, value: float, step: int, epoch: int) -> bool:
        """One epoch's result; whether it is the best so far. Another metric begins anew."""
        if self.metric != stop.judge:
            self.metric, self.best, self.waited = stop.judge, None, 0
        self.epoch = epoch
        better = self.best is None or (value < self.best if stop.judge == "loss" else value > self.best)
        if better:
            self.best, self.step, self.waited = value, step, 0
        else:
            self.waited += 1
        return better
