"""A run as the outside sees it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from torchglass.protocol.base import Message
from torchglass.spec.experiment import Experiment


class RunState(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    PARKED = "parked"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class RunProblem(Message):
    """Why a run failed or paused by itself, in words, and what one can do about it.

    ``code``: ``diverged``, ``worker-died``, ``out-of-memory``, ``does-not-build``, ``disk``, ``stuck``, ``waiting``,
    ``not-saved``, ``server-stopped``, ``internal``.
    """

    code: str
    message: str
    way_out: str = ""
    node: str | None = None
    field: str | None = None


class Resolved(Message):
    """What was decided by rule when the run started."""

    stepper: str
    reason: str = ""
    device: str
    threads: int
    memory_format: Literal["contiguous", "channels_last"]
    dtype: str
    versions: dict[str, str] = {}


class Parent(Message):
    """Where a fork comes from; ``name`` as it was then."""

    run: str
    step: int
    name: str


class RunInfo(Message):
    """The run resource of the API."""

    id: str
    name: str
    state: RunState
    step: int
    epoch: float
    metrics: dict[str, float]
    device: str
    stepper: str
    worker_pid: int | None
    experiment: Experiment
    revision: int
    created_at: str
    problem: RunProblem | None = None
    steps_per_epoch: int = 0
    parameters: int = 0
    resolved: Resolved | None = None
    parent: Parent | None = None


Point = Annotated[list[float], Field(min_length=2, max_length=2)]


class Series(Message):
    """One curve: steps ascending, values finite. ``split`` is train or test."""

    steps: list[int]
    values: list[float]


class Mark(Message):
    """Something that happened, shown on the curve."""

    step: int
    kind: Literal["set", "edit", "reset", "rewind", "restored", "diverged", "finished", "stepper", "fork"]
    label: str
    path: str | None = None
    before: Any = None
    after: Any = None
