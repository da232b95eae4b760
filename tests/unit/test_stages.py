"""Stages: what a document says while each is trained, what a stage begins with, and that a run goes through them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edited import dense, made, state, train
from tests.fakes.session_desk import SessionDesk

from torchglass.catalog import parse_experiment, validate
from torchglass.protocol import worker as wire
from torchglass.protocol.sweep import SweepRequest, Vary
from torchglass.sessions.document import Document
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.sweeps import plan
from torchglass.spec.experiment import Experiment
from torchglass.spec.stages import at_stage, caught_up, next_stage, stage_name
from torchglass.training.staging import go_on

CIRCLE = {"kind": "circle", "batch_size": 10, "config": {"count": 60}}


def staged(*stages: dict[str, Any], **training: Any) -> dict[str, Any]:
    """Two blobs for two epochs, then what the stages say."""
    raw: dict[str, Any] = dense(6, **{"stop": {"epochs": 2}, **training})
    raw["stages"] = [{"name": "blobs"}, *stages]
    return json.loads(json.dumps(raw))  # type: ignore[no-any-return]


def head(**more: Any) -> dict[str, Any]:
    """A new head on other data, the body frozen."""
    return {"name": "new head", "data": CIRCLE, "frozen": ["hidden"], "fresh": ["out"], **more}


def document(*stages: dict[str, Any]) -> Experiment:
    return parse_experiment(staged(*stages))


def test_entering_a_stage_puts_what_it_says_in_place_and_leaving_it_keeps_that() -> None:
    first = document(head(), {"name": "fine", "training": {**staged()["training"], "clip_value": 0.5}})
    second, third = at_stage(first, 1), at_stage(first, 2)
    assert (second.stage, second.data.kind, second.recipe) == (1, "circle", first.recipe)
    assert second.training.held["hidden"].frozen
    assert second.stages[1].data is None
    assert second.stages[0].data == first.data
    assert (third.data.kind, third.training.clip_value, third.training.held) == ("circle", 0.5, {})
    assert at_stage(second, 2) == third
    assert at_stage(third, 0).model_copy(update={"stages": first.stages}) == first
    assert at_stage(at_stage(third, 0), 2) == third
    assert [next_stage(one) for one in (first, second, third)] == [1, 2, None]
    assert stage_name(first, 1) == "stage 2: new head"
    assert caught_up(third, 1) is third
    with pytest.raises(ValueError, match="There is no stage 4"):
        at_stage(first, 3)


def test_what_somebody_holds_by_hand_is_not_released_with_the_stage() -> None:
    held = {"hidden": {"silent_units": [1]}, "out": {"frozen": True}}
    first = parse_experiment(staged(head(), {}, held=held))
    assert at_stage(first, 1).training.held["hidden"].model_dump(exclude_defaults=True) == {
        "frozen": True,
        "silent_units": [1],
    }
    assert at_stage(first, 2).training.held == first.training.held


def test_a_new_head_on_other_data_learns_while_the_body_stays() -> None:
    trainer = made(staged(head()))
    while trainer.steps_until_stop:
        trainer.run(5)
    before, epoch = state(trainer), trainer.cursor.epoch
    assert go_on(trainer)
    after = state(trainer)
    assert (trainer.data.count("train"), trainer.epoch) == (30, epoch)
    assert trainer.steps_until_stop == 2 * trainer.steps_per_epoch
    assert (after["hidden.weight"] == before["hidden.weight"]).all()
    assert (after["out.weight"] != before["out.weight"]).all()
    assert not any(after[name].any() for name in after if ":" in name)
    losses = train(trainer, trainer.steps_until_stop)
    assert losses[-5:].mean() < losses[:5].mean()
    done = state(trainer)
    assert (done["hidden.weight"] == before["hidden.weight"]).all()
    assert (done["out.weight"] != after["out.weight"]).any()
    assert not go_on(trainer)


@pytest.mark.parametrize(
    ("initial", "as_at_first", "as_before"), [("keep", False, True), ("rewind", True, False), ("reinit", False, False)]
)
def test_what_the_weights_begin_with(initial: str, as_at_first: bool, as_before: bool) -> None:
    trainer = made(staged({"initial": initial}))
    first = state(trainer)["hidden.weight"]
    train(trainer, trainer.steps_until_stop)
    before = state(trainer)["hidden.weight"]
    assert go_on(trainer)
    now = state(trainer)["hidden.weight"]
    assert ((now == first).all(), (now == before).all()) == (as_at_first, as_before)


def test_a_stage_that_begins_with_pruning_takes_the_smallest_out_at_once() -> None:
    raw = staged()
    pruned = {**raw["training"], "pruning": {"sparsity": 0.5, "first": 10**6}}
    trainer = made(staged({"initial": "prune", "training": pruned}))
    train(trainer, trainer.steps_until_stop)
    assert go_on(trainer)
    for name in ("hidden.weight", "out.weight"):
        assert (state(trainer)[name] == 0).mean() == 0.5


def test_rates_follow_their_schedule_from_the_beginning_of_the_stage() -> None:
    schedule = {"kind": "step", "config": {"every": 5, "gamma": 0.1}}
    alone, long = made(staged(schedule=schedule)), made(staged({"initial": "rewind"}, schedule=schedule))
    first = train(long, long.steps_until_stop)
    assert go_on(long)
    assert long.step == len(first)
    role = long.context.roles["model"]
    expected = [alone.context.hyper_at(alone.context.roles["model"], step)["lr"] for step in range(1, 12)]
    assert [long.context.hyper_at(role, long.step + k)["lr"] for k in range(1, 12)] == expected


def test_a_run_goes_on_from_a_checkpoint_inside_a_stage_with_the_same_numbers() -> None:
    raw = staged(head(), {"name": "fine"})
    whole = made(raw)
    train(whole, whole.steps_until_stop)
    go_on(whole)
    train(whole, 3)
    kept = whole.snapshot()
    again = made(raw)
    again.restore(kept)
    assert (again.experiment, again.began, again.step) == (whole.experiment, whole.began, whole.step)
    left = whole.steps_until_stop
    assert again.steps_until_stop == left
    np.testing.assert_array_equal(train(again, left), train(whole, left))
    assert go_on(again)
    assert go_on(whole)
    np.testing.assert_array_equal(train(again, 4), train(whole, 4))


@pytest.mark.parametrize(
    ("stages", "field", "words"),
    [
        ([{}, {"frozen": ["nobody"]}], "stages.1.frozen", "There is no layer or part called “nobody”."),
        ([{}, {"initial": "prune"}], "stages.1.initial", "set training.pruning"),
        ([{"recipe": staged()["recipe"]}], "stages.0.recipe", "stands in the experiment itself"),
        ([{"frozen": ["out"]}], "stages.0", "The first stage begins with the experiment"),
        ([{}, {"data": {"kind": "iris", "config": {}}}], "stages.1", "In stage 2: "),
        (
            [{}, {"data": {**CIRCLE, "augment": [{"kind": "rotate", "config": {}}]}}],
            "stages.1.data.augment.0",
            "pictur",
        ),
    ],
)
def test_stages_to_come_are_checked_as_the_experiments_that_they_will_be(
    stages: list[dict[str, Any]], field: str, words: str
) -> None:
    problems = validate(parse_experiment({**staged(), "stages": stages})).problems
    found = next(problem for problem in problems if (problem.field or "").startswith(field))
    assert words in found.message


def test_a_stage_is_gone_to_by_hand_and_only_to_one_that_is_there() -> None:
    desk = Document(document(head()))
    changed = desk.set("stage", 1, 0)
    assert changed is not None
    assert (changed.label, changed.before, changed.value) == ("stage 2: new head", 0, 1)
    assert desk.experiment == at_stage(document(head()), 1)
    for value in (2, -1, "1", True, None):
        with pytest.raises(RefusedError):
            desk.set("stage", value, 1)
    assert desk.set("stage", 1, 1) is None
    assert desk.stage_to(1) is False
    desk.set("stage", 0, 1)
    assert desk.stage_to(1) is True


def test_a_sweep_over_stages_is_refused_in_words() -> None:
    wanted = SweepRequest(experiment={}, vary=[Vary(path="data.batch_size", values=[5, 10])], seeds=1, steps=10)
    with pytest.raises(RefusedError, match="A sweep trains networks of one stage, and this experiment has 2"):
        plan(wanted, document(head()))


Opening = Callable[..., SessionDesk]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Opening]:
    opened: list[SessionDesk] = []

    def start(experiment: dict[str, Any], **more: Any) -> SessionDesk:
        opened.append(SessionDesk(experiment, tmp_path / "run", **more))
        return opened[-1]

    yield start
    for one in opened:
        one.kill()


def said(one: SessionDesk, state: str) -> bool:
    return any(header["state"] == state for header in one.of("state"))


def test_a_worker_goes_through_all_stages_on_one_curve_with_a_mark_at_each(desk: Opening) -> None:
    one = desk(staged(head(), {"name": "fine"}))
    one.tell(wire.Go())
    one.link.until(lambda: said(one, "finished"))
    labels = [header["mark"]["label"] for header in one.of("marked")]
    assert labels == [
        "stage 2: new head",
        "stage 3: fine",
        "finished: 2 epochs",
    ]
    assert [header["stage"] for header in one.of("staged")] == [1, 2]
    steps = [
        step for header in one.of("metrics") for step in header["series"].get("train.loss", {"steps": []})["steps"]
    ]
    assert steps == sorted(set(steps))
    assert one.trainer.experiment.stage == 2
    assert [header["state"] for header in one.of("state")].count("finished") == 1


def test_a_change_that_was_under_way_when_a_stage_ended_holds_in_the_new_one(desk: Opening) -> None:
    raw = staged(head(), stop={"steps": 5})
    one = desk(raw)
    one.train(5)
    one.tell(wire.Go(until=6))
    one.link.until(lambda: one.of("staged"))
    late = {**raw, "data": {**raw["data"], "batch_size": 16}, "training": {**raw["training"], "clip_value": 0.25}}
    one.tell(wire.Change(revision=1, path="training.clip_value", experiment=late))
    one.obeyed()
    now = one.trainer.experiment
    assert (now.stage, now.data.kind, now.training.clip_value) == (1, "circle", 0.25)


def test_a_worker_that_comes_back_is_in_its_stage_and_going_back_in_time_brings_the_earlier_one(desk: Opening) -> None:
    raw = staged(head(), stop={"steps": 5})
    one = desk(raw)
    one.train(4)
    one.tell(wire.Go(until=8))
    one.link.until(lambda: one.trainer.step >= 8)
    one.save()
    one.kill()
    # The server had not heard of it yet: it is told again.
    two = desk(raw, restore=True)
    assert (two.trainer.experiment.stage, two.trainer.step, two.trainer.began.step) == (1, 8, 5)
    assert [header["stage"] for header in two.of("staged")] == [1]
    answer = two.ask(lambda ask: wire.Rewind(ask=ask, step=4, aside=1))
    assert answer["type"] == "rewound"
    assert (answer["experiment"]["stage"], two.trainer.experiment.data.kind) == (0, "two_blobs")
    assert (two.trainer.began.step, two.trainer.steps_until_stop) == (0, 1)


def test_who_asked_for_the_steps_of_a_stage_stands_at_the_beginning_of_the_next(desk: Opening) -> None:
    one = desk(staged(head(), stop={"steps": 5}))
    one.train(5)
    one.obeyed()
    assert (one.trainer.experiment.stage, one.trainer.step) == (1, 5)
    one.tell(wire.Go(until=9))
    one.link.until(lambda: one.trainer.step >= 9)
    assert one.trainer.experiment.stage == 1


def test_a_stage_is_left_by_hand_before_it_ends(desk: Opening) -> None:
    raw = staged(head(), stop={"steps": 10**6})
    one = desk(raw)
    one.train(3)
    later = at_stage(parse_experiment(raw), 1).model_dump(mode="json")
    one.tell(wire.Change(revision=1, path="stage", value=1, before=0, label="stage 2", experiment=later))
    one.obeyed()
    assert (one.trainer.experiment.stage, one.trainer.began.step) == (1, 3)
    one.train(2)
    assert one.trainer.step == 5
