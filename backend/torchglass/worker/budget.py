"""How much time may go into looking while the network trains."""

from __future__ import annotations

from collections import deque

WINDOW = 1.0  # seconds
#: Unspent time kept at most, in seconds of the thread's time: enough for smooth rates, too little for a burst.
_SAVED = 0.25


class Budget:
    """A share of the time that a thread has, kept over any sliding second to within one look, on the long run exactly.

    A look that costs more than its share is paid off before the next one, so that nothing costly starves.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._saved = 0.0  # seconds of looking earned and not spent; negative: a debt
        self._last: float | None = None  # known with the first question, which the thread that looks asks
        self._spans: deque[tuple[float, float]] = deque()  # (end, seconds)
        self._spent = 0.0

    def allows(self, now: float, had: float, expected: float, weight: float = 1.0) -> bool:
        """Whether a look of ``expected`` seconds may start, where the thread has had ``had`` seconds so far (those that
        others took do not count); ``weight`` is the caller's part of the whole."""
        share = self.share * weight
        since = 0.0 if self._last is None else had - self._last
        self._saved = min(self._saved + since * share, _SAVED * share)
        self._last = had
        return self._saved >= 0 and self.spent(now) + expected <= max(share * WINDOW, expected)

    def charge(self, end: float, seconds: float, owed: float) -> None:
        """A look ended: it counts in the share with what it took, and is to be paid off with what is ``owed``."""
        self._spans.append((end, seconds))
        self._spent += seconds
        self._saved -= owed

    def spent(self, now: float) -> float:
        """Seconds of looking in the last second."""
        while self._spans and self._spans[0][0] < now - WINDOW:
            self._spent -= self._spans.popleft()[1]
        if not self._spans:
            self._spent = 0.0
        return self._spent

    def recent(self, now: float) -> float:
        """The same without tidying up, so that another thread may ask."""
        return sum(seconds for end, seconds in tuple(self._spans) if end >= now - WINDOW)
