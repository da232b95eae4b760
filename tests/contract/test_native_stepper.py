"""The native stepper trains the same network as the eager one: float64 over 200 steps, float32 step by step."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from torchglass.catalog import parse_experiment
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.presets import load_preset, presets
from torchglass.training.checkpoints import Checkpoint
from torchglass.training.steppers import build, chain
from torchglass.training.steppers.native import Native
from torchglass.training.trainer import Trainer


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    assert build.main() == 0


def document(
    *,
    hidden: dict[str, Any] | None = None,
    loss: dict[str, Any] | None = None,
    optimizer: dict[str, Any] | None = None,
    data: str = "moons",
    units: int = 1,
    batch: int = 7,
    **training: Any,
) -> dict[str, Any]:
    """features → dense 5 → hidden → dense 4 → tanh → output, on points of the plane."""
    hidden = hidden or {"kind": "tanh", "config": {}}
    regression = data in ("plane", "bumps")
    nodes = [
        {"id": "point", "kind": "input", "config": {"field": "point"}},
        {"id": "features", "kind": "features", "config": {"x1": True, "x2": True, "product": True}},
        {"id": "first", "kind": "linear", "config": {"out_features": 5}},
        {"id": "hidden", **hidden},
        {"id": "second", "kind": "linear", "config": {"out_features": 4, "bias": False}},
        {"id": "tanh", "kind": "tanh", "config": {}},
        {"id": "output", "kind": "linear", "config": {"out_features": units}},
    ]
    ids = [node["id"] for node in nodes]
    return {
        "seed": 3,
        "data": {"kind": data, "config": {"count": 101}, "batch_size": batch},
        "network": {
            "nodes": nodes,
            "edges": [{"source": a, "target": b} for a, b in pairwise(ids)],
        },
        "recipe": {
            "kind": "supervised",
            "config": {
                "output": "output",
                "target": "value" if regression else "label",
                "loss": loss or {"kind": "binary_cross_entropy", "config": {}},
            },
        },
        "training": {
            "optimizers": {"model": optimizer or {"kind": "sgd", "config": {"lr": 0.05}}},
            "precision": "float64",
            **training,
        },
    }


def losses(trainer: Trainer, steps: int) -> dict[str, np.ndarray]:
    pieces: dict[str, list[np.ndarray]] = {}
    while trainer.step < steps:
        for name, values in trainer.run(min(37, steps - trainer.step)).metrics.items():
            pieces.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in pieces.items()}


def pair(raw: dict[str, Any]) -> tuple[Trainer, Trainer]:
    """The experiment with the eager stepper and with the native one; neither ends by itself."""
    training = {**raw["training"], "stop": {}}
    trainers = [
        Trainer(parse_experiment({**raw, "training": {**training, "stepper": kind}})) for kind in ("eager", "native")
    ]
    assert [trainer.stepper.kind for trainer in trainers] == ["eager", "native"], trainers[1].resolved.reason
    return trainers[0], trainers[1]


def check_same(raw: dict[str, Any], steps: int = 200) -> None:
    eager, native = pair(raw)
    expected, found = losses(eager, steps), losses(native, steps)
    assert set(expected) == set(found)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12, err_msg=name)
    theirs, ours = eager.snapshot(), native.snapshot()
    for fact in ("step", "epoch", "used", "updates"):
        assert ours.facts[fact] == theirs.facts[fact]
    for name, tensor in theirs.tensors.items():
        np.testing.assert_allclose(ours.tensors[name], tensor, rtol=1e-7, atol=1e-10, err_msg=name)


def accepted_presets() -> list[str]:
    found = []
    for preset in presets():
        trainer = Trainer(load_preset(preset))
        try:
            chain.read_chain(trainer)
            found.append(preset)
        except chain.NotAChainError:
            continue
    return found


@pytest.mark.parametrize("preset", accepted_presets())
def test_presets_over_200_steps(preset: str) -> None:
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"]["precision"] = "float64"
    check_same(raw)


@pytest.mark.parametrize("preset", accepted_presets())
def test_single_precision_from_20_states(preset: str) -> None:
    eager, native = pair(load_preset(preset).model_dump(mode="json"))
    own = {"experiment": native.experiment.model_dump(mode="json"), "resolved": native.resolved.model_dump(mode="json")}
    for _ in range(20):
        state = eager.snapshot()
        native.restore(Checkpoint(state.tensors, {**state.facts, **own}))
        theirs, ours = eager.run(1), native.run(1)
        np.testing.assert_allclose(ours.metrics["loss"], theirs.metrics["loss"], rtol=1e-4)
        np.testing.assert_allclose(native.storage.flat, eager.storage.flat, rtol=1e-4, atol=1e-5)
        losses(eager, eager.step + 6)


ACTIVATIONS: list[dict[str, Any]] = [
    *({"kind": kind, "config": {}} for kind in sorted(chain.INSIDE - {"linear"})),
    {"kind": "leaky_relu", "config": {"negative_slope": 0.3}},
    {"kind": "gelu", "config": {"approximate": "tanh"}},
    {"kind": "softplus", "config": {"beta": 3.0}},
    {"kind": "elu", "config": {"alpha": 0.5}},
    {"kind": "prelu", "config": {"per_channel": True}},
    {"kind": "step", "config": {"threshold": 0.2, "straight_through": False}},
    {"kind": "dropout", "config": {"p": 0.2}},
    {"kind": "dropout", "config": {"p": 0.0}},
    {"kind": "dropout", "config": {"p": 0.3, "form": "textbook"}},
    {"kind": "dropout", "config": {"p": 0.0, "form": "forgotten"}},
    {"kind": "leaky_relu", "config": {"negative_slope": 4.0, "form": "textbook"}},
]


@pytest.mark.parametrize("hidden", ACTIVATIONS, ids=lambda layer: f"{layer['kind']}{layer['config'] or ''}")
def test_every_activation_of_the_chain(hidden: dict[str, Any]) -> None:
    check_same(document(hidden=hidden))


@pytest.mark.parametrize("kind", sorted(chain.LOSSES))
def test_every_loss(kind: str) -> None:
    numbers = LOSSES[kind].group == "Numbers"
    units = 2 if kind == "cross_entropy" else 1
    check_same(document(loss={"kind": kind, "config": {}}, data="bumps" if numbers else "moons", units=units))
    if kind == "mse":
        check_same(document(loss={"kind": kind, "config": {"form": "textbook"}}, data="bumps"))
    if kind == "hinge":
        check_same(document(loss={"kind": kind, "config": {}}, units=2))


@pytest.mark.parametrize("kind", sorted(OPTIMIZERS))
def test_every_optimizer(kind: str) -> None:
    config = {"momentum": 0.8, "nesterov": True, "lr": 0.02} if kind == "sgd" else {}
    check_same(document(optimizer={"kind": kind, "config": config}))
    if kind == "sgd":
        check_same(document(optimizer={"kind": kind, "config": config}, form="textbook"))


def test_penalties_clipping_schedule_and_ragged_batches() -> None:
    settings: dict[str, Any] = {
        "regularization": {"l1": 0.003, "l2": 0.01},
        "gradient_clipping": 0.05,
        "schedule": {"kind": "cosine", "config": {"steps": 150, "lowest": 0.1}},
    }
    check_same(document(**settings))
    # 70 training examples: batches of 23 leave one over, which joins the batch before it.
    check_same(document(batch=23, **settings))


@pytest.mark.parametrize("settings", [{"clip_value": 0.01}, {"clip_value": 0.05, "gradient_clipping": 0.1}])
def test_limits_on_gradients_and_weights(settings: dict[str, Any]) -> None:
    check_same(document(**settings))
    check_same(document(**settings, regularization={"max_norm": 0.3, "l2": 0.01}))


def test_both_follow_the_same_edits() -> None:
    """Wider, other inputs, another activation, data, loss, a weight by hand, and back, every ten steps."""
    raw = document()
    trainers = pair(raw)
    changes: list[tuple[str, str, Any]] = [
        ("first", "config", {"out_features": 8}),
        ("features", "config", {"x1": False, "sin_x2": True}),
        ("hidden", "kind", "relu"),
        ("first", "config", {"out_features": 3}),
        ("features", "config", {"x1": True}),
        ("first", "config", {"out_features": 8}),
    ]
    for number, (node_id, field, value) in enumerate(changes):
        node = next(node for node in raw["network"]["nodes"] if node["id"] == node_id)
        node[field] = {**node["config"], **value} if field == "config" else value
        raw["data"]["config"]["noise"] = 0.05 * number
        found = []
        for trainer in trainers:
            kind = trainer.stepper.kind
            training = {**raw["training"], "stepper": kind}
            trainer.change(parse_experiment({**raw, "training": training}))
            trainer.assign("second", "weight", [1, 2], 0.1 * number)
            assert trainer.stepper.kind == kind, trainer.resolved.reason
            found.append(losses(trainer, 10 * (number + 1)))
        np.testing.assert_allclose(found[1]["loss"], found[0]["loss"], rtol=1e-8)


def test_what_it_cannot_take_is_said_in_words() -> None:
    def reason(raw: dict[str, Any]) -> str:
        return Native.refuses(Trainer(parse_experiment(raw))) or ""

    assert "batch norm" in reason(document(hidden={"kind": "batch_norm", "config": {}})).lower()
    assert "RReLU" in reason(document(hidden={"kind": "rrelu", "config": {}}))
    assert "precision" in reason(document(precision="bfloat16"))
    assert "Class number" in reason(document(loss={"kind": "class_number", "config": {}}))
    wide = document()
    wide["network"]["nodes"][2]["config"]["out_features"] = 60_000
    assert "multiply-adds" in reason(wide)
    skip = document()
    skip["network"]["nodes"].insert(4, {"id": "sum", "kind": "add", "config": {}})
    skip["network"]["edges"][3:4] = [
        {"source": "first", "target": "sum"},
        {"source": "hidden", "target": "sum"},
        {"source": "sum", "target": "second"},
    ]
    assert "several inputs" in reason(skip)
    assert Native.refuses(Trainer(load_preset("mnist-cnn")))


def test_every_layer_is_either_in_the_chain_or_refused_by_name() -> None:
    assert set(LAYERS) >= chain.INSIDE
    assert set(LAYERS) >= chain.BEFORE
    assert set(LOSSES) >= chain.LOSSES
    assert set(OPTIMIZERS) >= chain.OPTIMIZERS


def test_the_rule_its_reason_and_what_a_stored_run_goes_on_with() -> None:
    by_rule = Trainer(parse_experiment(document()))
    assert (by_rule.resolved.stepper, by_rule.stepper.kind) == ("native", "native")
    assert "compiled" in by_rule.resolved.reason
    forced = Trainer(parse_experiment(document(stepper="native", hidden={"kind": "rrelu", "config": {}})))
    assert forced.resolved.stepper == "eager"
    assert "asked for, but" in forced.resolved.reason

    stored = by_rule.snapshot()
    stored.facts["resolved"]["stepper"] = "eager"
    by_rule.restore(stored)
    assert by_rule.stepper.kind == "eager"
    by_rule.change(by_rule.experiment)
    assert by_rule.stepper.kind == "eager"
    by_rule.restart(3)
    assert by_rule.stepper.kind == "native"
    raw = document()
    raw["training"]["optimizers"]["model"]["config"]["lr"] = 0.2
    by_rule.change(parse_experiment(raw))
    assert by_rule.stepper.kind == "native"
