"""How many workers may live at once, and the queue of runs that wait for one."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """First come, first served. Whoever holds a slot gives it back with ``release``."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many runs stand in the queue."""
        return sum(not future.done() for future in self._waiting)

    async def acquire(self) -> None:
        """Wait for a slot; cancelling gives the place in the queue up."""
        if self.used < self.limit:
            self.used += 1
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Hand the slot to whoever has waited longest."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                return
        self.used -= 1
