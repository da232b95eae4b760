"""Points in the plane lie where their rule says, and the tables keep the shares of their classes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from torchglass.datasets._plane import REACH, folded
from torchglass.datasets.base import DATASETS


def points(kind: str, **config: object) -> tuple[np.ndarray, np.ndarray]:
    """Both splits together."""
    data = DATASETS.make(kind, {"count": 4000, **config}).load(5)
    target = "label" if "label" in data.train else "value"
    return tuple(np.concatenate([split[name] for split in (data.train, data.test)]) for name in ("point", target))


def test_circle_and_exclusive_or_without_noise_follow_their_rule() -> None:
    point, label = points("circle")
    radius = np.linalg.norm(point, axis=1)
    assert (label == (radius < 3)).all()
    assert not ((radius > 2.51) & (radius < 3.49)).any()
    point, label = points("xor")
    assert (label == (point.prod(1) > 0)).all()
    assert (np.abs(point) >= 0.3).all()


def test_spiral_arms_are_half_a_turn_apart() -> None:
    point, label = points("spiral")
    radius = np.linalg.norm(point, axis=1)
    angle = 2 * np.pi * 1.75 * radius / 5 + np.pi * (1 - label)
    np.testing.assert_allclose(point, radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1), atol=1e-4)
    assert radius.max() <= 5


def test_clouds_moons_and_checks() -> None:
    point, label = points("gaussians")
    np.testing.assert_allclose(point[label == 1].mean(0), [2, 2], atol=0.1)
    assert point[label == 0].var() == pytest.approx(0.5, rel=0.1)
    point, label = points("moons")
    upper = point[label == 0] - [-1.5, -0.75]
    assert np.linalg.norm(upper, axis=1).mean() == pytest.approx(3, abs=0.05)
    point, label = points("checkerboard")
    assert (label == (np.floor(point[:, 0] / 3) + np.floor(point[:, 1] / 3)) % 2).all()


def test_surfaces() -> None:
    point, value = points("plane")
    np.testing.assert_allclose(value, point.sum(1) / 12, atol=1e-6)
    point, value = points("bumps")
    near = np.linalg.norm(point - [4, -2.5], axis=1)
    np.testing.assert_allclose(value[near < 2], near[near < 2] / 2 - 1, atol=1e-5)
    assert value.min() < -0.8
    assert value.max() > 0.8


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_more_classes_stand_evenly_around_the_middle(classes: int) -> None:
    for kind in ("gaussians", "spiral"):
        fields = DATASETS.make(kind, {"classes": classes}).fields()
        assert len(fields["label"].classes) == classes
        point, label = points(kind, classes=classes)
        assert np.bincount(label).tolist() == pytest.approx([4000 / classes] * classes, abs=2)
        turn = 2 * np.pi / classes * (1 if kind == "gaussians" else -1)
        back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        if kind == "spiral":  # drawn as (sin, cos): angles run clockwise
            back = back.T
        centres = [point[label == k].mean(0) for k in range(classes)]
        for one, following in pairwise(centres):
            np.testing.assert_allclose(back @ following, one, atol=0.25)


def test_another_data_seed_draws_other_points() -> None:
    assert np.array_equal(points("moons")[0], points("moons", seed=0)[0])
    assert not np.array_equal(points("moons")[0], points("moons", seed=1)[0])


@pytest.mark.parametrize("kind", ["circle", "gaussians", "xor", "spiral", "moons", "checkerboard", "plane", "bumps"])
def test_noise_stays_inside_the_plane_and_changes_something(kind: str) -> None:
    point, target = points(kind, noise=0.5)
    calm = points(kind)
    assert np.abs(point).max() <= REACH
    assert not (np.array_equal(point, calm[0]) and np.array_equal(target, calm[1]))


def test_what_leaves_the_plane_is_reflected() -> None:
    np.testing.assert_allclose(folded(np.array([[7.0, -8.5], [0.0, 40.0]])), [[5.0, -3.5], [0.0, 6.0]])


def test_tables_are_split_by_class_and_every_row_is_there_once() -> None:
    data = DATASETS.make("wine", {"test_share": 0.25})
    assert data.counts() == (178 - 15 - 18 - 12, 45)
    splits = data.load(1)
    assert np.bincount(splits.test["label"]).tolist() == [15, 18, 12]
    together = np.concatenate([splits.train["features"], splits.test["features"]])
    assert len(np.unique(together, axis=0)) == 178
    assert np.array_equal(splits.test["features"], data.load(9).test["features"])
    assert data.fields()["features"].columns[-1] == "proline"
    assert splits.train["features"][:, -1].mean() > 500


def test_a_table_of_numbers_has_no_classes() -> None:
    data = DATASETS.make("diabetes", {})
    splits = data.load(1)
    assert data.fields()["value"].classes == ()
    assert splits.train["value"].dtype == np.float32
    together = np.concatenate([splits.train["value"], splits.test["value"]])
    assert (together.min(), together.max()) == (25, 346)
    assert [len(splits.train["value"]), len(splits.test["value"])] == list(data.counts())
