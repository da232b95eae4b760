"""Jobs: work of more than a moment, in a process of its own that ends with it, or with whoever waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from pydantic import TypeAdapter

from torchglass.engine.base import Engine, WorkerGoneError
from torchglass.protocol.base import Message

Line = TypeVar("Line", bound=Message)
_GONE = "The process that did this ended unexpectedly; perhaps the machine is out of memory."


async def told(
    engine: Engine, order: Message, lines: TypeAdapter[Line], ended: Callable[[str], Line]
) -> AsyncIterator[Line]:
    """What the process says of its order, up to its line of the type ``ended``; closing the iterator ends the process.
    ``ended`` makes such a line of what went wrong, in words, where the process could not say it itself."""
    try:
        process = await engine.start()
    except WorkerGoneError as error:
        yield ended(str(error))
        return
    try:
        process.send(order)
        async for header, _ in process.messages():
            yield lines.validate_python(header)
            if header["type"] == "ended":
                return
    finally:
        process.kill()
    yield ended(_GONE)
