"""Small experiments to edit while they train, and what one looks at afterwards."""

from __future__ import annotations

import numpy as np
import torch
from tests.seams.fixtures import chain, experiment, node

from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer


def document(nodes, edges, data="two_blobs", **training):
    return experiment(
        "edits",
        {"kind": data, "batch_size": 16},
        {"nodes": nodes, "edges": edges},
        {"kind": "supervised", "config": {"output": "out", "target": "label"}},
        optimizers={"model": {"kind": "adam", "config": {"lr": 0.01}}},
        precision="float64",
        stepper="eager",
        **training,
    )


def made(raw, steps=0):
    trainer = Trainer(Experiment.model_validate(raw))
    train(trainer, steps)
    return trainer


def train(trainer, steps):
    losses = []
    while len(losses) < steps:
        losses.extend(trainer.run(steps - len(losses)).metrics["loss"])
    return np.array(losses)


def state(trainer):
    """Every number by what it is, as NumPy copies: weights, buffers, ``node.parameter:slot``."""
    found = {name: value.detach().numpy().copy() for name, value in trainer.model.parameters_by_name().items()}
    found |= {name: value.numpy().copy() for name, value in trainer.model.buffers_by_name().items()}
    for role in trainer.context.roles.values():
        for slot, flat in role.state.items():
            for name, view in trainer.storage.views(flat, role.start).items():
                found[f"{name}:{slot}"] = view.numpy().copy()
    return found


def dense(width=6, inputs=None, **training):
    nodes = [
        node("x", "input", field="point"),
        node("inputs", "features", **(inputs or {})),
        node("hidden", "linear", out_features=width),
        node("act", "tanh"),
        node("out", "linear", out_features=2),
    ]
    return document(nodes, chain("x", "inputs", "hidden", "act", "out"), **training)


def images(filters=3, kernel=3, second=4):
    nodes = [
        node("x", "input", field="image"),
        node("conv", "conv2d", out_channels=filters, kernel_size=kernel, padding=kernel // 2, stride=4),
        node("norm", "batch_norm"),
        node("act", "relu"),
        node("conv2", "conv2d", out_channels=second, kernel_size=3),
        node("flat", "flatten"),
        node("out", "linear", out_features=10),
    ]
    raw = document(nodes, chain("x", "conv", "norm", "act", "conv2", "flat", "out"), "mnist")
    raw["data"]["split"] = {"train": 64, "test": 16}
    return raw


def change(trainer, raw):
    return trainer.change(Experiment.model_validate(raw))


def answers(trainer):
    """What the network says about the first test examples."""
    trainer.model.eval()
    with torch.no_grad():
        outputs = trainer.model.run(trainer.data.batch("test", range(8)))
    return outputs["out"].numpy().copy()


def equal(found, expected):
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def grown(old, fresh, shape, axes, quiet=()):
    """``old`` in the corner of a tensor of ``shape``; the rest is ``fresh``, or zero where only a ``quiet`` axis is
    new. ``axes``: for each axis the new places of the old numbers."""
    new = fresh.copy()
    places = np.indices(shape)
    was = [np.isin(places[axis], axes[axis]) for axis in range(len(shape))]
    loud = np.ones(shape, bool)
    for axis in range(len(shape)):
        if axis not in quiet:
            loud &= was[axis]
    new[loud] = 0.0
    new[np.ix_(*axes)] = old
    return new
