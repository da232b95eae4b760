"""Edits of a network in training against an independent description of what must happen to every number, in NumPy."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from edited import answers, change, dense, document, equal, grown, images, made, state, train
from tests.seams.fixtures import SEAMS, chain, edge, node

from torchglass.spec.problems import ExperimentError
from torchglass.training.attic import Attic, Piece
from torchglass.training.checkpoints import load, save
from torchglass.training.trainer import Rebuilt


def test_widening_a_dense_layer():
    trainer = made(dense(6), 12)
    before, said = state(trainer), answers(trainer)
    assert change(trainer, dense(9)) == Rebuilt(model=True)
    fresh, after = state(made(dense(9))), state(trainer)
    six, two = list(range(6)), [0, 1]
    expected = dict(before)
    expected["hidden.weight"] = np.concatenate([before["hidden.weight"], fresh["hidden.weight"][6:]])
    expected["hidden.bias"] = np.concatenate([before["hidden.bias"], fresh["hidden.bias"][6:]])
    expected["out.weight"] = np.concatenate([before["out.weight"], np.zeros((2, 3))], axis=1)
    for slot in ("first_moment", "second_moment"):
        for name, axes in (("hidden.weight", [six, two]), ("hidden.bias", [six]), ("out.weight", [two, six])):
            wide = np.zeros(expected[name].shape)
            wide[np.ix_(*axes)] = before[f"{name}:{slot}"]
            expected[f"{name}:{slot}"] = wide
    equal(after, expected)
    np.testing.assert_allclose(answers(trainer), said, atol=1e-12)
    assert (trainer.step, trainer.context.roles["model"].updates) == (12, 12)
    assert np.isfinite(train(trainer, 5)).all()


def test_narrowing_and_undo_bring_back_what_was_removed():
    trainer = made(dense(6), 12)
    before = state(trainer)
    change(trainer, dense(4))
    equal(
        {name: value for name, value in state(trainer).items() if name.startswith("hidden")},
        {name: value[:4] for name, value in before.items() if name.startswith("hidden")},
    )
    np.testing.assert_array_equal(state(trainer)["out.weight"], before["out.weight"][:, :4])
    train(trainer, 7)
    narrow = state(trainer)
    change(trainer, dense(6))
    after = state(trainer)
    for name in before:
        if name.startswith("hidden"):
            np.testing.assert_array_equal(after[name], np.concatenate([narrow[name], before[name][4:]]))
        elif name.startswith("out.weight"):
            np.testing.assert_array_equal(after[name], np.concatenate([narrow[name], before[name][:, 4:]], axis=1))
        else:
            np.testing.assert_array_equal(after[name], narrow[name])


def test_a_layer_inserted_and_taken_out_again():
    raw = dense(6)
    trainer = made(raw, 12)
    before = state(trainer)
    longer = copy.deepcopy(raw)
    longer["network"]["nodes"].insert(4, node("extra", "linear", out_features=8))
    longer["network"]["edges"] = chain("x", "inputs", "hidden", "act", "extra", "out")
    change(trainer, longer)
    after, fresh = state(trainer), state(made(longer))
    for name in before:
        if not name.startswith("out.weight"):
            np.testing.assert_array_equal(after[name], before[name])
    np.testing.assert_array_equal(after["extra.weight"], fresh["extra.weight"])
    assert not after["extra.weight:first_moment"].any()
    train(trainer, 5)
    extra = state(trainer)["extra.weight"]
    change(trainer, raw)
    np.testing.assert_array_equal(state(trainer)["out.weight"], before["out.weight"])  # it read these units before
    change(trainer, longer)
    np.testing.assert_array_equal(state(trainer)["extra.weight"], extra)  # and redo


def test_inputs_switched_on_and_off_follow_their_names():
    trainer = made(dense(4, {"product": True}), 8)  # x1, x2, product
    before = state(trainer)["hidden.weight"]
    change(trainer, dense(4, {"x2": False, "x1_squared": True, "product": True, "sin_x1": True}))
    after = state(trainer)["hidden.weight"]  # x1, x1_squared, product, sin_x1
    np.testing.assert_array_equal(after[:, [0, 2]], before[:, [0, 2]])
    assert not after[:, [1, 3]].any()
    change(trainer, dense(4, {"product": True}))
    np.testing.assert_array_equal(state(trainer)["hidden.weight"], before)


def test_columns_follow_their_branch_through_a_join():
    def raw(left):
        nodes = [
            node("x", "input", field="point"),
            node("left", "linear", out_features=left),
            node("right", "linear", out_features=3),
            node("both", "concatenate"),
            node("act", "relu"),
            node("out", "linear", out_features=2),
        ]
        edges = [edge("x", "left"), edge("x", "right"), edge("left", "both"), edge("right", "both")]
        return document(nodes, edges + chain("both", "act", "out"))

    trainer = made(raw(2), 6)
    before, said = state(trainer)["out.weight"], answers(trainer)
    change(trainer, raw(4))
    expected = np.zeros((2, 7))
    expected[:, [0, 1, 4, 5, 6]] = before
    np.testing.assert_array_equal(state(trainer)["out.weight"], expected)
    np.testing.assert_allclose(answers(trainer), said, atol=1e-12)


def test_more_filters_keep_the_old_ones_their_statistics_and_the_answers():
    trainer = made(images(3), 6)
    assert trainer.resolved.memory_format == "channels_last"
    before, said = state(trainer), answers(trainer)
    change(trainer, images(5))
    after, fresh = state(trainer), state(made(images(5)))
    three = [0, 1, 2]
    for name in ("norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"):
        np.testing.assert_array_equal(after[name][:3], before[name])
        np.testing.assert_array_equal(after[name][3:], fresh[name][3:])
    assert after["norm.num_batches_tracked"] == 6
    np.testing.assert_array_equal(
        after["conv.weight"], np.concatenate([before["conv.weight"], fresh["conv.weight"][3:]])
    )
    axes = [range(4), three, range(3), range(3)]
    expected = grown(before["conv2.weight"], fresh["conv2.weight"], (4, 5, 3, 3), axes, quiet=(1, 2, 3))
    np.testing.assert_array_equal(after["conv2.weight"], expected)
    slot = "conv2.weight:second_moment"
    np.testing.assert_array_equal(after[slot][:, :3], before[slot])
    assert not after[slot][:, 3:].any()
    np.testing.assert_allclose(answers(trainer), said, atol=1e-12)
    assert trainer.model.module("conv").weight.is_contiguous(memory_format=torch.channels_last)
    assert np.isfinite(train(trainer, 3)).all()


def test_columns_behind_a_flatten_follow_their_map():
    trainer = made(images(3, second=4), 4)
    before, said = state(trainer)["out.weight"], answers(trainer)
    places = before.shape[1] // 4
    change(trainer, images(3, second=2))
    np.testing.assert_array_equal(state(trainer)["out.weight"], before[:, : 2 * places])
    change(trainer, images(3, second=4))
    np.testing.assert_array_equal(state(trainer)["out.weight"], before)
    np.testing.assert_allclose(answers(trainer), said, atol=1e-12)


def test_a_larger_window_grows_around_its_middle():
    trainer = made(images(kernel=3), 4)
    before, said = state(trainer)["conv.weight"], answers(trainer)
    change(trainer, images(kernel=5))
    expected = np.zeros((3, 1, 5, 5))
    expected[:, :, 1:4, 1:4] = before
    np.testing.assert_array_equal(state(trainer)["conv.weight"], expected)
    np.testing.assert_allclose(answers(trainer), said, atol=1e-12)


def test_gates_of_a_recurrent_cell_grow_block_by_block():
    raw = SEAMS["encoder_decoder"]()
    trainer = made(raw, 3)
    before = state(trainer)
    wide = copy.deepcopy(raw)
    for item in wide["network"]["nodes"]:
        if item["id"] in ("enc_cell", "dec_cell"):
            item["config"]["hidden_size"] = 30
        if item["id"] in ("enc_h", "dec_h"):
            item["config"]["shape"] = [30]
        if item["id"] == "encode":
            item["config"]["state_shape"] = {"enc_h": [30]}
    change(trainer, wide)
    after = state(trainer)
    for gate in range(3):
        old, new = slice(24 * gate, 24 * gate + 24), slice(30 * gate, 30 * gate + 24)
        np.testing.assert_array_equal(after["enc_cell.weight_ih"][new], before["enc_cell.weight_ih"][old])
        np.testing.assert_array_equal(after["enc_cell.weight_hh"][new, :24], before["enc_cell.weight_hh"][old])
        np.testing.assert_array_equal(after["dec_cell.bias_hh"][new], before["dec_cell.bias_hh"][old])
    np.testing.assert_array_equal(after["scores.weight"][:, :24], before["scores.weight"])
    assert np.isfinite(train(trainer, 2)).all()


def test_shared_weights_stay_shared_and_begin_as_they_were_when_parted():
    raw = SEAMS["masked_language_model"]()
    trainer = made(raw, 3)
    before = state(trainer)
    parted = copy.deepcopy(raw)
    next(item for item in parted["network"]["nodes"] if item["id"] == "scores").pop("tied")
    change(trainer, parted)
    after = state(trainer)
    np.testing.assert_array_equal(after.pop("scores.weight"), before["embed.weight"])
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value)
    train(trainer, 2)
    own = state(trainer)
    assert not np.array_equal(own["scores.weight"], own["embed.weight"])
    change(trainer, raw)
    assert trainer.model.module("scores").weight is trainer.model.module("embed").weight
    np.testing.assert_array_equal(state(trainer)["embed.weight"], own["embed.weight"])


def test_what_trains_nothing_changes_no_number():
    raw = dense(6, gradient_clipping=0.5)
    still, moved = made(raw), made(raw)
    expected = train(still, 20)
    seen = list(train(moved, 10))
    model = moved.model
    raw["network"]["nodes"][2]["label"] = "a name"
    raw["view"] = {"positions": {"hidden": [3.0, 4.0]}, "lesson": {}}
    raw["network"]["nodes"][3]["config"] = {}
    assert change(moved, raw) == Rebuilt()
    assert moved.model is model
    seen += list(train(moved, 10))
    assert np.array_equal(np.array(seen), expected)


def test_a_network_that_does_not_check_is_refused_and_nothing_changes():
    trainer = made(dense(6), 5)
    before, model = state(trainer), trainer.model
    broken = dense(6)
    broken["network"]["edges"].pop()
    with pytest.raises(ExperimentError):
        change(trainer, broken)
    assert trainer.model is model
    equal(state(trainer), before)


def test_undo_works_after_a_checkpoint(tmp_path):
    trainer = made(dense(6), 5)
    before = state(trainer)
    change(trainer, dense(2))
    save(tmp_path, trainer.snapshot())
    other = made(dense(6))  # restoring brings the edited document along
    other.restore(load(tmp_path))
    equal(state(other), state(trainer))
    assert other.experiment == trainer.experiment
    for one in (trainer, other):
        change(one, dense(6))
        np.testing.assert_array_equal(state(one)["hidden.weight"], before["hidden.weight"])
    assert np.array_equal(train(trainer, 6), train(other, 6))


def test_a_checkpoint_of_before_an_edit_is_carried_over():
    edited = made(dense(6), 5)
    snapshot = edited.snapshot()
    change(edited, dense(8))
    late = made(dense(8))
    late.restore(snapshot)
    change(late, dense(8))
    equal(state(late), state(edited))
    assert np.array_equal(train(late, 6), train(edited, 6))


def test_starting_again_forgets_what_edits_removed():
    trainer = made(dense(6), 5)
    change(trainer, dense(2))
    trainer.restart(trainer.experiment.seed)
    assert len(trainer.attic) == 0
    change(trainer, dense(6))
    equal(
        {n: v for n, v in state(trainer).items() if n == "hidden.bias"},
        {n: v for n, v in state(made(dense(6))).items() if n == "hidden.bias"},
    )


def test_the_attic_is_bounded_and_lets_the_oldest_go():
    def piece(number, size):
        return Piece(f"n{number}", "weight", torch.zeros(size, dtype=torch.float64), (np.arange(size),))

    attic = Attic(limit=5000)
    attic.put([piece(number, 100) for number in range(6)])  # 1,600 bytes each, with their names
    assert [node for node in (f"n{k}" for k in range(6)) if list(attic.of(node, "weight"))] == ["n3", "n4", "n5"]
    attic.put([piece(9, 10_000)])
    assert not list(attic.of("n9", "weight"))
    infinite = Piece("n8", "weight", torch.full((2,), float("nan")), (np.arange(2),))
    attic.put([infinite])
    assert not list(attic.of("n8", "weight"))
    assert attic.size <= 5000
