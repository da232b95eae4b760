"""What going back has set aside: a tree of stretches, of which those that begin on the present line can come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

#: The line that the run is on.
NOW = 0
#: Stretches that are remembered at most; the oldest is forgotten.
MOST = 8


@dataclass(slots=True)
class Stretch:
    """Everything beyond step ``base`` of the line ``parent``, up to step ``end``."""

    branch: int
    parent: int
    base: int
    end: int


class Branches:
    """The stretches that were set aside. Numbers are never used twice while one is remembered."""

    def __init__(self) -> None:
        self._all: dict[int, Stretch] = {}

    def next(self) -> int:
        """A number for what is about to be set aside."""
        return max(self._all, default=NOW) + 1

    def get(self, branch: int) -> Stretch | None:
        return self._all.get(branch)

    def here(self) -> list[Stretch]:
        """Those that begin on the present line, oldest first."""
        return [stretch for stretch in self._all.values() if stretch.parent == NOW]

    def all(self) -> list[Stretch]:
        """Oldest first."""
        return list(self._all.values())

    def set_aside(self, branch: int, base: int, end: int) -> list[int]:
        """The line goes on from ``base``; what begins beyond it goes along. The branches that are forgotten."""
        for other in self.here():
            if other.base > base:
                other.parent = branch
        self._all[branch] = Stretch(branch, NOW, base, end)
        gone = [number for number in self._all if number not in list(self._all)[-MOST:]]
        for number in gone:
            del self._all[number]
        return gone

    def bring_back(self, branch: int) -> None:
        """The line goes on with a branch; the present end of the line was set aside before."""
        del self._all[branch]
        for other in self._all.values():
            if other.parent == branch:
                other.parent = NOW

    def cut(self, step: int) -> list[int]:
        """The line is void beyond a step (0: all of it), and with it what begins there. The branches that are gone."""
        gone: set[int] = {s.branch for s in self.here() if step <= 0 or s.base > step}
        while more := {s.branch for s in self._all.values() if s.parent in gone} - gone:
            gone |= more
        for number in gone:
            del self._all[number]
        return sorted(gone)

    def export(self) -> list[dict[str, int]]:
        """As stored with the run."""
        return [asdict(stretch) for stretch in self._all.values()]

    def take(self, stored: Sequence[dict[str, int]]) -> None:
        """Become what was exported."""
        self._all = {item["branch"]: Stretch(**item) for item in stored}
