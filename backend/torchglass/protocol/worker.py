"""What the server and a worker say to each other: dictionaries tagged by ``type``, packed by ``protocol.packing``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from torchglass.protocol.base import Message
from torchglass.protocol.run import Mark, Resolved, RunProblem, RunState, Series

# ---- server to worker -------------------------------------------------------------------------------------------


class Start(Message):
    """First message: the experiment, where checkpoints go, and whether to restore the newest one; ``tables`` is the
    folder of people's own tables; ``assigned`` are assignments that the newest checkpoint may not hold yet; ``go`` is
    carried out before anything else once the network is built, without a way back to the server in between."""

    type: Literal["start"] = "start"
    run: str
    experiment: dict[str, Any]
    directory: str | None
    restore: bool = False
    device: str | None = None
    threads: int | None = None
    tables: str | None = None
    assigned: list[Assign] = []
    go: Go | None = None


class Go(Message):
    """Train: until told otherwise (``until`` None), or until that step."""

    type: Literal["go"] = "go"
    until: int | None = None


class Halt(Message):
    type: Literal["halt"] = "halt"


class Advance(Message):
    """Train n steps or epochs from here, then pause."""

    type: Literal["advance"] = "advance"
    n: int
    unit: Literal["step", "epoch"]


class Restart(Message):
    """Back to step 0; ``seed`` is the document's, new where weights are to be drawn anew."""

    type: Literal["restart"] = "restart"
    seed: int


class Change(Message):
    """The document changed (already validated by the server). The worker answers with a mark of that label, at the
    step where the change took effect, or with ``unchanged``."""

    type: Literal["change"] = "change"
    revision: int = 0
    kind: Literal["set", "edit"] = "set"
    path: str
    before: Any = None
    value: Any = None
    label: str = ""
    experiment: dict[str, Any]


class Assign(Message):
    """Set one number of a parameter, and ``more`` in the places behind it. ``number`` counts the assignments of a run;
    a checkpoint says which it holds."""

    type: Literal["assign"] = "assign"
    number: int
    node: str
    parameter: str
    index: list[int]
    value: float
    more: list[float] = []
    label: str = ""


class Rewind(Message):
    """Go back to a kept step; what lies beyond it becomes the branch ``aside``. With ``branch`` the kept step lies on
    one that was set aside at step ``base``: it comes back, and what lies beyond ``base`` now becomes ``aside``.
    Answered by ``rewound`` or ``refused`` with the same ``ask``; the run then is paused."""

    type: Literal["rewind"] = "rewind"
    ask: int
    step: int
    branch: int = 0
    base: int = 0
    aside: int


class Fork(Message):
    """Write a kept step as the first checkpoint of another run, into its folder. Answered by ``forked`` or
    ``refused``."""

    type: Literal["fork"] = "fork"
    ask: int
    step: int
    directory: str


class SpeedLimit(Message):
    type: Literal["speed"] = "speed"
    steps_per_second: float | None = None


class WatchSpec(Message):
    """``stream`` is the server's number for it; ``rate`` the highest that anyone asked for; ``asked`` counts who has
    come to it, since everybody who comes needs a first picture; ``at`` a kept step (None: now)."""

    stream: int
    at: int | None = None
    probe: str
    node: str | None = None
    tap: str | None = None
    source: str
    options: dict[str, Any] = {}
    rate: float
    asked: int = 1


class Watches(Message):
    """The complete set of what is watched; what is missing is no longer watched."""

    type: Literal["watches"] = "watches"
    watches: list[WatchSpec]


class Feed(Message):
    """Somebody's input for ``slot:<slot>``; the body holds the bytes of ``shape``. An empty shape forgets the slot."""

    type: Literal["feed"] = "feed"
    slot: str
    shape: list[int] = []
    text: str | None = None
    sample: str | None = None


class Credit(Message):
    """The server has taken ``bytes`` of pictures off its hands; the worker may send that many more."""

    type: Literal["credit"] = "credit"
    bytes: int


class Save(Message):
    """Write a checkpoint now (answered by Saved)."""

    type: Literal["save"] = "save"


class Stop(Message):
    """Write a checkpoint and exit."""

    type: Literal["stop"] = "stop"


ToWorker = Annotated[
    Start
    | Go
    | Halt
    | Advance
    | Restart
    | Change
    | Assign
    | Rewind
    | Fork
    | SpeedLimit
    | Watches
    | Feed
    | Credit
    | Save
    | Stop,
    Field(discriminator="type"),
]
TO_WORKER: TypeAdapter[ToWorker] = TypeAdapter(ToWorker)

# ---- worker to server -------------------------------------------------------------------------------------------


class Ready(Message):
    """The network is built and paused at ``step``."""

    type: Literal["ready"] = "ready"
    step: int
    epoch: float
    steps_per_epoch: int
    parameters: int
    resolved: Resolved
    restored: bool = False


class Metrics(Message):
    type: Literal["metrics"] = "metrics"
    series: dict[str, Series]


class State(Message):
    """``running``, ``paused``, ``finished`` or ``failed``."""

    type: Literal["state"] = "state"
    state: RunState
    step: int
    epoch: float
    problem: RunProblem | None = None


class Marked(Message):
    type: Literal["marked"] = "marked"
    mark: Mark


class Facts(Message):
    """A change of the document changed what was counted when the network was built."""

    type: Literal["facts"] = "facts"
    step: int
    epoch: float
    steps_per_epoch: int
    parameters: int
    resolved: Resolved


class Staged(Message):
    """The worker has gone on to that stage by itself (or found itself there when it came back)."""

    type: Literal["staged"] = "staged"
    stage: int


class Unchanged(Message):
    """The change of that revision could not be carried out (out of memory, say); the training goes on with
    ``experiment``."""

    type: Literal["unchanged"] = "unchanged"
    revision: int
    problem: RunProblem
    experiment: dict[str, Any]


class Restarted(Message):
    """The run stands at ``step`` again (0: from the start; otherwise a checkpoint): later points are void."""

    type: Literal["restarted"] = "restarted"
    step: int = 0


class KeptSteps(Message):
    """The steps that one can go back to, and the newest one of every branch that was set aside. ``reason``: why
    none are kept, in words."""

    type: Literal["kept"] = "kept"
    steps: list[int]
    branches: dict[int, int] = {}
    reason: str | None = None


class Looked(Message):
    """Pictures of a kept step are on their way; the document that was trained then."""

    type: Literal["looked"] = "looked"
    step: int
    experiment: dict[str, Any]


class Rewound(Message):
    """The run stands at ``step`` again, with the document of that step. ``left``: the step at which it stood, if it
    can come back to it."""

    type: Literal["rewound"] = "rewound"
    ask: int
    step: int
    epoch: float
    left: int | None
    experiment: dict[str, Any]


class Forked(Message):
    """The checkpoint of a new run is on the disk, and this is its document."""

    type: Literal["forked"] = "forked"
    ask: int
    step: int
    experiment: dict[str, Any]


class Refused(Message):
    """What was asked cannot be done; nothing has changed."""

    type: Literal["refused"] = "refused"
    ask: int
    problem: RunProblem


class Beat(Message):
    """Alive, sent twice a second by a thread of its own. ``busy`` is how long the present step (or whatever
    else holds the training thread) has been going on, in seconds."""

    type: Literal["beat"] = "beat"
    step: int
    epoch: float
    steps_per_second: float
    watched_share: float
    busy: float


class Frame(Message):
    """A picture; the body holds the values. Fields as in protocol.frames.FrameHeader."""

    type: Literal["frame"] = "frame"
    stream: int
    step: int
    dtype: Literal["uint8", "float32"]
    shape: list[int]
    axes: list[str]
    lo: float
    hi: float
    signed: bool
    extra: dict[str, Any] = {}


class WatchProblem(Message):
    """That stream can never show anything, in words."""

    type: Literal["watch_problem"] = "watch_problem"
    stream: int
    message: str


class Chosen(Message):
    """Another stepper, thread count or device executes the steps from now on."""

    type: Literal["chosen"] = "chosen"
    resolved: Resolved


class Saved(Message):
    type: Literal["saved"] = "saved"
    step: int
    path: str
    assigned: int = 0


class CheckpointTrouble(Message):
    """A checkpoint could not be written (disk full, say); training goes on."""

    type: Literal["checkpoint_trouble"] = "checkpoint_trouble"
    message: str
    way_out: str = ""


FromWorker = Annotated[
    Ready
    | Metrics
    | State
    | Marked
    | Facts
    | Staged
    | Unchanged
    | Restarted
    | KeptSteps
    | Looked
    | Rewound
    | Forked
    | Refused
    | Beat
    | Frame
    | WatchProblem
    | Chosen
    | Saved
    | CheckpointTrouble,
    Field(discriminator="type"),
]
FROM_WORKER: TypeAdapter[FromWorker] = TypeAdapter(FromWorker)
