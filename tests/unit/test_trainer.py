"""The trainer: the same numbers, live changes, ends of epochs, precision, edges of batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.seams.fixtures import chain, experiment, node

from torchglass.catalog import require
from torchglass.checking.pins import cores, device_by_rule, spare_cores, threads_by_rule
from torchglass.presets import load_preset
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer


def document(**training):
    """A dense network with dropout and batch normalisation on 2-D points."""
    nodes = [
        node("x", "input", field="point"),
        node("hidden", "linear", out_features=8),
        node("norm", "batch_norm"),
        node("act", "relu"),
        node("drop", "dropout", p=0.3),
        node("out", "linear", out_features=2),
    ]
    return experiment(
        "points",
        {"kind": "two_blobs", "batch_size": 16},
        {"nodes": nodes, "edges": chain("x", "hidden", "norm", "act", "drop", "out")},
        {"kind": "supervised", "config": {"output": "out", "target": "label"}},
        optimizers={"model": {"kind": "adam", "config": {"lr": 0.01}}},
        **training,
    )


def make(raw=None):
    return Trainer(Experiment.model_validate(raw or document()))


def losses(trainer, steps):
    values = []
    while len(values) < steps:
        values.extend(trainer.run(steps - len(values)).metrics["loss"])
    return np.array(values)


def test_same_seed_same_numbers_however_the_steps_are_cut():
    whole = losses(make(), 20)
    pieces = make()
    cut = np.concatenate([losses(pieces, n) for n in (1, 2, 3, 14)])
    assert np.array_equal(whole, cut)


def test_evaluation_and_looking_change_no_number():
    watched = make()
    seen = []
    for _ in range(10):
        seen.extend(losses(watched, 1))
        list(watched.evaluate())
    assert np.array_equal(np.array(seen), losses(make(), 10))


def test_restart_is_the_same_start_and_another_seed_another():
    trainer = make()
    first = losses(trainer, 5)
    trainer.restart(trainer.experiment.seed)
    assert np.array_equal(losses(trainer, 5), first)
    trainer.restart(99)
    assert not np.array_equal(losses(trainer, 5), first)


def test_stops_at_the_end_of_the_epoch_and_of_the_run():
    trainer = make(document(stop={"epochs": 2}))
    per_epoch = trainer.steps_per_epoch
    assert len(trainer.run(10**6).steps) == per_epoch
    assert trainer.epoch == 1.0
    trainer.run(10**6)
    assert (trainer.epoch, trainer.steps_until_stop) == (2.0, 0)
    assert len(trainer.run(5).steps) == 0


def test_settings_change_in_place():
    raw = document()
    trainer = make(raw)
    losses(trainer, 3)
    moments = trainer.context.roles["model"].state["first_moment"].clone()
    raw["training"]["optimizers"]["model"]["config"]["lr"] = 0.0
    raw["network"]["nodes"][4]["config"]["p"] = 0.9
    weights = trainer.storage.flat.clone()
    trainer.change(Experiment.model_validate(raw))
    assert trainer.model.module("drop").p == 0.9
    assert torch.equal(trainer.context.roles["model"].state["first_moment"], moments)
    losses(trainer, 2)
    assert torch.equal(trainer.storage.flat, weights)  # a rate of zero moves nothing


def test_another_optimizer_starts_with_fresh_state():
    raw = document()
    trainer = make(raw)
    losses(trainer, 3)
    raw["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 0.1, "momentum": 0.9}}
    trainer.change(Experiment.model_validate(raw))
    assert set(trainer.context.roles["model"].state) == {"velocity"}
    assert np.isfinite(losses(trainer, 3)).all()


def test_a_single_leftover_example_joins_the_batch_before_it():
    raw = document()
    raw["data"]["split"] = {"train": 33}
    trainer = make(raw)
    assert trainer.steps_per_epoch == 2
    assert np.isfinite(losses(trainer, 4)).all()
    assert trainer.epoch == 2.0


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("float64", torch.float64)])
def test_precision_reaches_every_parameter(precision, dtype):
    trainer = make(document(precision=precision))
    assert trainer.storage.flat.dtype == dtype
    assert np.isfinite(losses(trainer, 3)).all()


def test_bfloat16_trains_with_float32_weights():
    trainer = make(document(precision="bfloat16"))
    assert trainer.storage.flat.dtype == torch.float32
    assert np.isfinite(losses(trainer, 3)).all()


def test_decay_and_clipping_reach_the_update():
    plain, decayed = make(), make(document(regularization={"l2": 0.5}))
    clipped = make(document(gradient_clipping=1e-9))
    for trainer in (plain, decayed, clipped):
        losses(trainer, 5)
    weights = [trainer.storage.flat for trainer in (plain, decayed, clipped)]
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_snapshot_brings_its_own_network():
    raw = document()
    raw["network"]["nodes"][1]["id"] = "other"
    raw["network"]["edges"] = chain("x", "other", "norm", "act", "drop", "out")
    first, second = make(), make(raw)
    losses(first, 3)
    second.restore(first.snapshot())
    assert second.experiment == first.experiment
    assert np.array_equal(losses(second, 3), losses(first, 3))


def test_a_snapshot_whose_tensors_do_not_fit_is_refused():
    snapshot = make().snapshot()
    del snapshot.tensors["parameter/hidden.weight"]
    with pytest.raises(ValueError, match="another network"):
        make().restore(snapshot)


def test_a_device_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no CUDA device"):
        Trainer(Experiment.model_validate(document()), device="cuda")


def test_tiny_networks_stay_on_the_processor_where_there_is_an_accelerator():
    tiny, large = (require(load_preset(name)) for name in ("spiral-mlp", "mnist-cnn"))
    assert device_by_rule(tiny, "cuda") == device_by_rule(large, None) == "cpu"
    assert device_by_rule(large, "cuda") == "cuda"


def test_more_threads_only_for_long_steps_where_cores_are_free(monkeypatch):
    long = load_preset("vgg-mini")
    long = long.model_copy(update={"data": long.data.model_copy(update={"batch_size": 1024})})
    tiny, large = require(load_preset("spiral-mlp")), require(long)
    assert threads_by_rule(tiny, 8) == threads_by_rule(large, 1) == 1
    assert threads_by_rule(large, 8) > 1
    monkeypatch.setattr("os.getloadavg", lambda: (cores() + 3.0, 0.0, 0.0))
    assert spare_cores() == 1
    monkeypatch.setattr("os.getloadavg", lambda: (0.1, 0.0, 0.0))
    assert spare_cores() == max(1, cores() - 1)


def test_a_stored_run_goes_on_with_as_many_threads_as_it_had():
    before = torch.get_num_threads()
    try:
        stored = Trainer(load_preset("vgg-mini"), device="cpu", threads=2).snapshot()
        again = Trainer(load_preset("vgg-mini"), device="cpu")
        again.restore(stored)
        assert again.resolved.threads == torch.get_num_threads() == min(2, cores())
    finally:
        torch.set_num_threads(before)


def test_gradients_match_a_plain_torch_loop():
    """One SGD step of our flat storage against modules and torch.optim by hand."""
    raw = document()
    raw["network"]["nodes"] = [raw["network"]["nodes"][i] for i in (0, 1, 3, 5)]
    raw["network"]["edges"] = chain("x", "hidden", "act", "out")
    raw["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 0.1}}
    trainer = make(raw)
    hidden, out = torch.nn.Linear(2, 8), torch.nn.Linear(8, 2)
    for name, module in (("hidden", hidden), ("out", out)):
        module.load_state_dict(trainer.model.module(name).state_dict())
    batch = trainer.data.next_batch(type(trainer.cursor)(), 16, 1)
    optimizer = torch.optim.SGD([*hidden.parameters(), *out.parameters()], lr=0.1)
    loss = torch.nn.functional.cross_entropy(out(torch.relu(hidden(batch["point"]))), batch["label"])
    loss.backward()
    optimizer.step()
    assert trainer.run(1).metrics["loss"][0] == pytest.approx(loss.item(), rel=1e-6)
    torch.testing.assert_close(trainer.model.module("hidden").weight, hidden.weight)
    torch.testing.assert_close(trainer.model.module("out").bias, out.bias)
