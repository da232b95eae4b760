"""Studies of a network as it stands: work of more than a moment, on a snapshot, told while it is done."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from torchglass.protocol.base import Message

Node = Annotated[str, Field(min_length=1, max_length=64)]


class DreamRequest(Message):
    """The picture that excites one unit most. ``unit``: a class of the output, a unit of a vector or a map of maps (its
    mean). The score less ``l2`` · mean square of the brightness less ``variation`` · mean step between neighbours is
    climbed; before each step the picture is moved by up to ``jitter`` pixels, after every fourth one blurred by
    ``blur`` (deviation in pixels)."""

    kind: Literal["dream"] = "dream"
    node: Node
    unit: Annotated[int, Field(ge=0, le=100_000)] = 0
    steps: Annotated[int, Field(ge=1, le=2000)] = 200
    rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    l2: Annotated[float, Field(ge=0, le=1000)] = 0.0
    variation: Annotated[float, Field(ge=0, le=1000)] = 0.0
    jitter: Annotated[int, Field(ge=0, le=16)] = 0
    blur: Annotated[float, Field(ge=0, le=4)] = 0.0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class RobustnessRequest(Message):
    """Accuracy against ε, from 0 to the largest change worth a look, at ``places`` places, under an iterative or
    targeted attack (towards the class ``goal``) on the first ``examples`` test examples."""

    kind: Literal["robustness"] = "robustness"
    method: Literal["fast", "iterative", "targeted"] = "iterative"
    steps: Annotated[int, Field(ge=1, le=40)] = 10
    goal: Annotated[int, Field(ge=0, le=10_000)] = 0
    examples: Annotated[int, Field(ge=256, le=2000)] = 256
    places: Annotated[int, Field(ge=2, le=25)] = 9


class MapRequest(Message):
    """What a layer says of the first test examples, laid out on the plane by t-SNE."""

    kind: Literal["map"] = "map"
    node: Node
    examples: Annotated[int, Field(ge=100, le=10_000)] = 10_000
    perplexity: Annotated[float, Field(ge=5, le=30)] = 30


Wanted = Annotated[DreamRequest | RobustnessRequest | MapRequest, Field(discriminator="kind")]


class Study(Message):
    """The order to the process that does it. ``directory``: of the run's checkpoints; ``experiment``: for a run that
    has none yet; ``tables``: the folder of people's own tables."""

    type: Literal["study"] = "study"
    experiment: dict[str, Any]
    directory: str
    wanted: Wanted
    tables: str | None = None


class StudyBegun(Message):
    """First line: the step of the network that is studied."""

    type: Literal["begun"] = "begun"
    step: int


class StudyProgress(Message):
    """How far it has come, and what is done now, in words."""

    type: Literal["progress"] = "progress"
    done: int
    total: int
    words: str = ""


class DreamPicture(Message):
    """The picture after ``done`` steps: ``pixels``, base64 of bytes (C, H, W) of this ``shape``. ``score``: how
    strongly the unit answers; ``share``: what the network gives the class, where the unit is one."""

    type: Literal["dream"] = "dream"
    done: int
    total: int
    score: float
    share: float | None
    shape: tuple[int, int, int]
    pixels: str


class RobustnessPlace(Message):
    """Accuracy and mean loss at one ε; ``reached``: the share that is taken for the goal, of a targeted attack."""

    type: Literal["place"] = "place"
    done: int
    total: int
    epsilon: float
    accuracy: float
    loss: float
    reached: float | None = None


class MapPoints(Message):
    """Where the examples lie so far: ``places``, base64 of float32 (N, 2); ``labels`` and what the network ``said``,
    base64 of int16 (N), −1 where there is none."""

    type: Literal["points"] = "points"
    count: int
    places: str
    labels: str
    said: str
    classes: list[str]


class StudyEnded(Message):
    """Last line; ``message`` says why there is nothing, or not all of it."""

    type: Literal["ended"] = "ended"
    message: str | None = None


StudyLine = StudyBegun | StudyProgress | DreamPicture | RobustnessPlace | MapPoints | StudyEnded
FROM_STUDY: TypeAdapter[StudyLine] = TypeAdapter(Annotated[StudyLine, Field(discriminator="type")])
