"""The images behind the cells of the confusion matrix: as many as it counts, and the worst mistakes first."""

from __future__ import annotations

import numpy as np
import torch
from looking import Looker

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.training.trainer import Trainer
from torchglass.worker.quantise import encode


def test_every_cell_opens_as_many_images_as_it_counts() -> None:
    raw = load_preset("mnist-softmax").model_dump(mode="json")
    raw["data"]["split"] = {"train": 2000, "test": 500}
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    while subject.step < 40:
        subject.run(40 - subject.step)
    look = Looker(subject)
    counts = look("confusion")
    assert counts is not None
    truth, said = np.unravel_index(np.argmax(counts.values * (1 - np.eye(10))), (10, 10))
    cell = look("answers", truth=int(truth), said=int(said), count=3)
    assert cell is not None
    assert cell.extra["total"] == counts.values[truth, said] > 0
    assert set(cell.extra["labels"]) == {truth}
    assert set(cell.extra["predicted"]) == {said}
    pictures = subject.data.raw("test", cell.extra["indices"])["image"]
    assert np.array_equal(cell.values.reshape(pictures.shape), pictures)
    worst = look("answers", count=256)
    assert worst is not None
    assert worst.extra["total"] == counts.values.sum() - np.trace(counts.values)
    assert all(a != b for a, b in zip(worst.extra["labels"], worst.extra["predicted"], strict=True))
    assert worst.extra["confidence"] == sorted(worst.extra["confidence"], reverse=True)
    with torch.no_grad():
        subject.model.eval()
        first = subject.data.batch("test", worst.extra["indices"][:1])
        read = subject.recipe.predict(subject.model.run(first))
    assert read is not None
    assert abs(float(read.max()) - worst.extra["confidence"][0]) < 1e-3


def test_an_empty_cell_is_an_empty_picture() -> None:
    subject = Trainer(load_preset("mnist-softmax"), device="cpu", threads=1)
    empty = Looker(subject)("answers", truth=10)
    assert empty is not None
    fields, body = encode(empty)
    assert fields["shape"] == [0, 1, 28, 28]
    assert body == b""
