"""Dense layers with nothing between them are one matrix: against the network itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from torchglass.presets import load_preset
from torchglass.probes.product import SHOWN, dense_chain
from torchglass.protocol.worker import WatchSpec
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService


def captured(trainer: Trainer) -> tuple[dict, np.ndarray]:
    sent: list[tuple[dict, bytes]] = []
    service = WatchingService(trainer, lambda header, body: sent.append((header, bytes(body))))
    service.set_watches([WatchSpec(stream=0, probe="product", source="test:3", rate=60.0)])
    service.serve(False)
    [(header, body)] = sent
    json.dumps(header["extra"], allow_nan=False)
    return header["extra"], np.frombuffer(body, header["dtype"])


def test_the_product_says_what_the_layers_say() -> None:
    trainer = Trainer(load_preset("linear-collapse"), device="cpu", threads=1)
    trainer.run(40)
    extra, values = captured(trainer)
    assert extra["nodes"] == ["hidden1", "hidden2", "output"]
    assert (extra["numbers"], extra["instead"]) == (105, 3)
    assert extra["difference"] < 1e-5
    assert extra["network"] == pytest.approx(extra["matrix"], abs=1e-5)
    product, bias = values[-3:-1], values[-1]
    points = torch.randn(20, 2)
    with torch.no_grad():
        said = trainer.model.run({"point": points})["output"][:, 0].numpy()
    assert np.allclose(points.numpy() @ product + bias, said, atol=1e-5)


def test_large_matrices_are_cut_and_say_so() -> None:
    raw = load_preset("mnist-softmax").model_dump(mode="json")
    last = raw["network"]["nodes"][-1]
    raw["network"]["nodes"].insert(-1, {"id": "wide", "kind": "linear", "config": {"out_features": 100}})
    before = next(edge for edge in raw["network"]["edges"] if edge["target"] == last["id"])
    raw["network"]["edges"].append({"source": "wide", "target": last["id"]})
    before["target"] = "wide"
    raw["data"]["split"] = {"train": 100, "test": 50}
    extra, values = captured(Trainer(Experiment.model_validate(raw), device="cpu", threads=1))
    assert extra["rows"] == [100, 10, 10]
    assert extra["columns"] == [784, 100, 784]
    assert len(values) == sum(r * c for r, c in zip(extra["shown_rows"], extra["shown_columns"], strict=True)) + 10
    assert max(extra["shown_columns"]) == SHOWN
    assert extra["difference"] < 1e-4


def test_a_chain_ends_where_something_bends() -> None:
    assert dense_chain(load_preset("spiral-mlp").network) == ["hidden1"]
