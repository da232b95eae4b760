"""Small experiments to edit while they train, and what one looks at afterwards."""

from __future__ import annotations

import numpy as np
from tests.seams.fixtures import experiment

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
