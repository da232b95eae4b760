"""Whatever is done to a run, in whatever order, it comes to what a naive replay of its log of events comes to.

Edits, settings, single weights, undo, pausing, going back and coming back, kill -9 and resume, in float64; mostly with
the worker's session in this process, sometimes with a real process and a real kill.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fakes.process_desk import Engine, ProcessDesk
from tests.fakes.session_desk import SessionDesk
from torchglass.protocol import worker as wire
from torchglass.spec.experiment import Experiment
from torchglass.training.checkpoints import load

from .naive import Doc, Event, Log, Naive, assigned_of, described, doc_of, step_of

FULL = os.environ.get("TORCHGLASS_TEST_TIER") == "full"


def trained(steps: int) -> Event:
    return Event("train", steps=steps)


class Life(RuleBasedStateMachine):
    """The log is everything that the present line of the run has seen; ``asides`` are lines that were left."""

    engine: ClassVar[Engine | None] = None

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.log: Log = ()
        self.docs = [Doc()]
        self.asides: dict[int, tuple[Log, Log]] = {}  # number -> where it was left, everything until then
        self.marked: dict[int, Log] = {}  # step -> its kept state, where that is not the first of the step
        self.assignments: list[wire.Assign] = []
        self.count = self.branch = 0
        self.desk = self.opened(Doc().raw())

    def opened(self, document: dict[str, Any], **more: Any) -> SessionDesk:
        path = Path(self.folder.name)
        return ProcessDesk(self.engine, document, path, **more) if self.engine else SessionDesk(document, path, **more)

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.agree()
            self.desk.kill()
            self.folder.cleanup()

    # -- what happens ------------------------------------------------------------------------------------------

    @rule(steps=st.integers(1, 5))
    def train(self, steps: int) -> None:
        self.desk.train(steps)
        self.log += (trained(steps),)

    @rule(width=st.integers(1, 5))
    def widen(self, width: int) -> None:
        self.change(replace(self.docs[-1], width=width))

    @rule(act=st.sampled_from(["tanh", "relu"]), lr=st.sampled_from([0.01, 0.05, 0.2]))
    def set(self, act: str, lr: float) -> None:
        self.change(replace(self.docs[-1], act=act, lr=lr))

    @rule(batch=st.sampled_from([7, 13, 16]), l2=st.sampled_from([0.0, 0.1]), after=st.integers(0, 2))
    def set_while_it_trains(self, batch: int, l2: float, after: int) -> None:
        desk, here = self.desk, step_of(self.log)
        doc, before = replace(self.docs[-1], batch=batch, l2=l2), len(desk.of("marked"))
        desk.tell(wire.Go(until=here + after + 1))
        desk.tell(wire.Change(path="", experiment=doc.raw()))
        desk.link.until(lambda: len(desk.of("marked")) > before)
        at = desk.of("marked")[before]["mark"]["step"]
        self.paused()
        end = self.standing()
        self.log += (trained(at - here), Event("change", doc=doc), trained(end - at))
        self.docs.append(doc)

    @precondition(lambda self: len(self.docs) > 1)
    @rule()
    def undo(self) -> None:
        self.change(self.docs.pop(-2))

    @rule(unit=st.integers(0, 1), value=st.sampled_from([-1.0, 0.5]))
    def assign(self, unit: int, value: float) -> None:
        self.count += 1
        message = wire.Assign(number=self.count, node="out", parameter="bias", index=[unit], value=value)
        self.assignments.append(message)
        self.desk.tell(message)
        self.desk.obeyed()
        self.log += (Event("assign", place=("out.bias", unit), value=value, number=self.count),)

    @rule(pick=st.integers(0, 99))
    def rewind(self, pick: int) -> None:
        kept = self.kept()
        step = kept[pick % len(kept)]
        self.branch += 1
        answer = self.desk.ask(lambda ask: wire.Rewind(ask=ask, step=step, aside=self.branch))
        assert (answer["type"], answer["step"]) == ("rewound", step), answer
        there = self.until_step(step)
        self.asides[self.branch] = there, self.log
        self.stand(there)
        assert answer["experiment"] == doc_of(there).raw()

    @precondition(lambda self: self.available())
    @rule(pick=st.integers(0, 99))
    def come_back(self, pick: int) -> None:
        ready = self.available()
        number = ready[pick % len(ready)]
        base, log = self.asides.pop(number)
        self.branch += 1
        new, left = self.branch, self.log
        step, base_step = step_of(log), step_of(base)
        answer = self.desk.ask(lambda ask: wire.Rewind(ask=ask, step=step, branch=number, base=base_step, aside=new))
        assert (answer["type"], answer["step"]) == ("rewound", step), answer
        self.asides[new] = base, left
        self.stand(log)
        if step > base_step:
            self.marked[step] = log

    @rule(saved=st.booleans())
    def kill(self, saved: bool) -> None:
        """What was not saved is trained again from the checkpoint; what was changed since then holds."""
        if saved or self.engine:
            self.desk.save()
        self.desk.kill()
        stored = load(Path(self.folder.name))
        if stored is None:
            remembered: Log = ()
        else:
            facts: dict[str, Any] = dict(stored.facts)
            remembered = self.prefix(int(facts["step"]), facts["experiment"], int(facts["assigned"]))
        document = self.docs[-1]
        late = [message for message in self.assignments if message.number > assigned_of(remembered)]
        late = [message for message in late if any(event.number == message.number for event in self.log)]
        self.desk = self.opened(document.raw(), restore=True, assigned=late)
        assert self.desk.of("ready")[0]["step"] == step_of(remembered)
        again: list[Event] = []
        if doc_of(remembered) != document:
            again.append(Event("change", doc=document))
        again += [Event("assign", place=("out.bias", m.index[0]), value=m.value, number=m.number) for m in late]
        self.log = (*remembered, *again)
        here = step_of(remembered)
        self.marked = {step: log for step, log in self.marked.items() if step <= here}
        if stored is None and again:
            self.marked[here] = self.log  # nothing was on the disk: what is kept of this step is what it begins with

    # -- what must hold ----------------------------------------------------------------------------------------

    def agree(self) -> None:
        """The run holds what the naive replay of its log comes to."""
        self.desk.save()
        stored = load(Path(self.folder.name))
        assert stored is not None
        naive = Naive().play(self.log)
        assert (stored.facts["step"], stored.facts["epoch"], stored.facts["used"]) == (
            naive.step,
            naive.epoch,
            naive.used,
        ), described(self.log)
        for name, value in naive.checkpoint():
            np.testing.assert_allclose(
                stored.tensors[name].numpy(),
                value,
                rtol=1e-8,
                atol=1e-10,
                err_msg=f"{name} after {described(self.log)}",
            )

    @invariant()
    def stands_where_the_log_says(self) -> None:
        if hasattr(self, "desk"):
            assert self.standing() == step_of(self.log)

    # -- small helpers -----------------------------------------------------------------------------------------

    def change(self, doc: Doc) -> None:
        self.desk.tell(wire.Change(path="", experiment=doc.raw()))
        self.desk.obeyed()
        assert not self.desk.of("unchanged")
        self.log += (Event("change", doc=doc),)
        self.docs.append(doc)

    def paused(self) -> None:
        """Once the training has come to its end or is told to."""
        self.desk.tell(wire.Halt())
        self.desk.obeyed()

    def standing(self) -> int:
        self.desk.obeyed()
        states = self.desk.of("state")
        return int(states[-1]["step"] if states else self.desk.of("ready")[-1]["step"])

    def kept(self) -> list[int]:
        """The steps that the worker offers, once it has said so."""
        self.desk.save()
        here = step_of(self.log)
        self.desk.link.until(lambda: here in self.desk.of("kept")[-1]["steps"])
        return list(self.desk.of("kept")[-1]["steps"])

    def stand(self, log: Log) -> None:
        self.log = log
        self.docs.append(doc_of(log))
        self.marked = {step: kept for step, kept in self.marked.items() if kept == log[: len(kept)]}

    def until_step(self, step: int) -> Log:
        """The line up to where it first reached a step, which is what is kept of it."""
        if step in self.marked:
            return self.marked[step]
        found: list[Event] = []
        for event in self.log:
            left = step - step_of(found)
            if left <= 0:
                break
            found.append(replace(event, steps=min(event.steps, left)))
        return tuple(found)

    def prefix(self, step: int, experiment: Any, assigned: int) -> Log:
        """The line up to the newest moment that a checkpoint can be of."""
        document = Experiment.model_validate(experiment).model_dump(mode="json")
        for end in range(len(self.log), -1, -1):
            head = self.log[:end]
            if end and step_of(head[:-1]) < step < step_of(head):
                head = (*head[:-1], trained(step - step_of(head[:-1])))
            if (step_of(head), assigned_of(head)) == (step, assigned) and doc_of(head).raw() == document:
                return head
        raise AssertionError(f"a checkpoint of step {step} belongs to no moment of {described(self.log)}")

    def available(self) -> list[int]:
        """What was left can be come back to from the line that it was left on."""
        if not self.asides:
            return []
        self.desk.obeyed()
        listed = self.desk.of("kept")[-1]["branches"]
        return [
            number
            for number, (base, log) in self.asides.items()
            if listed.get(str(number)) == step_of(log)
            and step_of(self.log) >= step_of(base)
            and self.until_step(step_of(base)) == base
        ]


@pytest.mark.timeout(1800 if FULL else 120)
def test_a_run_is_what_its_log_says() -> None:
    tries = settings(max_examples=1000 if FULL else 15, stateful_step_count=30 if FULL else 14, deadline=None)
    run_state_machine_as_test(Life, settings=tries)


@pytest.mark.timeout(1800 if FULL else 120)
def test_a_run_in_a_real_process_is_what_its_log_says() -> None:
    engine = Engine()
    try:
        real = type("RealLife", (Life,), {"engine": engine})
        tries = settings(max_examples=60 if FULL else 3, stateful_step_count=20 if FULL else 10, deadline=None)
        run_state_machine_as_test(real, settings=tries)
    finally:
        engine.close()
