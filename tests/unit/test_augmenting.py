"""Augmentations against references in NumPy and SciPy, and what they do to a training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from tests.contract.export_cases import IMAGES, node, on_images, on_rows

from torchglass.augment import _pictures as pictures
from torchglass.catalog import parse_experiment, validate
from torchglass.checking.augmented import check_augment
from torchglass.datasets.mnist import Mnist
from torchglass.protocol.worker import WatchSpec
from torchglass.recipes.base import RECIPES
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import Problem
from torchglass.training.randomness import generator
from torchglass.training.steppers.chain import NotAChainError, read_chain
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService

SCALED = [{"kind": "standardize", "config": {"field": "image"}}]


def stream(key: str = "x") -> torch.Generator:
    return generator(3, "augment", 1, key)


def images(count: int = 6, channels: int = 2, height: int = 9, width: int = 7) -> torch.Tensor:
    return torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def reference(image: np.ndarray, matrix: np.ndarray, outside: str) -> np.ndarray:
    """One channel (H, W), read between its pixels by SciPy; its axes are (y, x)."""
    swapped = matrix[:2, :2][::-1, ::-1]
    middle = (np.array(image.shape) - 1) / 2
    offset = middle + matrix[:2, 2][::-1] - swapped @ middle
    padded = np.pad(image, 40, mode="edge" if outside == "border" else "constant")
    moved = ndimage.affine_transform(padded, swapped, offset + 40 - swapped @ np.full(2, 40.0), order=1)
    return moved[40:-40, 40:-40]


@pytest.mark.parametrize("outside", ["border", "zeros"])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [("translate", (0.3,)), ("rotate", (80,)), ("scale", (0.5,)), ("reflect", (0.5, 0.5)), ("crop", (2,))],
)
def test_movements_read_where_a_reference_does(kind: str, settings: tuple[float, ...], outside: str) -> None:
    before = images()
    matrix = getattr(pictures, kind)(before, stream(), *settings)
    assert matrix.shape == (6, 3, 3)
    after = pictures.moved(before, matrix, outside)
    for row in range(6):
        for channel in range(2):
            expected = reference(before[row, channel].numpy(), matrix[row].numpy(), outside)
            np.testing.assert_allclose(after[row, channel].numpy(), expected, atol=1e-9, err_msg=f"{row} {channel}")


def test_draws_stay_within_their_settings_and_use_all_of_them() -> None:
    many = torch.zeros(4000, 1, 10, 20)
    shift = pictures.translate(many, stream(), 0.25)[:, :2, 2]
    assert shift.abs().amax(0).tolist() == pytest.approx([5.0, 2.5], rel=0.01)
    turned = pictures.rotate(many, stream(), 30)
    assert torch.rad2deg(torch.atan2(turned[:, 1, 0], turned[:, 0, 0])).abs().max() == pytest.approx(30, rel=0.01)
    sizes = 1 / pictures.scale(many, stream(), 0.5)[:, 0, 0]
    assert (float(sizes.min()), float(sizes.max())) == pytest.approx((1 / 1.5, 1.5), rel=0.01)
    assert set(pictures.crop(many, stream(), 2)[:, 0, 2].tolist()) == {-2.0, -1.0, 0.0, 1.0, 2.0}
    flipped = (pictures.reflect(many, stream(), 0.3, 0.0)[:, [0, 1], [0, 1]] < 0).float().mean(0)
    assert flipped.tolist() == pytest.approx([0.3, 0.0], abs=0.03)


def test_mirrored_left_and_right_is_numpy_flipped() -> None:
    before = images()
    after = pictures.moved(before, pictures.reflect(before, stream(), 1.0, 0.0), "zeros")
    np.testing.assert_allclose(after.numpy(), before.numpy()[..., ::-1], atol=1e-12)


def test_movements_in_one_pass_are_those_one_after_the_other() -> None:
    """A half turn and a shift by whole pixels: nothing is read between pixels, so both ways agree exactly."""
    before = images(height=8, width=8)
    turn = pictures.still(before)
    turn[:, 0, 0] = turn[:, 1, 1] = -1
    shift = pictures.crop(before, stream(), 2)
    one = pictures.moved(before, turn @ shift, "zeros")
    two = pictures.moved(pictures.moved(before, turn, "zeros"), shift, "zeros")
    torch.testing.assert_close(one, two, atol=1e-12, rtol=0)


def test_intensity_is_a_stretch_about_the_mean_and_a_shift() -> None:
    before = images()
    after = pictures.intensity(before, stream(), 0.3, 0.4).numpy()
    drawn = torch.rand(2, 6, 1, 1, 1, generator=stream(), dtype=torch.float32).double().numpy() * 2 - 1
    mean = before.numpy().mean((1, 2, 3), keepdims=True)
    np.testing.assert_allclose(after, (before.numpy() - mean) * (1 + 0.4 * drawn[0]) + mean + 0.3 * drawn[1])


def test_cutout_covers_one_square_of_every_picture() -> None:
    before = images(count=400, height=20, width=20) + 1
    covered = (pictures.cutout(before, stream(), 0.3, -1.0) == -1).numpy()
    assert (covered[:, 0] == covered[:, 1]).all()
    for mask in covered[:, 0]:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert len(rows) <= 6
        assert len(columns) <= 6
        assert mask.sum() == len(rows) * len(columns)
    assert covered.mean() == pytest.approx(0.09 * 0.86, abs=0.01)  # some reach over the edge


def test_mixup_blends_pairs_by_a_share_from_the_beta_distribution() -> None:
    before = images()
    after, partner, share = pictures.mixup(before, stream(), 0.4)
    assert sorted(partner.tolist()) == list(range(6))
    expected = share.numpy() * before.numpy() + (1 - share.numpy()) * before.numpy()[partner.numpy()]
    np.testing.assert_allclose(after.numpy(), expected)
    for alpha in (0.1, 0.4, 1.0):
        shares = [float(pictures.mixup(before[:1], stream(f"{alpha}{k}"), alpha)[2]) for k in range(1500)]
        assert stats.kstest(shares, stats.beta(alpha, alpha).cdf).pvalue > 0.001


def document(*kinds: str, **more: Any) -> Experiment:
    raw = on_images(node("conv", "conv2d"))
    raw["data"] = {**IMAGES, "config": {}, **more, "augment": [{"kind": kind, "config": {}} for kind in kinds]}
    return parse_experiment(raw)


def test_the_loss_of_a_mixed_pair_is_that_of_both_labels_by_their_shares() -> None:
    trainer = Trainer(document("mixup"), device="cpu", threads=1)
    batches = (trainer.data.augmented(torch.arange(16), step) for step in range(1, 99))
    batch = next(one for one in batches if 0.2 < one["mixup.share"] < 0.8)
    share, second = float(batch["mixup.share"]), batch["label.second"]
    with torch.no_grad():
        outputs = trainer.model.run(batch)
    log = torch.log_softmax(outputs["out"], 1)
    rows = torch.arange(16)
    first, other = log[rows, batch["label"]], log[rows, second]
    loss = trainer.recipe.loss(outputs, batch)
    assert loss is not None
    assert float(loss) == pytest.approx(float(-(share * first + (1 - share) * other).mean()), rel=1e-5)
    said = outputs["out"].argmax(1)
    right = [float((said == label).float().mean()) for label in (batch["label"], second)]
    accuracy = trainer.recipe.measures(outputs, batch)["accuracy"]
    assert float(accuracy) == pytest.approx(share * right[0] + (1 - share) * right[1])


def test_test_examples_and_evaluation_are_never_touched() -> None:
    plain, changed = (Trainer(document(*kinds), device="cpu", threads=1) for kinds in ((), ("rotate", "mixup")))
    for split in ("train", "test"):
        mine, theirs = changed.data.batch(split, [0, 5]), plain.data.batch(split, [0, 5])
        assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    (mine, theirs) = (list(one.evaluate("test"))[-1] for one in (changed, plain))
    assert mine == theirs


def losses(trainer: Trainer, steps: int) -> list[float]:
    found: list[float] = []
    while len(found) < steps:
        found += trainer.run(steps - len(found)).metrics["loss"].tolist()
    return found


def test_resuming_needs_only_the_step() -> None:
    whole = Trainer(document("translate", "cutout", "mixup"), device="cpu", threads=1)
    expected = losses(whole, 9)
    first = Trainer(document("translate", "cutout", "mixup"), device="cpu", threads=1)
    assert losses(first, 4) == expected[:4]
    again = Trainer(document(), device="cpu", threads=1)
    again.restore(first.snapshot())
    assert losses(again, 5) == expected[4:]


def test_it_is_taken_over_and_given_up_while_it_trains_without_reading_the_data_again() -> None:
    trainer = Trainer(document(), device="cpu", threads=1)
    plain = losses(Trainer(document(), device="cpu", threads=1), 6)
    assert losses(trainer, 2) == plain[:2]
    data, epoch = trainer.data, trainer.epoch
    kept = trainer.snapshot()
    assert not trainer.change(document("rotate")).data
    assert trainer.data is data
    assert trainer.epoch == epoch
    assert losses(trainer, 1) != plain[2:3]
    trainer.restore(kept)
    assert losses(trainer, 4) == plain[2:]


def test_the_compiled_step_refuses_in_words() -> None:
    raw = on_images()
    raw["data"]["batch_size"] = 8
    read_chain(Trainer(parse_experiment(raw), device="cpu", threads=1))
    raw["data"] = {**raw["data"], "augment": [{"kind": "rotate", "config": {}}]}
    trainer = Trainer(parse_experiment(raw), device="cpu", threads=1)
    assert trainer.stepper.kind == "eager"
    with pytest.raises(NotAChainError, match="its pictures are augmented"):
        read_chain(trainer)


@pytest.mark.parametrize(
    ("raw", "words", "field"),
    [
        (on_rows(), "works on pictures, and this data has none", "data.augment.0.config.field"),
        (on_images(), "“label” is no picture; there is: image.", "data.augment.0.config.field"),
    ],
)
def test_fields_that_are_no_pictures_are_refused_in_words(raw: Any, words: str, field: str) -> None:
    raw = {**raw, "data": {**raw["data"], "augment": [{"kind": "rotate", "config": {"field": "label"}}]}}
    (problem,) = validate(parse_experiment(raw)).problems
    assert words in problem.message
    assert problem.field == field


def test_pairs_need_a_recipe_that_reads_two_targets_and_come_once() -> None:
    twice = validate(document("mixup", "mixup")).problems
    assert [problem.field for problem in twice] == ["data.augment.1.kind"]
    assert "twice" in twice[0].message
    found: list[Problem] = []
    data = document("mixup").data
    check_augment(data, Mnist(Mnist.Config()).fields(), RECIPES["perceptron"], "data", found)
    assert [problem.message for problem in found] == [
        "Mixup gives every example two targets, and the recipe “Perceptron rule” reads only one."
    ]


def test_the_strip_shows_the_batch_that_is_trained_next_and_moves_nothing() -> None:
    """Original and augmented side by side, with both labels where pairs are mixed."""
    trainer = Trainer(document("translate", "mixup", prepare=SCALED), device="cpu", threads=1)
    trainer.run(1)
    stored, fed = trainer.data.peek(trainer.cursor, 16, trainer.step + 1)
    sent: list[tuple[dict[str, Any], bytes]] = []
    service = WatchingService(trainer, lambda header, body: sent.append((header, bytes(body))))
    service.set_watches([WatchSpec(stream=1, probe="fed", source="test:0", rate=60.0, options={"count": 5})])
    service.serve(False)
    ((header, body),) = sent
    assert header["shape"] == [5, 2, 1, 28, 28]
    pictures = np.frombuffer(body, np.uint8).reshape(header["shape"])
    assert (pictures[:, 0] == stored["image"][:5]).all()
    mean, std = (float(trainer.data.fitted[0][name]) for name in ("mean", "std"))
    expected = np.clip((fed["image"][:5].numpy() * std + mean) * 255, 0, 255)
    assert np.abs(pictures[:, 1] - expected).max() < 1
    assert header["extra"]["labels"] == [str(int(label)) for label in stored["label"][:5]]
    assert header["extra"]["seconds"] == [str(int(label)) for label in fed["label.second"][:5]]
    assert header["extra"]["share"] == pytest.approx(float(fed["mixup.share"]))
    trained = trainer.data.next_batch(trainer.cursor, 16, trainer.step + 1)
    assert torch.equal(trained["image"], fed["image"])


def test_the_strip_shows_pixels_in_the_order_that_the_network_gets() -> None:
    mixed = [{"kind": "permute", "config": {"field": "image", "seed": 1}}, *SCALED]
    trainer = Trainer(document(prepare=mixed), device="cpu", threads=1)
    sent: list[tuple[dict[str, Any], bytes]] = []
    service = WatchingService(trainer, lambda header, body: sent.append((header, bytes(body))))
    service.set_watches([WatchSpec(stream=1, probe="fed", source="test:0", rate=60.0, options={"count": 3})])
    service.serve(False)
    ((header, body),) = sent
    pictures = np.frombuffer(body, np.uint8).reshape(header["shape"]).astype(int)
    stored, fed = pictures[:, 0].reshape(3, -1), pictures[:, 1].reshape(3, -1)
    order = np.random.default_rng(1).permutation(28 * 28)
    assert np.abs(fed - stored[:, order]).max() <= 1
    assert np.abs(fed - stored).max() > 100
