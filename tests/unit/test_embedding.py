"""What the layers know: principal components against NumPy, stable frames, nearest neighbours by brute force."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.probes._embedding import Principal, aligned
from torchglass.protocol.worker import FROM_WORKER, Feed, WatchSpec
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService


def trained(steps: int = 20) -> Trainer:
    raw = load_preset("mnist-cnn").model_dump(mode="json")
    raw["data"]["split"] = {"train": 500, "test": 300}
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    while subject.step < steps:
        subject.run(steps - subject.step)
    return subject


class Watcher:
    """Serves watches until each has sent its next picture."""

    def __init__(self, subject: Trainer, *asked: dict[str, Any], source: str = "test:4", budget: float = 1e9) -> None:
        self.frames: list[tuple[dict[str, Any], bytes]] = []
        ticks = itertools.count()  # a clock that goes on whenever somebody looks at it

        def send(header: dict[str, Any], body: bytes) -> None:
            self.frames.append((header, bytes(body)))

        self.service = WatchingService(subject, send, clock=lambda: next(ticks) / 20, budget=budget)
        self.service.set_watches([WatchSpec(stream=i, source=source, rate=60.0, **one) for i, one in enumerate(asked)])

    def next(self, training: bool = False) -> list[tuple[np.ndarray, dict[str, Any]]]:
        self.frames.clear()
        looks = 0
        while not self.frames:
            self.service.serve(training)
            looks += 1
            assert looks < 10_000
        return self.read()

    def point(self, slot: str, sample: str) -> None:
        """That slot stands for a stored example."""
        self.service.feed(Feed(slot=slot, sample=sample), b"")

    def read(self) -> list[tuple[np.ndarray, dict[str, Any]]]:
        """Values and extra of the frames that were sent."""
        found = []
        for header, body in self.frames:
            frame = FROM_WORKER.validate_python(header)
            assert frame.type == "frame", frame
            found.append((np.frombuffer(body, frame.dtype).reshape(frame.shape), dict(frame.extra)))
        return found


def outputs(subject: Trainer, split: str, count: int, node: str = "flatten") -> np.ndarray:
    subject.model.eval()
    with torch.no_grad():
        values = subject.model.run(subject.data.batch(split, list(range(count))))[node].flatten(1).double().numpy()
    subject.model.train()
    return np.asarray(values)


def test_the_plane_is_that_of_the_two_largest_singular_values() -> None:
    subject = trained()
    [(rows, extra)] = Watcher(subject, {"probe": "embedding", "options": {"layer": "flatten", "count": 250}}).next()
    values = outputs(subject, "test", 250)
    centred = values - values.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :2] * sizes[:2]
    assert rows.shape == (250, 4)
    assert extra["step"] == 20
    assert extra["share"] == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), rel=1e-3)
    mirrored = expected * np.sign((expected * rows[:, :2]).sum(axis=0))
    assert np.abs(rows[:, :2] - mirrored).max() < 0.01 * np.abs(expected).max()
    assert rows[:, 2].tolist() == subject.data.raw("test", range(250))["label"].reshape(-1).tolist()
    subject.model.eval()
    said = outputs(subject, "test", 250, "dense").argmax(axis=1)
    assert (rows[:, 3] == said).mean() > 0.995


def test_a_plane_is_found_from_the_one_before_and_odd_numbers_do_no_harm() -> None:
    rng, plane = np.random.default_rng(1), Principal()
    mixed = rng.normal(size=(12, 60)) * (0.9 ** np.arange(12))[:, None]
    for turn in range(4):  # each a little different from the last one
        values = rng.normal(size=(200, 12)) @ (mixed + 0.05 * turn) + 7.0
        places, share = plane.of(torch.from_numpy(values).float())
        left, sizes, _ = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
        assert share == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), rel=2e-3)
        expected = left[:, :2] * sizes[:2]
        assert np.abs(aligned(places, expected) - expected).max() < 0.05 * np.abs(expected).max()
    odd = torch.ones(50, 8)
    assert Principal().of(odd)[1] == 1.0
    odd[3, 4], odd[5, 1] = float("nan"), float("inf")
    places, share = Principal().of(odd)
    assert np.isfinite(places).all()
    assert share == pytest.approx(1.0, abs=1e-3)


def test_frames_lie_as_the_ones_before_and_belong_to_one_step_each() -> None:
    turned = np.array([[0.0, 1.0], [1.0, 0.0]])  # the axes exchanged: a mirror
    before = np.random.default_rng(0).normal(size=(40, 2)) * [3, 1]
    assert np.allclose(aligned(before @ turned, before), before, atol=1e-5)
    assert np.array_equal(aligned(before, before[:10]), before)
    subject = trained()
    watcher = Watcher(subject, {"probe": "embedding", "options": {"count": 250}})
    [(first, _)] = watcher.next(training=True)
    for _ in range(3):  # trains on while the blocks are gathered
        subject.run(1)
        [(then, extra)] = watcher.next(training=True)
        unaligned, _ = Principal().of(torch.from_numpy(outputs(subject, "test", 250)))
        assert extra["step"] == subject.step
        moved = np.abs(then[:, :2] - first[:, :2]).mean()
        assert moved <= np.abs(unaligned - first[:, :2]).mean() + 1e-3
        assert moved < 0.3 * np.abs(first[:, :2]).mean()
        first = then


def test_the_first_picture_does_not_wait_for_the_budget_and_the_next_one_does() -> None:
    subject = trained(1)
    watcher = Watcher(subject, {"probe": "embedding"}, budget=1e-9)
    assert watcher.next(training=True)[0][0].shape == (300, 4)
    watcher.frames.clear()
    for _ in range(50):
        subject.run(1)
        watcher.service.serve(True)
    assert watcher.frames == []


def test_the_nearest_images_are_those_of_brute_force() -> None:
    subject = trained()
    options = {"layer": "pool1", "k": 5, "count": 400}
    watcher = Watcher(subject, {"probe": "nearest", "options": options}, source="test:7")
    [(pictures, extra)] = watcher.next()
    features, here = outputs(subject, "train", 400, "pool1"), outputs(subject, "test", 8, "pool1")[7]
    distances = np.linalg.norm(features - here, axis=1)
    assert extra["indices"] == np.argsort(distances)[:5].tolist()
    assert extra["distances"] == pytest.approx(np.sort(distances)[:5], rel=1e-4)
    assert extra["mean"] == pytest.approx(distances.mean(), rel=1e-4)
    assert np.array_equal(pictures, subject.data.raw("train", extra["indices"])["image"].reshape(5, 1, 28, 28))
    own = Watcher(subject, {"probe": "nearest", "options": options}, source="train:33").next()[0][1]
    assert own["indices"][0] == 33
    assert own["distances"][0] == pytest.approx(0, abs=1e-3)


def test_the_training_does_not_notice_and_odd_layers_are_answered_in_words() -> None:
    def losses(watched: bool) -> bytes:
        subject, found = trained(2), b""
        asked = [{"probe": "embedding"}, {"probe": "nearest", "options": {"count": 300}}]
        watcher = Watcher(subject, *asked) if watched else None
        for _ in range(4):
            found += subject.run(1).metrics["loss"].tobytes()
            if watcher:
                watcher.next(training=True)
        return found

    assert losses(watched=True) == losses(watched=False)
    watcher = Watcher(trained(1), {"probe": "embedding", "options": {"layer": "gone"}})
    watcher.service.serve(False)
    assert "no layer 'gone'" in watcher.frames[0][0]["message"]
