"""Data sets hold what they say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from torchglass.datasets import emoji, mnist
from torchglass.datasets.base import DATASETS


def test_mnist_is_the_whole_of_it() -> None:
    data = DATASETS.make("mnist", {}).load(0)
    images, labels = data.train["image"], data.train["label"]
    assert isinstance(images, np.memmap)
    assert images.mean(dtype=np.float64) / 255 == pytest.approx(0.1307, abs=1e-4)
    assert images.std(dtype=np.float64) / 255 == pytest.approx(0.3081, abs=1e-4)
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert len(data.test["image"]) == len(data.test["label"]) == 10_000


@pytest.mark.parametrize(("digits", "first"), [("0-4", 0), ("5-9", 5), ("0-9", 0)])
def test_mnist_is_halved_and_cut_to_so_many_of_each_digit(digits: str, first: int) -> None:
    whole = DATASETS.make("mnist", {}).load(0)
    part = DATASETS.make("mnist", {"digits": digits, "per_class": 20})
    data, classes = part.load(0), part.fields()["label"].classes
    assert classes == tuple(map(str, range(first, first + len(classes))))
    assert np.bincount(data.train["label"]).tolist() == [20] * len(classes)
    assert part.counts() == (len(data.train["image"]), len(data.test["image"]))
    for split in ("train", "test"):
        mine, all_of_it = getattr(data, split), getattr(whole, split)
        rows = np.flatnonzero(all_of_it["label"] == first + 2)[:20]
        assert (mine["image"][mine["label"] == 2][:20] == all_of_it["image"][rows]).all()
    uncut = DATASETS.make("mnist", {"digits": digits})
    assert uncut.counts() == tuple(len(getattr(uncut.load(0), split)["label"]) for split in ("train", "test"))


def test_missing_mnist_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mnist, "BUNDLED", tmp_path)
    with pytest.raises(ValueError, match="make setup"):
        DATASETS.make("mnist", {}).load(0)


def test_reversed_words() -> None:
    data = DATASETS.make("reverse_sequences", {"letters": 5, "longest": 6}).load(1).train
    for row in range(200):
        word = data["source"][row][data["source_mask"][row]].tolist()
        expected = [*reversed(word), 2]
        assert data["target"][row][data["target_mask"][row]].tolist() == expected
        assert data["target_in"][row][data["target_mask"][row]].tolist() == [1, *expected[:-1]]
        for name, mask in (("source", "source_mask"), ("target", "target_mask"), ("target_in", "target_mask")):
            assert (data[name][row][~data[mask][row]] == 0).all()


def test_bars_and_stripes_are_whole_lines() -> None:
    pictures = DATASETS.make("bars_and_stripes", {"size": 3}).load(1).train["pixels"].reshape(-1, 3, 3)
    rows = (pictures == pictures[:, :, :1]).all(axis=(1, 2))
    columns = (pictures == pictures[:, :1, :]).all(axis=(1, 2))
    assert (rows | columns).all()
    assert rows.any()
    assert columns.any()
    assert len(np.unique(pictures.reshape(-1, 9), axis=0)) == 14


def test_points_lie_where_they_should() -> None:
    blobs = DATASETS.make("two_blobs", {}).load(1).train
    centres = [blobs["point"][blobs["label"] == label].mean(0) for label in (0, 1)]
    assert np.linalg.norm(centres[1] - centres[0]) == pytest.approx(4.0, abs=0.2)
    ring = DATASETS.make("ring", {}).load(1).train
    assert np.linalg.norm(ring["point"], axis=1).mean() == pytest.approx(2.0, abs=0.05)
    assert set(ring["cluster"]) == set(range(8))


def test_patterns_and_copies() -> None:
    tokens = DATASETS.make("token_patterns", {"tokens": 8}).load(1).train["tokens"]
    steps = np.diff(tokens - 1, axis=1) % 8
    assert set(np.unique(steps)) == {1, 2}
    assert (steps == steps[:, :1]).all()
    copies = DATASETS.make("copy_memory", {"length": 3, "pause": 2}).load(1).train
    assert (copies["tokens"][:, :3] == copies["target"][:, -3:]).all()
    assert (copies["target_mask"] == (np.arange(8) >= 5)).all()


def test_emoji_are_tested_on_glyphs_that_were_never_seen() -> None:
    none, train, both = (DATASETS.make("emoji", {"tones": tones}) for tones in ("none", "train", "both"))
    assert [data.counts() for data in (none, train, both)] == [(1529, 377), (3064, 377), (3064, 717)]
    arrays = train.load(0)
    assert np.bincount(arrays.test["label"]).max() < 0.21 * 377  # nothing is won by saying the most frequent class
    names = {
        name: [line.split("\t")[0] for line in (emoji.BUNDLED / f"emoji_{name}_names.txt").read_text().splitlines()]
        for name in ("train", "test")
    }
    assert [len(names["train"]), len(names["test"])] == [3064, 717]
    tones = re.compile("-1F3F[B-F]")
    glyphs = {name: {tones.sub("", code).replace("-FE0F", "") for code in codes} for name, codes in names.items()}
    shared = glyphs["train"] & glyphs["test"]
    assert not shared, shared
    assert np.array_equal(arrays.train["image"][:1529], none.load(0).train["image"])
    assert isinstance(arrays.train["image"].base, np.memmap)
    assert arrays.train["image"][:, :, 0, 0].mean() > 250  # corners are paper


def test_missing_emoji_say_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(emoji, "BUNDLED", tmp_path)
    with pytest.raises(ValueError, match="make setup"):
        DATASETS.make("emoji", {}).load(0)


def test_small_digits_are_the_whole_of_it() -> None:
    arrays = DATASETS.make("digits", {}).load(0)
    images = np.concatenate([arrays.train["image"], arrays.test["image"]])
    assert (len(images), int(images.min()), int(images.max())) == (1797, 0, 255)
    whole = np.bincount(np.concatenate([arrays.train["label"], arrays.test["label"]]))
    assert whole.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
