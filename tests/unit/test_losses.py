"""Losses and preparation against numbers worked out otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from torchglass.losses.base import LOSSES
from torchglass.prepare.base import PREPARES
from torchglass.spec.shapes import Shape


def test_cross_entropy_of_even_guessing_is_log_k() -> None:
    loss = LOSSES.make("cross_entropy", {})
    assert loss.value(torch.zeros(4, 10), torch.arange(4)).item() == pytest.approx(math.log(10))


def test_cross_entropy_equals_torch_with_and_without_padding() -> None:
    loss = LOSSES.make("cross_entropy", {})
    logits, target = torch.randn(3, 5, 7), torch.randint(0, 7, (3, 5))
    mask = torch.rand(3, 5) > 0.4
    ignored = target.masked_fill(~mask, -100)
    expected = functional.cross_entropy(logits.flatten(0, 1), ignored.flatten(), ignore_index=-100)
    assert torch.allclose(loss.value(logits, target, mask), expected)
    right = (logits.argmax(-1) == target)[mask].float().mean()
    assert torch.allclose(loss.metrics(logits, target, mask)["accuracy"], right)


def test_squared_error_and_binary_cross_entropy_equal_torch() -> None:
    output, target = torch.randn(6, 4), torch.rand(6, 4)
    assert torch.allclose(LOSSES.make("mse", {}).value(output, target), functional.mse_loss(output, target))
    expected = functional.binary_cross_entropy_with_logits(output, target)
    assert torch.allclose(LOSSES.make("binary_cross_entropy", {}).value(output, target), expected)


def test_binary_cross_entropy_of_one_score_and_a_label() -> None:
    loss = LOSSES.make("binary_cross_entropy", {})
    assert loss.problem(Shape.vector(1), Shape.label(), 2) is None
    output, labels = torch.tensor([[20.0], [-20.0]]), torch.tensor([1, 1])
    assert loss.value(output, labels).item() == pytest.approx(10.0)
    assert loss.metrics(output, labels)["accuracy"].item() == 0.5


def test_far_off_scores_stay_finite() -> None:
    for kind in ("cross_entropy", "binary_cross_entropy"):
        output = torch.tensor([[1e30, -1e30]], requires_grad=True)
        target = torch.tensor([1]) if kind == "cross_entropy" else torch.tensor([[0.0, 1.0]])
        value = LOSSES.make(kind, {}).value(output, target)
        value.backward()
        assert torch.isfinite(output.grad).all()


def test_standardise_images_by_one_number_and_vectors_by_feature() -> None:
    random = np.random.default_rng(0)
    prepare = PREPARES.make("standardize", {"field": "image"})
    images = random.random((9000, 1, 4, 4), dtype=np.float32) * 3 + 1
    fitted = prepare.fit(iter([images[:100], images[100:8000], images[8000:]]))
    assert fitted["mean"].shape == fitted["std"].shape == (1,)
    assert fitted["mean"][0] == pytest.approx(images.mean(dtype=np.float64), rel=1e-6)
    assert fitted["std"][0] == pytest.approx(images.std(dtype=np.float64), rel=1e-6)
    vectors = random.standard_normal((500, 3)).astype(np.float32) * [1, 5, 0] + [0, 2, 7]
    fitted = prepare.fit([vectors[:7].astype(np.float32), vectors[7:].astype(np.float32)])
    done = prepare.apply(torch.from_numpy(vectors), {name: torch.from_numpy(array) for name, array in fitted.items()})
    assert torch.allclose(done.mean(0), torch.zeros(3, dtype=done.dtype), atol=1e-5)
    assert done.std(0, correction=0)[:2].tolist() == pytest.approx([1, 1], abs=1e-4)
    assert fitted["std"][2] == 1


@pytest.mark.parametrize("shape", [(3000, 1, 7, 7), (3000, 5), (3000,)])
@pytest.mark.parametrize("offset", [0, 4000])
def test_standardising_block_by_block_gives_what_the_whole_gives(shape: tuple[int, ...], offset: float) -> None:
    """The mean and deviation of the whole in double precision, to the last digit that is kept; however far the values
    lie from zero, and also where the first block is not like the others."""
    values = np.random.default_rng(1).random(shape, dtype=np.float32) * 3 + np.float32(offset)
    values[:200] *= 0.5
    axes = (0,) if len(shape) == 2 else tuple(range(len(shape)))
    fitted = PREPARES.make("standardize", {}).fit(np.array_split(values, 13))
    whole = {"mean": values.mean(axes, dtype=np.float64), "std": values.std(axes, dtype=np.float64)}
    for name, expected in whole.items():
        np.testing.assert_array_equal(fitted[name], np.atleast_1d(expected).astype(np.float32))


def test_distances_equal_torch() -> None:
    output, target = torch.randn(6, 4) * 3, torch.randn(6, 4)
    assert torch.allclose(LOSSES.make("l1", {}).value(output, target), functional.l1_loss(output, target))
    expected = functional.huber_loss(output, target, delta=0.7)
    assert torch.allclose(LOSSES.make("huber", {"delta": 0.7}).value(output, target), expected)


def test_logistic_loss_is_binary_cross_entropy_and_soft_margin() -> None:
    output, labels = torch.randn(9, 1) * 4, torch.randint(0, 2, (9,))
    logistic = LOSSES.make("logistic", {}).value(output, labels)
    assert torch.allclose(logistic, LOSSES.make("binary_cross_entropy", {}).value(output, labels))
    assert torch.allclose(logistic, functional.soft_margin_loss(output[:, 0], labels * 2.0 - 1))


def test_hinge_equals_torch_for_two_and_for_several_classes() -> None:
    hinge = LOSSES.make("hinge", {})
    scores, labels = torch.randn(9, 5) * 2, torch.randint(0, 5, (9,))
    assert torch.allclose(hinge.value(scores, labels), functional.multi_margin_loss(scores, labels))
    assert hinge.metrics(scores, labels)["accuracy"] == (scores.argmax(1) == labels).float().mean()
    score, answer = torch.randn(9, 1) * 2, torch.randint(0, 2, (9,))
    by_hand = np.maximum(0, 1 - score.numpy()[:, 0] * (answer.numpy() * 2 - 1)).mean()
    assert hinge.value(score, answer).item() == pytest.approx(by_hand)
    assert hinge.problem(Shape.vector(1), Shape.label(), 2) is None
    assert hinge.problem(Shape.vector(5), Shape.label(), 5) is None
    assert "10 classes" in (hinge.problem(Shape.vector(3), Shape.label(), 10) or "")


def test_one_against_the_rest_is_the_sum_of_separate_yes_no_questions() -> None:
    scores, labels = torch.randn(9, 5) * 2, torch.randint(0, 5, (9,))
    rest = LOSSES.make("one_vs_rest", {})
    yes_no = LOSSES.make("binary_cross_entropy", {})
    apart = sum(yes_no.value(scores[:, k : k + 1], (labels == k).long()) for k in range(5))
    assert torch.allclose(rest.value(scores, labels), torch.as_tensor(apart))
    assert torch.allclose(rest.read(scores), scores.sigmoid())


def test_a_binary_code_reads_bits_from_the_highest_on() -> None:
    code = LOSSES.make("binary_code", {})
    assert [code.units(classes) for classes in (2, 3, 4, 5, 8, 9)] == [1, 2, 2, 3, 3, 4]
    surely = torch.tensor([[9.0, -9.0, 9.0], [9.0, 9.0, 9.0]])  # 101 and 111: class 5, and a code of no class
    assert code.read(surely).argmax(1).tolist() == [5, 7]
    assert code.metrics(surely, torch.tensor([5, 3]))["accuracy"] == 0.5
    scores = torch.randn(9, 3)
    bits = np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)])
    p = scores.sigmoid().numpy()
    by_hand = np.prod(np.where(bits[None] == 1, p[:, None], 1 - p[:, None]), axis=2)
    assert np.allclose(code.read(scores).numpy(), by_hand, atol=1e-6)
    target = torch.randint(0, 5, (9,))
    wanted = torch.as_tensor(bits[target], dtype=torch.float32)
    assert torch.allclose(code.value(scores, target), functional.binary_cross_entropy_with_logits(scores, wanted))


def test_a_class_number_claims_that_classes_lie_on_a_line() -> None:
    number = LOSSES.make("class_number", {"classes": 4})
    output, target = torch.tensor([[0.2], [1.75], [-7.0], [99.0]]), torch.tensor([0, 1, 0, 3])
    assert torch.allclose(number.value(output[:2], target[:2]), torch.tensor((0.04 + 0.5625) / 2))
    expected = torch.tensor([[0.8, 0.2, 0, 0], [0, 0.25, 0.75, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    assert torch.allclose(number.read(output), expected)
    assert number.metrics(output, target)["accuracy"] == 0.75
    assert "5" in (number.problem(Shape.vector(1), Shape.label(), 5) or "")
    assert number.problem(Shape.vector(1), Shape.label(), 4) is None


def test_gaussian_likelihood_equals_torch_and_says_an_interval() -> None:
    gaussian = LOSSES.make("gaussian", {})
    output, target = torch.randn(40, 2), torch.randn(40)
    mean, variance = output[:, 0], output[:, 1].exp()
    expected = functional.gaussian_nll_loss(mean, target, variance, full=True)
    assert torch.allclose(gaussian.value(output, target), expected)
    read = gaussian.read(output)
    expected = torch.stack([mean, mean - variance.sqrt(), mean + variance.sqrt()], dim=1)
    assert torch.allclose(read, expected, atol=1e-6)  # a bound near 0 is a difference of numbers near 1
    within = ((target > read[:, 1]) & (target < read[:, 2])).float().mean()
    assert gaussian.metrics(output, target)["within"] == within
    far = torch.tensor([[0.0, 1e9], [0.0, -1e9]])
    assert torch.isfinite(gaussian.value(far, torch.zeros(2)))
    assert "2 units" in (gaussian.problem(Shape.vector(1), Shape(()), 0) or "")
