"""What a browser asks of a run over its live websocket: small JSON messages, tagged by ``type``.

``id`` is repeated in the answer (``ack``, ``conflict`` or ``problem``).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from torchglass.protocol.base import Message
from torchglass.spec.base import Choice, Name
from torchglass.spec.experiment import Data
from torchglass.spec.network import Network
from torchglass.spec.training import Training

CommandId = Annotated[int, Field(ge=0, lt=2**53)]
Step = Annotated[int, Field(ge=0, lt=2**53)]
#: A weight that somebody writes.
Written = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class Command(Message):
    id: CommandId | None = None


class Run(Command):
    """Train until told otherwise."""

    type: Literal["run"] = "run"


class Pause(Command):
    type: Literal["pause"] = "pause"


class StepCommand(Command):
    """Train ``n`` steps or epochs, then pause."""

    type: Literal["step"] = "step"
    n: Annotated[int, Field(ge=1, le=10**9)] = 1
    unit: Literal["step", "epoch"] = "step"


class Reset(Command):
    """Back to step 0: with the same initial weights, or with new ones (the seed is advanced)."""

    type: Literal["reset"] = "reset"
    reinitialise: bool = False


class Set(Command):
    """Change one value of the experiment. ``path`` is dotted: ``training.optimizers.model.config.lr``,
    ``data.batch_size``, ``network.nodes.drop1.config.p`` (nodes by id)."""

    type: Literal["set"] = "set"
    path: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    value: Any
    revision: Annotated[int, Field(ge=0, lt=2**53)]


class Edit(Command):
    """Replace the network, and whatever must change with it (``recipe`` where the output is called otherwise, ``data``
    with another input). Weights of nodes that stay are kept; undo is an edit to what was there before."""

    type: Literal["edit"] = "edit"
    network: Network
    data: Data | None = None
    recipe: Choice | None = None
    training: Training | None = None
    revision: Annotated[int, Field(ge=0, lt=2**53)]


class Assign(Command):
    """Set one number of a parameter: ``{"node": "hidden", "parameter": "weight", "index": [2, 0], "value": 1.5}``;
    ``more`` are the numbers of the places behind it, row by row: a whole kernel at once. The document stays as it is,
    so ``revision`` may be left out."""

    type: Literal["assign"] = "assign"
    node: Name
    parameter: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    index: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(max_length=8)]
    value: Written
    more: Annotated[list[Written], Field(max_length=4095)] = []
    revision: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class Watch(Command):
    """Start (or change) one stream of pictures. ``watch`` is the client's own name for it, repeated in every
    frame. ``source`` is ``test:N``, ``train:N`` or ``mine`` (this client's own input)."""

    type: Literal["watch"] = "watch"
    watch: Annotated[int, Field(ge=0, lt=4096)]
    probe: Annotated[str, StringConstraints(max_length=64)]
    node: Name | None = None
    tap: Annotated[str, StringConstraints(max_length=64)] | None = None
    source: Annotated[str, StringConstraints(pattern=r"^(mine|(test|train):\d{1,9})$")] = "test:0"
    options: Annotated[dict[str, Any], Field(max_length=16)] = {}
    rate: Annotated[float, Field(gt=0, le=60)] = 10


class Unwatch(Command):
    type: Literal["unwatch"] = "unwatch"
    watch: Annotated[int, Field(ge=0, lt=4096)]


class Input(Command):
    """This client's own input: a drawn picture as base64 of its bytes (0..255, row by row, channels last),
    or a text. Answered to this client alone, through its watches with source ``mine``."""

    type: Literal["input"] = "input"
    pixels: Annotated[str, StringConstraints(max_length=262_144)] | None = None
    shape: Annotated[list[Annotated[int, Field(ge=1, le=1024)]], Field(max_length=3)] = []
    text: Annotated[str, StringConstraints(max_length=4096)] | None = None
    sample: Annotated[str, StringConstraints(pattern=r"^(test|train):\d{1,9}$")] | None = None


class Speed(Command):
    """At most so many steps per second; None: as fast as it goes."""

    type: Literal["speed"] = "speed"
    steps_per_second: Annotated[float, Field(gt=0, le=1e6)] | None = None


class Look(Command):
    """See the pictures of a kept step (the nearest one; the answer says which) while the run goes on; None: of now
    again. For this client alone."""

    type: Literal["look"] = "look"
    step: Step | None = None


class Rewind(Command):
    """Go back to a kept step, with its document; what came after it is set aside. ``branch``: come back to the end of
    what was set aside under that number instead. Answered when it is done."""

    type: Literal["rewind"] = "rewind"
    step: Step
    branch: Annotated[int, Field(ge=0, lt=2**31)] = 0


AnyCommand = Annotated[
    Run | Pause | StepCommand | Reset | Set | Edit | Assign | Watch | Unwatch | Input | Speed | Look | Rewind,
    Field(discriminator="type"),
]
COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)
