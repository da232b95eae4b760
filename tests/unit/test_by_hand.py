"""Examples changed, taken away and added by hand: what is trained on, what is undone, what can not be done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.fakes.session_desk import SessionDesk

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import load_preset
from torchglass.protocol import worker as wire
from torchglass.training.trainer import Trainer
from torchglass.worker.export_python import prepared


def document(by_hand: list[dict[str, Any]], preset: str = "circle-mlp", **data: Any) -> dict[str, Any]:
    raw = load_preset(preset).model_dump(mode="json")
    raw["data"] |= {"by_hand": by_hand, **data}
    return raw


def trainer(by_hand: list[dict[str, Any]], **data: Any) -> Trainer:
    return Trainer(parse_experiment(document(by_hand, **data)), device="cpu", threads=1)


EDITS: list[dict[str, Any]] = [
    {"row": 3, "values": {"point": [1.5, -2.0]}},
    {"row": 4, "gone": True},
    {"row": 5, "values": {"label": 0}},
    {"row": None, "values": {"point": [0.0, 6.0], "label": 1}},
    {"split": "test", "row": 0, "gone": True},
    {"row": 99_999, "gone": True},
]


def test_points_are_moved_taken_away_relabelled_and_added_while_it_trains_and_undone() -> None:
    subject = trainer([])
    subject.run(20)
    before = {split: subject.data.arrays(split) for split in ("train", "test")}
    subject.change(parse_experiment(document(EDITS)))
    train, test = subject.data.arrays("train"), subject.data.arrays("test")
    wanted = before["train"]["point"].copy()
    wanted[3] = (1.5, -2.0)
    wanted = np.concatenate([np.delete(wanted, 4, axis=0), [(0.0, 6.0)]]).astype(np.float32)
    labels = before["train"]["label"].copy()
    labels[5] = 0
    labels = np.concatenate([np.delete(labels, 4), [1]])
    assert (train["point"].dtype, train["label"].dtype) == (np.float32, np.int64)
    assert np.array_equal(train["point"], wanted)
    assert np.array_equal(train["label"], labels)
    assert np.array_equal(test["point"], before["test"]["point"][1:])
    report = validate(parse_experiment(document(EDITS)))
    assert report.examples.model_dump() == {"train": len(labels), "test": len(test["label"])}
    subject.run(20)
    assert subject.step == 40
    subject.change(parse_experiment(document([])))
    for split, arrays in before.items():
        for name, values in arrays.items():
            assert np.array_equal(subject.data.arrays(split)[name], values)


def test_a_checkpoint_goes_on_with_the_same_numbers() -> None:
    subject = trainer(EDITS)
    subject.run(15)
    kept = subject.snapshot()
    subject.run(15)
    again = trainer([])
    again.restore(kept)
    again.run(15)
    for name, value in subject.model.parameters_by_name().items():
        assert torch.equal(again.model.parameters_by_name()[name], value)


def test_a_script_gets_them_in_its_arrays() -> None:
    arrays = prepared(parse_experiment(document(EDITS)), ("point", "label"))
    subject = trainer(EDITS)
    for split in ("train", "test"):
        for name, values in subject.data.arrays(split).items():
            assert np.array_equal(arrays[f"{split}_{name}"], values)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"row": 1, "values": {"label": 2}}, "between 0 and 1"),
        ({"row": 1, "values": {"label": 0.5}}, "whole number"),
        ({"row": 1, "values": {"point": [1.0]}}, "is 2 numbers, not 1"),
        ({"row": None, "values": {"point": [1.0, 1.0]}}, "needs a value of “label”"),
        ({"row": None, "gone": True}, "leave it out"),
    ],
)
def test_what_can_not_be_done_is_said_at_its_place(edit: dict[str, Any], words: str) -> None:
    [problem] = [one for one in validate(parse_experiment(document([edit]))).problems if one.severity == "error"]
    assert problem.field == "data.by_hand"
    assert words in problem.message


def test_one_point_is_enough_none_is_not_and_one_class_alone_trains() -> None:
    rows = validate(parse_experiment(document([]))).examples.train
    assert rows > 2
    gone = [{"row": row, "gone": True} for row in range(rows)]
    problems = [one.message for one in validate(parse_experiment(document(gone))).problems]
    assert any("The last training example stays" in words for words in problems)
    alone = trainer(gone[1:])
    assert alone.run(3).finite
    assert alone.steps_per_epoch == 1
    alike = trainer([{"row": row, "values": {"label": 1}} for row in range(rows)])
    assert alike.run(3).finite


@pytest.mark.parametrize("preset", ["iris-mlp", "fit-the-line", "mnist-softmax"])
def test_rows_of_tables_curves_and_labels_of_pictures_are_examples_too(preset: str) -> None:
    limits = {"split": {"train": 20, "test": 10}}
    subject = Trainer(parse_experiment(document([], preset, **limits)), device="cpu", threads=1)
    target = subject.data.target_field
    assert target is not None
    edits = [{"row": 0, "values": {target: 1}}, {"row": 1, "gone": True}]
    subject.change(parse_experiment(document(edits, preset, **limits)))
    assert subject.data.count("train") == 19
    assert float(subject.data.arrays("train")[target][0]) == 1
    assert subject.run(2).finite


def test_the_test_loss_answers_within_a_second_of_training() -> None:
    """In steps: fewer than a second has at the pace of this very run."""
    desk = SessionDesk(document([]))
    try:
        desk.tell(wire.Go(until=None))
        desk.link.until(lambda: any("test.loss" in one["series"] for one in desk.of("metrics")[3:]))
        flipped = [{"row": row, "values": {"label": row % 2}, "split": "test"} for row in range(200)]
        after = document(flipped)
        desk.tell(wire.Change(path="data.by_hand", label="examples changed", experiment=after))
        mark = desk.link.until(lambda: desk.of("marked"))[-1]["mark"]

        def answer() -> int | None:
            found = (one["series"].get("test.loss") for one in desk.of("metrics"))
            return next((s["steps"][0] for s in found if s and s["steps"][0] >= mark["step"]), None)

        first = desk.link.until(lambda: answer() is not None and answer())
        seconds_per_step = desk.session.pace._seconds_per_step
        assert (first - mark["step"]) * seconds_per_step < 1.0
        expected = next(v for v in desk.trainer.evaluate("test", None) if v is not None)
        assert desk.trainer.data.arrays("test")["label"][:4].tolist() == [0, 1, 0, 1]
        assert expected["loss"] > 0
    finally:
        desk.kill()
