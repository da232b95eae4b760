"""The folded state of a late joiner: bounded, exact at its end, honest about spikes."""

from __future__ import annotations

from torchglass.protocol.run import Mark, Series
from torchglass.sessions.view import MAX_MARKS, MAX_POINTS, Curve, View


def _add(curve: Curve, steps: range, spike: int | None = None) -> None:
    for step in steps:
        curve.add([step], [1000.0 if step == spike else float(step % 7)])


def test_a_short_curve_is_kept_as_it_is() -> None:
    curve = Curve()
    _add(curve, range(1, 101))
    assert curve.series() == Series(steps=list(range(1, 101)), values=[float(step % 7) for step in range(1, 101)])


def test_a_long_curve_stays_bounded_with_its_spike_and_its_end() -> None:
    curve = Curve()
    _add(curve, range(1, 50_001), spike=12_345)
    series = curve.series()
    assert len(series.steps) <= MAX_POINTS + 3
    assert series.steps == sorted(set(series.steps))
    assert (series.steps[0], series.steps[-1]) == (1, 50_000) or series.steps[0] < 64
    assert max(series.values) == 1000.0
    gaps = [after - before for before, after in zip(series.steps[:-3], series.steps[1:-2], strict=True)]
    assert max(gaps) <= 64


def test_known_points_are_not_new_and_the_newest_may_be_measured_again() -> None:
    view = View()
    assert view.add_metrics({"a": Series(steps=[1, 2], values=[1, 2])})["a"].steps == [1, 2]
    assert view.add_metrics({"a": Series(steps=[1, 2], values=[5, 2])}) == {}
    assert view.add_metrics({"a": Series(steps=[2, 3], values=[7, 3])})["a"] == Series(steps=[2, 3], values=[7, 3])
    assert view.series()["a"] == Series(steps=[1, 2, 3], values=[1, 7, 3])
    assert view.latest() == {"a": 3}


def test_rewinding_forgets_what_came_later() -> None:
    view = View()
    view.add_metrics({"a": Series(steps=[1, 2, 3], values=[1, 2, 3]), "b": Series(steps=[3], values=[3])})
    view.add_mark(Mark(step=3, kind="set", label="x"))
    view.rewind(2)
    assert (view.series(), view.marks) == ({"a": Series(steps=[1, 2], values=[1, 2])}, [])
    view.rewind(0)
    assert view.series() == {}


def test_marks_are_bounded() -> None:
    view = View()
    for step in range(MAX_MARKS + 10):
        view.add_mark(Mark(step=step, kind="set", label="x"))
    assert (len(view.marks), view.marks[0].step) == (MAX_MARKS, 10)
