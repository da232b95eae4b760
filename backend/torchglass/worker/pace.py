"""How many steps the next chunk has: about 10 ms of work, and no more than the speed limit allows."""

from __future__ import annotations

import time

CHUNK = 0.010  # seconds
MOST = 4096  # steps


class Pace:
    def __init__(self) -> None:
        self._seconds_per_step = CHUNK
        self._limit: float | None = None
        self._next = 0.0

    def limit(self, steps_per_second: float | None) -> None:
        self._limit = steps_per_second
        self.restart()

    def restart(self) -> None:
        self._next = time.perf_counter()

    def wait(self) -> float:
        """Seconds until the next step is allowed."""
        return max(0.0, self._next - time.perf_counter()) if self._limit else 0.0

    def chunk(self) -> int:
        """Steps to run now; 0 while the limit says wait."""
        by_time = max(1, min(MOST, int(CHUNK / max(self._seconds_per_step, 1e-7))))
        if not self._limit:
            return by_time
        now = time.perf_counter()
        if now < self._next:
            return 0
        self._next = max(self._next, now - 0.25)  # never catch up on more than a quarter of a second
        allowed = max(1, min(by_time, int((now - self._next) * self._limit) + 1))
        self._next += allowed / self._limit
        return allowed

    def took(self, steps: int, seconds: float) -> None:
        if steps:
            self._seconds_per_step += 0.2 * (seconds / steps - self._seconds_per_step)
