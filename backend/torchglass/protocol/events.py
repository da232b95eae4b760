"""What a browser hears of a run: JSON text messages, tagged by ``type``.

Ordered events carry ``seq``, counted within one stream: nothing is lost, a client that comes back names the
stream and the last number that it has and gets the rest, or a new ``hello`` with the full picture.
Answers (``ack``, ``conflict``, ``problem``), ``pulse`` and ``alive`` carry no number.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from torchglass.protocol.base import Message
from torchglass.protocol.run import Mark, RunInfo, RunProblem, RunState, Series
from torchglass.spec.experiment import Experiment


class Hello(Message):
    """First message of a connection that could not be resumed: the whole state. ``seq`` is the number of the
    last event folded into it."""

    type: Literal["hello"] = "hello"
    stream: str
    seq: int
    client: str
    run: RunInfo
    series: dict[str, Series]
    marks: list[Mark]
    speed: float | None = None


class Resumed(Message):
    """First message of a resumed connection; the missed events follow."""

    type: Literal["resumed"] = "resumed"
    stream: str
    seq: int
    client: str


class MetricsEvent(Message):
    """New points of the curves, by series: ``train.loss``, ``train.accuracy``, ``test.loss`` ..."""

    type: Literal["metrics"] = "metrics"
    seq: int
    series: dict[str, Series]


class StateEvent(Message):
    """The run changed state (or says where it stands after a command)."""

    type: Literal["state"] = "state"
    seq: int
    state: RunState
    step: int
    epoch: float
    worker_pid: int | None = None
    problem: RunProblem | None = None


class MarkEvent(Message):
    type: Literal["mark"] = "mark"
    seq: int
    mark: Mark


class ExperimentEvent(Message):
    """The document changed; ``by`` is the client that did it."""

    type: Literal["experiment"] = "experiment"
    seq: int
    revision: int
    experiment: Experiment
    by: str | None = None


class ResetEvent(Message):
    """The run stands at ``step`` again: every point of a curve beyond it is void (0: all of them). ``before``: and so
    are the changes that were made at the step, since it stands before them."""

    type: Literal["reset"] = "reset"
    seq: int
    step: int = 0
    before: bool = False


class CurvesEvent(Message):
    """What was set aside is back: every curve and mark as they are now."""

    type: Literal["curves"] = "curves"
    seq: int
    step: int
    series: dict[str, Series]
    marks: list[Mark]


class InfoEvent(Message):
    """The worker is ready: what was resolved and counted."""

    type: Literal["info"] = "info"
    seq: int
    run: RunInfo


class Pulse(Message):
    """Where the training stands now, some times a second; latest wins."""

    type: Literal["pulse"] = "pulse"
    step: int
    epoch: float
    steps_per_second: float
    watched_share: float = 0.0
    clients: int = 1
    speed: float | None = None


class Aside(Message):
    """What came after ``base`` until somebody went back there; one can come back to its end."""

    branch: int
    base: int
    end: int


class Kept(Message):
    """The steps that one can look at and go back to, about once a second while they change; latest wins.
    ``reason``: why there are none, in words."""

    type: Literal["kept"] = "kept"
    steps: list[int]
    asides: list[Aside] = []
    reason: str | None = None


class Looked(Message):
    """The document that was trained at the kept step that this client looks at."""

    type: Literal["looked"] = "looked"
    step: int
    experiment: Experiment


class Alive(Message):
    """Sent when there was nothing else to say for a second, so that silence always means a lost connection."""

    type: Literal["alive"] = "alive"


class Ack(Message):
    type: Literal["ack"] = "ack"
    id: int | None = None
    revision: int | None = None
    step: int | None = None


class Conflict(Message):
    """The document moved on since the revision that the command named; nothing was changed."""

    type: Literal["conflict"] = "conflict"
    id: int | None = None
    revision: int
    experiment: Experiment


class ProblemAnswer(Message):
    """The command was refused; ``code`` is stable, ``message`` is for people."""

    type: Literal["problem"] = "problem"
    id: int | None = None
    code: str
    message: str
    node: str | None = None
    field: str | None = None


AnyEvent = Annotated[
    Hello
    | Resumed
    | MetricsEvent
    | StateEvent
    | MarkEvent
    | ExperimentEvent
    | ResetEvent
    | CurvesEvent
    | InfoEvent
    | Pulse
    | Kept
    | Looked
    | Alive
    | Ack
    | Conflict
    | ProblemAnswer,
    Field(discriminator="type"),
]
EVENTS: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
Answer = Ack | Conflict | ProblemAnswer
