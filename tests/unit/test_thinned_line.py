"""Dropout left on at prediction: the spread of thinned networks, against its formula and against the training."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.presets import load_preset
from torchglass.protocol.worker import WatchSpec
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService


def band(trainer: Trainer, draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(places, mean, standard deviation), as a panel gets them."""
    sent: list[tuple[dict[str, Any], bytes]] = []
    service = WatchingService(trainer, lambda header, body: sent.append((header, bytes(body))))
    asked = WatchSpec(stream=0, probe="line", source="test:0", rate=60.0, options={"draws": draws, "size": 90})
    service.set_watches([asked])
    service.serve(False)
    [(header, body)] = sent
    mean, low, high = np.frombuffer(body, header["dtype"]).reshape(header["shape"])
    cell = (header["extra"]["hi"] - header["extra"]["lo"]) / 90
    return header["extra"]["lo"] + (np.arange(90) + 0.5) * cell, mean, (high - low) / 2


@pytest.mark.parametrize("form", ["pytorch", "textbook"])
def test_mean_and_spread_are_those_of_the_formula(form: str) -> None:
    raw = load_preset("mc-dropout").model_dump(mode="json")
    kept = [node for node in raw["network"]["nodes"] if node["id"] not in ("dropout1", "hidden2", "relu2")]
    for node in kept:
        if node["kind"] == "dropout":
            node["config"] = {"p": 0.5, "form": form}
    edges = [("input", "hidden1"), ("hidden1", "relu1"), ("relu1", "dropout2"), ("dropout2", "output")]
    raw["network"] = {"nodes": kept, "edges": [{"source": a, "target": b} for a, b in edges]}
    trainer = Trainer(Experiment.model_validate(raw), device="cpu", threads=1)
    trainer.run(200)
    places, mean, spread = band(trainer, 200)
    network = trainer.model
    with torch.no_grad():
        x = torch.tensor(places, dtype=torch.float32)[:, None]
        hidden = network.module("relu1")(network.module("hidden1")(x)).double()
        weight, bias = (value.double() for value in network.module("output").parameters())
    # Of Σ wⱼ mⱼ hⱼ / (1 − p) with mⱼ Bernoulli: mean Σ wⱼ hⱼ, variance Σ (wⱼ hⱼ)² p / (1 − p), here with p = 1/2.
    scale = 1.0 if form == "pytorch" else 0.5
    expected = scale * (hidden * weight[0]).square().sum(1).sqrt().numpy()
    assert np.allclose(spread, expected, rtol=0.2)
    middle = (scale * (hidden * weight[0]).sum(1) + bias).numpy()
    assert (np.abs(mean - middle) < 5 * expected / np.sqrt(200)).all()


def test_they_differ_more_where_there_are_no_points_and_looking_changes_nothing() -> None:
    watched, alone = (Trainer(load_preset("mc-dropout"), device="cpu", threads=1) for _ in range(2))
    while watched.step < 6000:
        watched.run(1000)
        places, _, spread = band(watched, 60)
    while alone.step < 6000:
        alone.run(1000)
    assert torch.equal(watched.storage.flat, alone.storage.flat)
    gap, points = np.abs(places) < 0.8, (np.abs(places) > 1.2) & (np.abs(places) < 2.8)
    assert spread[gap].mean() > 1.1 * spread[points].mean()


def test_a_network_without_dropout_has_none() -> None:
    trainer = Trainer(load_preset("universal-approximation"), device="cpu", threads=1)
    sent: list[dict[str, Any]] = []
    service = WatchingService(trainer, lambda header, body: sent.append(header))
    service.set_watches([WatchSpec(stream=0, probe="line", source="test:0", rate=60.0, options={"draws": 10})])
    service.serve(False)
    assert all(header["type"] != "frame" for header in sent), json.dumps(sent)
