"""What is remembered of a run, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torchglass.ids import RunId
from torchglass.protocol.run import RunState


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What must outlive the process. ``experiment``, ``resolved`` and ``problem`` are JSON documents."""

    id: RunId
    name: str
    state: RunState
    step: int
    epoch: float
    experiment: dict[str, Any]
    revision: int
    created_at: str
    updated_at: str
    steps_per_epoch: int = 0
    parameters: int = 0
    #: The run was set back to step 0 and has no checkpoint since: what lies on the disk is void.
    fresh: bool = False
    resolved: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    #: The run that it was forked from: id, step and name (None: it began on its own).
    parent: dict[str, Any] | None = None
    #: What going back has set aside, by ``sessions.branches``.
    asides: list[dict[str, int]] = field(default_factory=list)
    #: Steps a second at most (None: as fast as it goes).
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Junk:
    """What narrows a search to runs that nobody will miss: called one of ``names``, trained for fewer than ``steps``
    steps, and none of ``spared``."""

    names: frozenset[str]
    steps: int
    spared: frozenset[RunId] = frozenset()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one curve. Where a point stands for several, ``low`` and ``high`` (with the steps at which they
    were reached) are their extremes and ``values`` their mean."""

    steps: list[int]
    values: list[float]
    low: list[float]
    high: list[float]
    low_steps: list[int]
    high_steps: list[int]
    #: How many measured points it stands for.
    measured: int

    @property
    def exact(self) -> bool:
        return self.measured == len(self.steps)
