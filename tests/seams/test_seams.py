"""The six seams: each checks, builds, trains, checkpoints, restores and goes on with the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.seams.fixtures import SEAMS
from torchglass.catalog import validate
from torchglass.spec.experiment import Experiment
from torchglass.training.checkpoints import load, save
from torchglass.training.trainer import Trainer


def make(name, **change):
    return Trainer(Experiment.model_validate({**SEAMS[name](), **change}))


def train(trainer, steps):
    """Metrics of exactly that many steps, across ends of epochs."""
    chunks, done = [], 0
    while done < steps:
        chunk = trainer.run(steps - done)
        done += len(chunk.steps)
        chunks.append(chunk)
    return {name: np.concatenate([c.metrics[name] for c in chunks]) for name in chunks[0].metrics}


@pytest.mark.parametrize("name", SEAMS)
def test_checks(name):
    report = validate(Experiment.model_validate(SEAMS[name]()))
    assert [problem.message for problem in report.problems] == []
    assert report.parameters > 0


@pytest.mark.parametrize("name", SEAMS)
def test_trains(name):
    trainer = make(name)
    before = trainer.storage.flat.clone()
    metrics = train(trainer, 10)
    assert all(np.isfinite(values).all() for values in metrics.values())
    assert not torch.equal(trainer.storage.flat, before)


@pytest.mark.parametrize("name", SEAMS)
def test_same_seed_same_numbers(name):
    first, second = train(make(name), 12), train(make(name), 12)
    assert all(np.array_equal(first[metric], second[metric]) for metric in first)


@pytest.mark.parametrize("name", SEAMS)
def test_goes_on_from_a_checkpoint_with_the_same_numbers(name, tmp_path):
    whole = make(name)
    train(whole, 9)
    save(tmp_path, whole.snapshot())
    expected = train(whole, 9)
    back = make(name)
    train(back, 4)  # restoring must not depend on where the trainer stood
    back.restore(load(tmp_path))
    assert (back.step, back.cursor) == (9, back.cursor)
    again = train(back, 9)
    assert all(np.array_equal(expected[metric], again[metric]) for metric in expected)
    assert torch.equal(whole.storage.flat, back.storage.flat)


@pytest.mark.parametrize(
    ("name", "metric", "steps"),
    [
        ("encoder_decoder", "loss", 150),
        ("masked_language_model", "loss", 150),
        ("memory_machine", "loss", 150),
        ("rbm", "loss", 400),
        ("perceptron", "loss", 40),
    ],
)
def test_learns(name, metric, steps):
    values = train(make(name), steps)[metric]
    assert values[-10:].mean() < 0.8 * values[:5].mean() or values[-10:].mean() == 0


def test_tied_weights_are_one_tensor_and_stored_once():
    trainer = make("masked_language_model")
    assert trainer.model.module("scores").weight is trainer.model.module("embed").weight
    names = [name for name in trainer.snapshot().tensors if name.startswith("parameter/")]
    assert "parameter/embed.weight" in names
    assert "parameter/scores.weight" not in names
    train(trainer, 3)
    assert trainer.model.module("scores").weight is trainer.model.module("embed").weight


def test_gan_roles_move_only_their_own_parameters():
    trainer = make("gan")
    generator, discriminator = trainer.context.roles["generator"], trainer.context.roles["discriminator"]
    assert (generator.stop, discriminator.start) == (discriminator.start, generator.stop)
    train(trainer, 5)
    assert (generator.updates, discriminator.updates) == (5, 5)
    drawn = trainer.recipe.sample(trainer.model, 7, torch.Generator().manual_seed(0))
    assert drawn.shape == (7, 2)


def test_padding_changes_nothing():
    """Longer padding gives the same loss: masked steps carry the state on and do not count."""
    trainer = make("encoder_decoder")
    trainer.model.eval()
    batch = trainer.data.batch("train", range(8))
    padded = {k: torch.nn.functional.pad(v, (0, 3)) for k, v in batch.items()}
    with torch.no_grad():
        short = trainer.recipe.evaluate(batch, trainer.model)["loss"]
        long = trainer.recipe.evaluate(padded, trainer.model)["loss"]
    torch.testing.assert_close(short, long)


def test_a_node_added_shifts_no_other_weights():
    plain = make("perceptron")
    document = SEAMS["perceptron"]()
    document["network"]["nodes"].insert(1, {"id": "spare", "kind": "linear", "config": {"out_features": 3}})
    document["network"]["edges"].append({"source": "x", "target": "spare"})
    wider = Trainer(Experiment.model_validate(document))
    assert torch.equal(plain.model.module("unit").weight, wider.model.module("unit").weight)
