"""Convolutions in the compiled step: the same training as PyTorch's, for every form that it takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.contract.side_by_side import check_same, losses, pair
from torchglass.catalog import parse_experiment
from torchglass.training.steppers import build
from torchglass.training.steppers.native import Native
from torchglass.training.trainer import Trainer


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    assert build.main() == 0


Layers = list[tuple[str, dict[str, Any]]]
POOL: tuple[str, dict[str, Any]] = ("max_pool2d", {"kernel_size": 2})
END: Layers = [("flatten", {}), ("linear", {"out_features": 10})]


def conv(filters: int, **config: Any) -> tuple[str, dict[str, Any]]:
    return ("conv2d", {"out_channels": filters, **config})


def document(layers: Layers, *, data: str = "digits", batch: int = 13, **training: Any) -> dict[str, Any]:
    """Those layers on pictures of 8 × 8 digits; 59 of them, so that the last batch is smaller."""
    kinds: Layers = [("input", {"field": "image"}), *layers]
    ids = [f"{kind}_{number}" for number, (kind, _) in enumerate(kinds)]
    return {
        "seed": 4,
        "data": {"kind": data, "config": {}, "batch_size": batch, "split": {"train": 59, "test": 20}},
        "network": {
            "nodes": [
                {"id": one, "kind": kind, "config": config} for one, (kind, config) in zip(ids, kinds, strict=True)
            ],
            "edges": [{"source": a, "target": b} for a, b in pairwise(ids)],
        },
        "recipe": {
            "kind": "supervised",
            "config": {"output": ids[-1], "target": "label", "loss": {"kind": "cross_entropy", "config": {}}},
        },
        "training": {
            "optimizers": {"model": {"kind": "sgd", "config": {"lr": 0.1, "momentum": 0.5}}},
            "precision": "float64",
            **training,
        },
    }


FORMS: dict[str, Layers] = {
    "two blocks": [conv(8, kernel_size=3, padding=1), ("relu", {}), POOL, conv(16, kernel_size=3), ("relu", {}), POOL],
    "no relu, no bias": [conv(5, kernel_size=3, padding=1, bias=False), POOL],
    "stride, rows left over": [
        conv(9, kernel_size=2, stride=2, padding=3), ("relu", {}), ("max_pool2d", {"kernel_size": 3}),
    ],
    "one by one": [conv(3, kernel_size=1), POOL, conv(4, kernel_size=1), ("relu", {}), POOL],
    "three blocks": [
        conv(4, kernel_size=3, padding=2), ("relu", {}), POOL, conv(12, kernel_size=4, padding=2), ("relu", {}), POOL,
        conv(7, kernel_size=2), ("relu", {}), POOL,
    ],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_block(form: str) -> None:
    check_same(document([*FORMS[form], *END]), 60)


def test_dense_layers_dropout_penalties_and_limits_behind_convolutions() -> None:
    behind: Layers = [
        ("flatten", {}), ("linear", {"out_features": 6}), ("tanh", {}), ("dropout", {"p": 0.3}), ("identity", {}),
        ("linear", {"out_features": 10}),
    ]  # fmt: skip
    settings: dict[str, Any] = {"regularization": {"l1": 0.001, "l2": 0.01, "max_norm": 0.8}, "gradient_clipping": 0.2}
    check_same(document([*FORMS["two blocks"], *behind], **settings), 60)


def test_coloured_pictures() -> None:
    layers: Layers = [conv(4, kernel_size=5, stride=2), ("relu", {}), ("max_pool2d", {"kernel_size": 4})]
    check_same(document([*layers, ("flatten", {}), ("linear", {"out_features": 9})], data="emoji"), 20)


def test_single_precision_and_going_on_from_a_checkpoint() -> None:
    raw = document([*FORMS["two blocks"], *END], precision="float32")
    eager, native = pair(raw)
    np.testing.assert_allclose(losses(native, 20)["loss"], losses(eager, 20)["loss"], rtol=1e-4)
    again = Trainer(parse_experiment({**raw, "training": {**raw["training"], "stepper": "native", "stop": {}}}))
    again.restore(native.snapshot())
    expected = losses(native, 40)["loss"]
    np.testing.assert_array_equal(losses(again, 40)["loss"], expected[-20:])


def test_a_number_that_is_none_comes_through() -> None:
    """As in PyTorch, so that the run can say so and go back."""
    _, native = pair(document([*FORMS["two blocks"], *END]))
    native.assign("conv2d_1", "weight", [0, 0, 0, 0], float("nan"))
    assert np.isnan(native.run(1).metrics["loss"]).all()


def test_what_it_cannot_take_is_said_in_words() -> None:
    def reason(layers: Layers, end: Layers = END, **more: Any) -> str:
        return Native.refuses(Trainer(parse_experiment(document([*layers, *end], **more)))) or ""

    few: tuple[str, dict[str, Any]] = conv(4, kernel_size=3)
    assert "without overlap" in reason([few, ("relu", {})])
    assert "without overlap" in reason([few, ("max_pool2d", {"kernel_size": 3, "stride": 2})])
    assert "without overlap" in reason([few, ("tanh", {}), POOL])
    assert "Batch norm" in reason([few, POOL, ("batch_norm", {})])
    assert "gaps" in reason([conv(4, kernel_size=2, dilation=2), POOL])
    assert "channels" in reason([conv(64, kernel_size=3), POOL])
    assert "dense layers have" in reason(
        [few, POOL], [("flatten", {}), ("linear", {"out_features": 30_000}), ("linear", {"out_features": 10})]
    )
    assert "precision" in reason([few, POOL], precision="bfloat16")
