"""What the server says to a process that exports, and hears from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from torchglass.protocol.base import Message

Format = Literal["python", "onnx", "safetensors"]


class FromRun(Message):
    """The run that is exported: ``directory`` holds its checkpoints, ``edits`` say what was changed on the way."""

    id: str
    directory: str
    step: int
    threads: int | None = None
    edits: list[str] = []


class Export(Message):
    """Write this experiment into ``folder``; ``tables`` is the folder of people's own tables."""

    type: Literal["export"] = "export"
    format: Format
    experiment: dict[str, Any]
    folder: str
    run: FromRun | None = None
    tables: str | None = None


class Progress(Message):
    """What is being done; ``share`` of the whole, 0..1."""

    type: Literal["progress"] = "progress"
    words: str
    share: float


class Exported(Message):
    """Done: names of the files in the folder."""

    type: Literal["exported"] = "exported"
    files: list[str]


class NotExported(Message):
    """Why it can not be exported, in words."""

    type: Literal["not_exported"] = "not_exported"
    message: str
    node: str | None = None


FROM_EXPORTER: TypeAdapter[Progress | Exported | NotExported] = TypeAdapter(
    Annotated[Progress | Exported | NotExported, Field(discriminator="type")]
)
