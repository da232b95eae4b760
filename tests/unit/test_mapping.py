"""A map by t-SNE of what a layer says: progress, places that keep neighbours together, and refusals."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.protocol.studies import MapPoints, MapRequest, StudyProgress
from torchglass.training.trainer import Trainer
from torchglass.worker.dreaming import NoStudyError
from torchglass.worker.mapping import mapped


def test_a_map_keeps_images_of_a_digit_together_and_says_how_far_it_is() -> None:
    raw = load_preset("mnist-softmax").model_dump(mode="json")
    raw["data"]["split"] = {"train": 2000, "test": 300}
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    while subject.step < 30:
        subject.run(30 - subject.step)
    told = list(mapped(subject, MapRequest(node="dense", examples=300, perplexity=20)))
    steps = [one for one in told if isinstance(one, StudyProgress)]
    maps = [one for one in told if isinstance(one, MapPoints)]
    assert [(one.done, one.total) for one in steps[:3]] == [(250, 300), (300, 300), (0, 4)]
    assert len(maps) == 4
    places = np.frombuffer(base64.b64decode(maps[-1].places), "<f4").reshape(300, 2)
    labels = np.frombuffer(base64.b64decode(maps[-1].labels), "<i2")
    assert labels.tolist() == subject.data.raw("test", range(300))["label"].reshape(-1).tolist()
    distances = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(300)
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.6  # 0.1 by chance
    with pytest.raises(NoStudyError, match="no layer"):
        list(mapped(subject, MapRequest(node="gone")))
