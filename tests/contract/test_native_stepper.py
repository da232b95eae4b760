"""The native stepper trains the same network as the eager one, for every layer, loss and optimizer that it takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.contract.side_by_side import check_same, losses, pair
from torchglass.catalog import parse_experiment
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.presets import load_preset
from torchglass.protocol.run import Mark
from torchglass.training.steppers import build, chain, compiled
from torchglass.training.steppers.native import Native
from torchglass.training.trainer import Trainer
from torchglass.worker.stepping import Stepping


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
    {"kind": "rrelu", "config": {"lower": 0.0, "upper": 1.0}},
    {"kind": "maxout", "config": {"out_features": 3, "pieces": 5}},
]


@pytest.mark.parametrize("hidden", ACTIVATIONS, ids=lambda layer: f"{layer['kind']}{layer['config'] or ''}")
def test_every_activation_of_the_chain(hidden: dict[str, Any]) -> None:
    check_same(document(hidden=hidden))


@pytest.mark.parametrize("kind", sorted(chain.LOSSES))
def test_every_loss(kind: str) -> None:
    numbers = LOSSES[kind].group == "Numbers"
    units = 2 if kind in ("cross_entropy", "one_vs_rest", "gaussian") else 1
    check_same(document(loss={"kind": kind, "config": {}}, data="bumps" if numbers else "moons", units=units))
    if kind in ("binary_code", "class_number"):
        five = document(units=3 if kind == "binary_code" else 1)
        five["data"] |= {"kind": "gaussians", "config": {"classes": 5, "count": 101}}
        five["recipe"]["config"]["loss"] = {"kind": kind, "config": {} if kind == "binary_code" else {"classes": 5}}
        check_same(five)
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


def test_slopes_are_drawn_across_layers() -> None:
    """Two layers of RReLU take one stream of numbers, as much of it as there are negative numbers."""
    raw = document(hidden={"kind": "rrelu", "config": {}}, batch=23)
    raw["network"]["nodes"][5] |= {"kind": "rrelu", "config": {"lower": 0.3, "upper": 0.9}}
    check_same(raw)


def test_a_chain_that_begins_with_maxout() -> None:
    raw = document(
        hidden={"kind": "maxout", "config": {"out_features": 3}}, regularization={"max_norm": 0.5, "l1": 0.01}
    )
    raw["network"]["nodes"][2] |= {"kind": "maxout", "config": {"out_features": 5, "pieces": 3}}
    check_same(raw)


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
    assert "precision" in reason(document(precision="bfloat16"))
    wide = document()
    wide["network"]["nodes"][2]["config"]["out_features"] = 60_000
    assert "multiply-adds" in reason(wide)
    wide["training"]["stepper"] = "native"
    assert not reason(wide), "who asks for it gets it"
    dropped = document(hidden={"kind": "rrelu", "config": {}})
    dropped["network"]["nodes"][5]["kind"] = "dropout"
    assert "draws" in reason(dropped)
    dropped["network"]["nodes"][3]["kind"], dropped["network"]["nodes"][5]["kind"] = "dropout", "rrelu"
    check_same(dropped)
    skip = document()
    skip["network"]["nodes"].insert(4, {"id": "sum", "kind": "add", "config": {}})
    skip["network"]["edges"][3:4] = [
        {"source": "first", "target": "sum"},
        {"source": "hidden", "target": "sum"},
        {"source": "sum", "target": "second"},
    ]
    assert "several inputs" in reason(skip)
    assert "without overlap" in (Native.refuses(Trainer(load_preset("lenet"))) or "")


def test_it_is_compiled_for_two_kinds_of_numbers_and_no_others() -> None:
    """Another type of an argument would have the kernel compiled anew, for half a minute, while somebody waits."""
    for precision in ("float32", "float64"):
        raw = document(precision=precision, hidden={"kind": "dropout", "config": {}}, regularization={"max_norm": 1})
        losses(pair(raw)[1], 50)
    assert len(compiled.kernel().train.signatures) == 2


def test_every_layer_is_either_in_the_chain_or_refused_by_name() -> None:
    assert set(LAYERS) >= chain.INSIDE
    assert set(LAYERS) >= chain.BEFORE
    assert set(LOSSES) >= chain.LOSSES
    assert set(OPTIMIZERS) >= chain.OPTIMIZERS


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adadelta"])
def test_another_stepper_copies_and_resets_nothing(optimizer: str) -> None:
    """Weights, optimizer state and the place in the data are the same bits in the same memory."""
    config = {"momentum": 0.9} if optimizer == "sgd" else {}
    raw = document(optimizer={"kind": optimizer, "config": config}, hidden={"kind": "dropout", "config": {}})
    trainer = Trainer(parse_experiment(raw))
    trainer.run(33)

    def memory() -> list[int]:
        state = [tensor for role in trainer.context.roles.values() for tensor in role.state.values()]
        return [tensor.data_ptr() for tensor in (trainer.storage.flat, trainer.storage.gradient, *state)]

    for kind in ("eager", "native", "eager"):
        before, where = trainer.snapshot(), memory()
        raw["training"]["stepper"] = kind
        trainer.change(parse_experiment(raw))
        assert trainer.stepper.kind == kind
        after = trainer.snapshot()
        assert memory() == where
        assert set(after.tensors) == set(before.tensors)
        for name, tensor in before.tensors.items():
            assert tensor.numpy().tobytes() == after.tensors[name].numpy().tobytes(), name
        other = {"resolved", "experiment"}
        assert {k: v for k, v in after.facts.items() if k not in other} == {
            k: v for k, v in before.facts.items() if k not in other
        }
        trainer.run(10)


def test_a_change_over_is_told_and_leaves_a_mark() -> None:
    """Unless somebody asked for that stepper, which has left a mark already (see ``worker.changes``)."""
    raw = document()
    trainer = Trainer(parse_experiment(raw))
    sent: list[Any] = []
    stepping = Stepping(trainer, sent.append)
    trainer.run(12)
    stepping.serve()
    assert sent == []
    raw["training"]["held"] = {"first": {"frozen": True}}
    trainer.change(parse_experiment(raw))
    stepping.serve()
    chosen, marked = sent
    assert chosen.resolved == trainer.resolved
    assert "frozen" in chosen.resolved.reason
    assert marked.mark == Mark(step=12, kind="stepper", label="eager stepper takes over")
    sent.clear()
    raw["training"] |= {"held": {}, "stepper": "native"}
    trainer.change(parse_experiment(raw))
    stepping.serve()
    assert [message.type for message in sent] == ["chosen"]


def test_the_rule_its_reason_and_what_a_stored_run_goes_on_with() -> None:
    by_rule = Trainer(parse_experiment(document()))
    assert (by_rule.resolved.stepper, by_rule.stepper.kind) == ("native", "native")
    assert "compiled" in by_rule.resolved.reason
    forced = Trainer(parse_experiment(document(stepper="native", hidden={"kind": "layer_norm", "config": {}})))
    assert forced.resolved.stepper == "eager"
    assert "asked for, but" in forced.resolved.reason
    assert "Layer norm" in forced.resolved.reason

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
