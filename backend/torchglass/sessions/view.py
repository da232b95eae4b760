"""What a late joiner needs to see: the curves, marks and last pulse, folded from the events of a run."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

from torchglass.protocol.events import Pulse
from torchglass.protocol.run import Mark, Series
from torchglass.store.records import Stretch

MAX_POINTS = 4096
MAX_MARKS = 500
MAX_SERIES = 64
#: Kinds of marks that tell of a changed document.
CHANGES = ("set", "edit")


@dataclass(slots=True)
class Curve:
    """One series of bounded length.

    When it is full, every four neighbours become two, their lowest and highest in order, so that spikes stay
    visible; from then on new points are gathered in buckets twice as large, and stay evenly dense.
    """

    limit: int = MAX_POINTS
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    bucket_size: int = 1
    bucket: list[tuple[int, float]] = field(default_factory=list)
    last: tuple[int, float] | None = None

    @classmethod
    def recall(cls, stretch: Stretch) -> Curve:
        """A stored curve, to be gone on with; of pieces that stand for several points, the extremes."""
        curve = cls()
        if stretch.exact:
            curve.add(stretch.steps, stretch.values)
            return curve
        low = zip(stretch.low_steps, stretch.low, strict=True)
        high = zip(stretch.high_steps, stretch.high, strict=True)
        points = dict(point for pair in zip(low, high, strict=True) for point in sorted(pair))
        points[stretch.steps[-1]] = points.get(stretch.steps[-1], stretch.values[-1])
        curve.steps, curve.values = list(points), list(points.values())
        curve.bucket_size = max(2, stretch.measured // len(points))
        curve.last = (curve.steps[-1], curve.values[-1])
        return curve

    def add(self, steps: list[int], values: list[float]) -> Series:
        """Append points and return those that are new. The newest point may be measured again, and is then
        replaced; an older one is known already."""
        fresh: list[tuple[int, float]] = []
        for point in zip(steps, values, strict=True):
            if self.last is None or point[0] > self.last[0]:
                self._add(point)
                fresh.append(point)
            elif point[0] == self.last[0] and point != self.last:
                self._replace(point)
                fresh.append(point)
        return Series(steps=[step for step, _ in fresh], values=[value for _, value in fresh])

    def _replace(self, point: tuple[int, float]) -> None:
        self.last = point
        if self.bucket:
            self.bucket[-1] = point
        elif self.steps and self.steps[-1] == point[0]:
            self.values[-1] = point[1]

    def _add(self, point: tuple[int, float]) -> None:
        self.last = point
        if self.bucket_size == 1:
            self._append(point)
        else:
            self.bucket.append(point)
            if len(self.bucket) >= 2 * self.bucket_size:
                for extreme in _extremes(self.bucket):
                    self._append(extreme)
                self.bucket = []
        if len(self.steps) >= self.limit:
            self._halve()

    def _append(self, point: tuple[int, float]) -> None:
        self.steps.append(point[0])
        self.values.append(point[1])

    def _halve(self) -> None:
        points = list(zip(self.steps, self.values, strict=True))
        self.steps, self.values = [], []
        for start in range(0, len(points), 4):
            for point in _extremes(points[start : start + 4]):
                self._append(point)
        self.bucket_size *= 2

    def cut(self, step: int) -> None:
        """Forget every point beyond ``step``."""
        kept = [point for point in zip(self.steps, self.values, strict=True) if point[0] <= step]
        self.steps, self.values = [point[0] for point in kept], [point[1] for point in kept]
        self.bucket = [point for point in self.bucket if point[0] <= step]
        known = [*kept[-1:], *self.bucket[-1:]]
        self.last = known[-1] if known else None

    def beyond(self, step: int) -> Series:
        """Its points beyond a step."""
        whole = self.series()
        first = bisect_right(whole.steps, step)
        return Series(steps=whole.steps[first:], values=whole.values[first:])

    def upto(self, step: int) -> Curve:
        """A curve of its own that ends at a step."""
        other = replace(self, steps=list(self.steps), values=list(self.values), bucket=list(self.bucket))
        other.cut(step)
        return other

    def series(self) -> Series:
        """The curve so far; its end is exact."""
        tail = [*_extremes(self.bucket), self.last] if self.bucket and self.last else []
        points = [point for index, point in enumerate(tail) if index == 0 or point[0] > tail[index - 1][0]]
        return Series(
            steps=[*self.steps, *(step for step, _ in points)], values=[*self.values, *(value for _, value in points)]
        )


def _extremes(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The lowest and the highest point, in the order of their steps; one point stays one."""
    if len(points) < 2:
        return list(points)
    lowest = min(points, key=lambda point: point[1])
    highest = max(points, key=lambda point: point[1])
    if lowest[0] == highest[0]:
        highest = points[-1] if lowest is not points[-1] else points[0]
    return sorted((lowest, highest))


@dataclass(frozen=True, slots=True)
class Tail:
    """What came after a step: points and marks."""

    series: dict[str, Series]
    marks: list[Mark]


class View:
    """The folded state of one run; everything in it is bounded."""

    def __init__(self) -> None:
        self.curves: dict[str, Curve] = {}
        self.marks: list[Mark] = []
        self.pulse: Pulse | None = None

    def add_metrics(self, series: dict[str, Series]) -> dict[str, Series]:
        """Fold new points in; the points that were not known yet, by series."""
        fresh: dict[str, Series] = {}
        for name, points in series.items():
            if name not in self.curves and len(self.curves) >= MAX_SERIES:
                continue
            added = self.curves.setdefault(name, Curve()).add(points.steps, points.values)
            if added.steps:
                fresh[name] = added
        return fresh

    def add_mark(self, mark: Mark) -> None:
        """A slider that is dragged while the run is paused makes one mark."""
        last = self.marks[-1] if self.marks else None
        if last is not None and mark.kind == "set" and (last.step, last.path) == (mark.step, mark.path):
            self.marks.pop()
        self.marks.append(mark)
        if len(self.marks) > MAX_MARKS:
            del self.marks[0]

    def recall(self, stretches: dict[str, Stretch], marks: list[Mark]) -> None:
        """Begin with what was stored."""
        self.curves = {name: Curve.recall(stretch) for name, stretch in list(stretches.items())[:MAX_SERIES]}
        self.marks = marks[-MAX_MARKS:]

    def set_aside(self, step: int) -> Tail:
        """What lies beyond a step (0: everything), which is no longer part of the curves; nor are changes made at the
        step itself: the kept state is the one before them."""
        beyond = step or -1
        series = {name: curve.beyond(beyond) for name, curve in self.curves.items()}
        later = [mark for mark in self.marks if mark.step > beyond or (mark.step == step and mark.kind in CHANGES)]
        tail = Tail(series, later)
        self.rewind(step)
        self.marks = [mark for mark in self.marks if mark not in later]
        return tail

    def bring_back(self, tail: Tail, branch: int) -> None:
        """Go on with what was set aside as a branch; the mark that told of it goes."""
        self.add_metrics(tail.series)
        kept = [mark for mark in self.marks if (mark.kind, mark.after) != ("rewind", branch)]
        self.marks = [*kept, *tail.marks][-MAX_MARKS:]

    def upto(self, step: int) -> View:
        """What another run begins with."""
        other = View()
        other.curves = {name: short for name, c in self.curves.items() if (short := c.upto(step)).last is not None}
        other.marks = [mark for mark in self.marks if mark.step <= step]
        return other

    def rewind(self, step: int) -> None:
        """The run stands at ``step`` again: later points and marks are void (0: all of them)."""
        self.pulse = None
        if step <= 0:
            self.curves.clear()
            self.marks.clear()
            return
        for curve in self.curves.values():
            curve.cut(step)
        self.curves = {name: curve for name, curve in self.curves.items() if curve.last is not None}
        self.marks = [mark for mark in self.marks if mark.step <= step]

    def series(self) -> dict[str, Series]:
        return {name: curve.series() for name, curve in self.curves.items()}

    def newest(self) -> int:
        """The step of the newest point of any curve; 0 where there is none."""
        return max((curve.last[0] for curve in self.curves.values() if curve.last is not None), default=0)

    def latest(self) -> dict[str, float]:
        """The last value of every series."""
        return {name: curve.last[1] for name, curve in self.curves.items() if curve.last is not None}
