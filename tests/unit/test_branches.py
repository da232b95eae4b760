"""What going back sets aside: which stretches can come back, and when."""

from __future__ import annotations

from torchglass.protocol.run import Mark, Series
from torchglass.sessions.branches import MOST, Branches
from torchglass.sessions.view import View


def here(branches: Branches) -> list[int]:
    return [stretch.branch for stretch in branches.here()]


def test_a_stretch_waits_for_the_one_that_it_begins_on() -> None:
    branches = Branches()
    branches.set_aside(1, base=400, end=900)
    branches.set_aside(2, base=200, end=600)  # 400 is set aside with it
    assert here(branches) == [2]
    branches.set_aside(3, base=200, end=250)
    branches.bring_back(2)
    assert here(branches) == [1, 3]
    again = Branches()
    again.take(branches.export())
    assert again.all() == branches.all()
    assert again.next() == 4


def test_what_is_void_takes_along_what_begins_on_it() -> None:
    branches = Branches()
    branches.set_aside(1, base=400, end=900)
    branches.set_aside(2, base=300, end=600)
    assert branches.cut(100) == [1, 2]
    branches.set_aside(1, base=50, end=90)
    assert branches.cut(60) == []
    assert branches.cut(0) == [1]


def test_only_some_are_remembered() -> None:
    branches = Branches()
    gone = [old for n in range(1, MOST + 3) for old in branches.set_aside(n, base=5, end=9)]
    assert gone == [1, 2]
    assert len(here(branches)) == MOST


def test_curves_and_marks_are_set_aside_and_come_back() -> None:
    view = View()
    view.add_metrics(
        {"a": Series(steps=[1, 2, 3, 4], values=[4.0, 3.0, 2.0, 1.0]), "b": Series(steps=[4], values=[0.5])}
    )
    before, later = Mark(step=1, kind="set", label="before"), Mark(step=2, kind="edit", label="at the step itself")
    for mark in (before, later):
        view.add_mark(mark)
    whole = view.series()
    tail = view.set_aside(2)
    view.add_mark(Mark(step=2, kind="rewind", label="back from step 4", before=4, after=1))
    assert view.series() == {"a": Series(steps=[1, 2], values=[4.0, 3.0])}
    assert [mark.kind for mark in view.marks] == ["set", "rewind"]
    view.bring_back(tail, 1)
    assert view.series() == whole
    assert view.marks == [before, later]
    fork = view.upto(2)
    fork.add_metrics({"a": Series(steps=[3], values=[9.0])})
    assert view.series() == whole
    assert fork.series() == {"a": Series(steps=[1, 2, 3], values=[4.0, 3.0, 9.0])}
