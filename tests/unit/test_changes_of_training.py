"""What carries on when optimizer, form, precision, data or loss change while a network trains, or one number is set."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from edited import change, dense, equal, made, state, train

from torchglass.training.trainer import Rebuilt


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ({"kind": "rmsprop", "config": {}}, {"kind": "adam", "config": {}}, ("square", "second_moment")),
        ({"kind": "adam", "config": {}}, {"kind": "adamw", "config": {}}, ("first_moment", "first_moment")),
        ({"kind": "adam", "config": {}}, {"kind": "sgd", "config": {"momentum": 0.9}}, None),
    ],
)
def test_another_optimizer_keeps_what_means_the_same(before, after, kept):
    raw = dense(6)
    raw["training"]["optimizers"]["model"] = before
    trainer = made(raw, 5)
    old = state(trainer)
    raw["training"]["optimizers"]["model"] = after
    change(trainer, raw)
    new = state(trainer)
    if kept:
        np.testing.assert_array_equal(new[f"out.weight:{kept[1]}"], old[f"out.weight:{kept[0]}"])
    else:
        assert not new["out.weight:velocity"].any()
    np.testing.assert_array_equal(new["out.weight"], old["out.weight"])
    assert trainer.context.roles["model"].updates == (5 if kept else 0)


def test_the_textbook_form_takes_the_velocity_over():
    raw = dense(6, form="pytorch")
    raw["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 0.05, "momentum": 0.9}}
    switched, steady = made(raw, 10), made(raw, 10)
    raw["training"]["form"] = "textbook"
    change(switched, raw)
    np.testing.assert_allclose(train(switched, 10), train(steady, 10), rtol=1e-9)  # at a steady rate both are one


def test_another_precision_keeps_the_weights():
    raw = dense(6)
    trainer = made(raw, 5)
    before = state(trainer)
    raw["training"]["precision"] = "float32"
    change(trainer, raw)
    assert trainer.storage.flat.dtype == torch.float32
    for name, value in state(trainer).items():
        np.testing.assert_array_equal(value, before[name].astype(np.float32))
    assert np.isfinite(train(trainer, 3)).all()


def test_other_data_keep_weights_step_and_optimizer():
    raw = dense(6)
    trainer = made(raw, 50)
    before, epoch = state(trainer), trainer.cursor.epoch
    raw["data"]["config"] = {"spread": 2.0, "train": 40}
    assert change(trainer, raw) == Rebuilt(data=True)
    equal(state(trainer), before)
    assert (trainer.step, trainer.cursor.epoch, trainer.cursor.used) == (50, epoch, 0)
    assert trainer.data.count("train") == 40
    assert np.isfinite(train(trainer, 5)).all()


def test_another_loss_while_it_trains():
    raw = dense(6)
    trainer = made(raw, 5)
    before = state(trainer)
    raw["recipe"]["config"]["loss"] = {"kind": "hinge", "config": {}}
    assert change(trainer, raw) == Rebuilt()
    equal(state(trainer), before)
    assert np.isfinite(train(trainer, 3)).all()


def test_one_number_set_by_hand():
    trainer = made(dense(6), 3)
    before = state(trainer)
    was = trainer.assign("hidden", "weight", [4, 1], 2.5)
    expected = {**before, "hidden.weight": before["hidden.weight"].copy()}
    expected["hidden.weight"][4, 1] = 2.5
    assert was == before["hidden.weight"][4, 1]
    equal(state(trainer), expected)
    with pytest.raises(IndexError):
        trainer.assign("hidden", "weight", [4], 1.0)
    with pytest.raises(KeyError):
        trainer.assign("nobody", "weight", [0, 0], 1.0)
