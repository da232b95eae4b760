"""What the server asks of an engine: start workers, talk to them, notice when they die."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from torchglass.protocol.base import Message

#: One message from a worker: its header (tagged by ``type``) and its raw body.
Envelope = tuple[dict[str, Any], bytes]


class WorkerGoneError(RuntimeError):
    """The worker died or could not be started; says why in words."""


class Worker(Protocol):
    """One process that trains. The server only ever sees messages."""

    @property
    def pid(self) -> int | None:
        """Process id, for people and for tests; None where the engine cannot know it."""

    def send(self, header: Message | dict[str, Any], body: bytes = b"") -> None:
        """Queue one message. Raises WorkerGoneError when the worker is dead or has stopped reading."""

    def messages(self) -> AsyncIterator[Envelope]:
        """Every message until the worker dies or closes; consumed by one reader."""

    @property
    def dead(self) -> bool:
        """Whether the worker can no longer answer."""

    def kill(self) -> None:
        """End the process at once; safe to call twice."""


class Engine(Protocol):
    """Starts workers."""

    async def warm_up(self) -> None:
        """Prepare so that the first ``start`` is quick."""

    async def start(self) -> Worker:
        """A fresh worker, waiting for its ``start`` message. Raises WorkerGoneError."""

    async def close(self) -> None:
        """Kill every worker and let go of helper processes."""
