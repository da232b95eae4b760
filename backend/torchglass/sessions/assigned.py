"""Single weights that people have set, kept until a checkpoint holds them."""

from __future__ import annotations

import time
from collections import deque

from torchglass.protocol.commands import Assign as AssignCommand
from torchglass.protocol.worker import Assign
from torchglass.sessions.errors import RefusedError

#: More than somebody can set by hand between two checkpoints.
MOST = 4096


class Assigned:
    """Numbers the assignments of a run. A worker that comes back gets those that its checkpoint may not hold."""

    def __init__(self) -> None:
        self._waiting: deque[Assign] = deque()
        # Counted on from the clock, so that a checkpoint of an earlier life of the server does not count as newer.
        self._last = time.time_ns() // 1_000_000

    def add(self, command: AssignCommand, label: str) -> Assign:
        """The message for the worker. Raises RefusedError while too many wait for a checkpoint."""
        if len(self._waiting) >= MOST:
            raise RefusedError("too-many-changes", f"{MOST} weights wait to be saved: wait a moment and try again.")
        self._last += 1
        message = Assign(
            number=self._last,
            node=command.node,
            parameter=command.parameter,
            index=command.index,
            value=command.value,
            more=command.more,
            label=label,
        )
        self._waiting.append(message)
        return message

    @property
    def last(self) -> int:
        """The number of the newest one."""
        return self._last

    def saved(self, number: int) -> None:
        """A checkpoint holds everything up to that number."""
        while self._waiting and self._waiting[0].number <= number:
            self._waiting.popleft()

    def clear(self) -> None:
        """The run was set back: what was set is void."""
        self._waiting.clear()

    def all(self) -> list[Assign]:
        """In their order."""
        return list(self._waiting)
