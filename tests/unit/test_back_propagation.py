"""Back-propagation by hand against autograd, on 200 random networks of dense layers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.probes._curves import CURVES as CURVES_BY_HAND
from torchglass.probes.back_propagation import walk
from torchglass.probes.base import PROBES, Picture, Target
from torchglass.recipes.base import RECIPES
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources

CURVES = [*CURVES_BY_HAND, "prelu"]  # each in turn
#: Loss, data, units of the output.
ENDS: list[tuple[dict[str, Any], str, dict[str, Any], int]] = [
    ({"kind": "binary_cross_entropy", "config": {}}, "circle", {}, 1),
    ({"kind": "logistic", "config": {}}, "circle", {}, 1),
    ({"kind": "hinge", "config": {}}, "circle", {}, 1),
    ({"kind": "cross_entropy", "config": {}}, "spiral", {"classes": 3}, 3),
    ({"kind": "hinge", "config": {}}, "spiral", {"classes": 3}, 3),
    ({"kind": "mse", "config": {}}, "plane", {}, 1),
    ({"kind": "l1", "config": {}}, "plane", {}, 1),
    ({"kind": "huber", "config": {"delta": 0.3}}, "plane", {}, 1),
]


def network(draw: np.random.Generator, seed: int) -> dict[str, Any]:
    """A random graph: dense layers and curves, each reading an earlier one, joined here and there by sum, product or
    concatenation, so that values are read twice and gradients meet."""
    loss, data, settings, units = ENDS[seed % len(ENDS)]
    nodes: list[dict[str, Any]] = [{"id": "x", "kind": "input", "config": {"field": "point"}}]
    edges: list[dict[str, str]] = []
    width = {"x": 2}

    def add(kind: str, sources: list[str], size: int, config: dict[str, Any] | None = None) -> str:
        name = f"n{len(nodes)}"
        nodes.append({"id": name, "kind": kind, "config": config or {}})
        edges.extend({"source": source, "target": name} for source in sources)
        width[name] = size
        return name

    for _ in range(int(draw.integers(1, 6))):
        source = str(draw.choice(list(width)))
        size = int(draw.integers(1, 6))
        bias, scale = bool(draw.integers(2)), 1.5
        dense = add(
            "linear",
            [source],
            size,
            {"out_features": size, "bias": bias, "initial": "normal", "initial_scale": scale},
        )
        bent = add(CURVES[(seed + len(nodes)) % len(CURVES)], [dense], size)
        twins = [name for name, other in width.items() if other == size and name != bent]
        if draw.integers(2):
            join = str(draw.choice(["add", "multiply", "concatenate"]))
            other = str(draw.choice(twins))
            add(join, [bent, other], 2 * size if join == "concatenate" else size)
    add("linear", [nodes[-1]["id"]], units, {"out_features": units})
    return {
        "version": 1,
        "seed": seed,
        "data": {"kind": data, "config": {"count": 20, **settings}, "batch_size": 10},
        "network": {"nodes": nodes, "edges": edges},
        "recipe": {
            "kind": "supervised",
            "config": {"output": nodes[-1]["id"], "target": "value" if data == "plane" else "label", "loss": loss},
        },
        "training": {
            "precision": "float64",
            "stepper": "eager",
            "optimizers": {"model": {"kind": "sgd", "config": {}}},
        },
    }


def view(trainer: Trainer, source: str = "train:3") -> View:
    return View(Moment(trainer, Sources(trainer.data), Pinned(trainer), [source], 0, 0.0, False), source)


def by_autograd(trainer: Trainer, batch: Any) -> tuple[float, dict[str, torch.Tensor]]:
    named = dict(trainer.model.parameters_by_name())
    loss = trainer.recipe.loss(trainer.model.run(batch), batch)
    assert loss is not None
    found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    return float(loss.detach()), {name: g for name, g in zip(named, found, strict=True) if g is not None}


@pytest.mark.parametrize("block", range(8))
def test_it_equals_autograd(block: int) -> None:
    """25 networks a block."""
    for seed in range(25 * block, 25 * block + 25):
        trainer = Trainer(parse_experiment(network(np.random.default_rng(seed), seed)), device="cpu", threads=1)
        with Looking(trainer.model)():
            seen = view(trainer)
            _, passed, loss, _ = walk(seen)
            with torch.enable_grad():
                expected, gradients = by_autograd(trainer, seen.example())
        assert loss == pytest.approx(expected, rel=1e-9, abs=1e-12), seed
        found = {f"{node}.{name}": g for node, one in passed.items() for name, g in one.parameters.items()}
        assert set(found) == set(gradients), seed
        for name, gradient in gradients.items():
            np.testing.assert_allclose(found[name], gradient.numpy(), rtol=1e-6, atol=1e-9, err_msg=f"{seed} {name}")


def look(trainer: Trainer, **options: Any) -> Picture:
    with Looking(trainer.model)():
        probe = PROBES.make("back_propagation", options)
        picture = probe.capture(Target(source="train:3"), view(trainer))
    assert picture is not None
    return picture


def test_the_update_of_one_weight_is_made_of_its_factors() -> None:
    trainer = Trainer(load_preset("xor-mlp"), device="cpu", threads=1)
    chosen = look(trainer, layer="output", unit=0, input=1).extra["chosen"]
    assert chosen["gradient"] == pytest.approx(chosen["delta"] * chosen["value"])
    assert chosen["terms"][0]["value"] == pytest.approx(chosen["gradient"], rel=1e-5)
    assert (chosen["layer"], chosen["unit"], chosen["input"]) == ("output", 0, 1)


def test_what_is_no_dense_layer_is_named() -> None:
    trainer = Trainer(load_preset("batch-norm"), device="cpu", threads=1)
    assert "no dense layer" in look(trainer).extra["problem"]
    perceptron = Trainer(load_preset("perceptron"), device="cpu", threads=1)
    assert "no loss to go back from" in look(perceptron).extra["problem"]


def forgetful(**training: Any) -> Trainer:
    document = dict(RECIPES["supervised"].example)
    recipe = {**document["recipe"], "config": {**document["recipe"]["config"], "zero_gradients": False}}
    optimizers = {"model": {"kind": "sgd", "config": {"lr": 0.1}}}
    document |= {
        "data": {"kind": "circle", "config": {"count": 40}, "batch_size": 20},
        "recipe": recipe,
        "training": {"precision": "float64", "optimizers": optimizers, **training},
    }
    return Trainer(parse_experiment(document), device="cpu", threads=1)


@pytest.mark.parametrize("training", [{}, {"regularization": {"l2": 0.1}, "gradient_clipping": 0.2}])
def test_gradients_that_are_never_cleared_add_up(training: dict[str, Any]) -> None:
    """Against a plain loop that leaves out ``zero_grad``; penalty and clipping act on a copy of the sum."""
    trainer = forgetful(**training)
    weights = {name: p.detach().clone() for name, p in trainer.model.parameters_by_name().items()}
    sums = {name: torch.zeros_like(value) for name, value in weights.items()}
    penalty, limit = training.get("regularization", {}).get("l2", 0.0), training.get("gradient_clipping")
    for _ in range(4):
        _, gradients = by_autograd(trainer, trainer.data.batch("train", range(20)))
        sums = {name: total + gradients[name] for name, total in sums.items()}
        pulls = {n: g + penalty * weights[n] * (weights[n].dim() > 1) for n, g in sums.items()}
        norm = torch.cat([g.flatten() for g in pulls.values()]).norm()
        factor = min(1.0, limit / (float(norm) + 1e-6)) if limit else 1.0
        weights = {name: value - 0.1 * factor * pulls[name] for name, value in weights.items()}
        trainer.run(1)
        for name, parameter in trainer.model.parameters_by_name().items():
            torch.testing.assert_close(parameter.detach(), weights[name], rtol=1e-9, atol=1e-12)


def test_a_forgetful_run_goes_on_from_a_checkpoint_with_the_same_numbers() -> None:
    whole, parted = forgetful(), forgetful()
    for trainer, length in ((whole, 6), (parted, 3)):
        while trainer.step < length:
            trainer.run(length - trainer.step)
    resumed = forgetful()
    resumed.restore(parted.snapshot())
    for _ in range(3):
        resumed.run(1)
    pairs = itertools.zip_longest(
        whole.model.parameters_by_name().values(), resumed.model.parameters_by_name().values()
    )
    assert all(torch.equal(a, b) for a, b in pairs)


def test_of_larger_layers_any_window_is_shown_and_a_curve_follows_what_feeds_it() -> None:
    trainer = Trainer(load_preset("overfit"), device="cpu", threads=1)
    dense, curve = (node.id for node in trainer.subject.network.nodes if node.id in ("hidden1", "tanh1", "relu1"))
    whole = PROBES.make("back_propagation", {"windows": {}})
    late = PROBES.make("back_propagation", {"windows": {dense: 9999}})

    def layers(probe: Any) -> dict[str, Any]:
        with Looking(trainer.model)():
            view = View(Moment(trainer, Sources(trainer.data), Pinned(trainer), [], 0, 0.0, False), "test:0")
            picture = probe.capture(Target(), view)
        assert picture is not None
        return {layer["id"]: layer for layer in picture.extra["layers"]}

    first, last = layers(whole), layers(late)
    size = first[dense]["size"]
    assert (first[dense]["first"], last[dense]["first"]) == (0, size - 12)
    assert last[curve]["first"] == size - 12
    assert last[curve]["root"] == dense
    weights = trainer.model.parameter(f"{dense}.weight").detach().double().numpy()
    np.testing.assert_allclose(last[dense]["weights"], weights[-12:], rtol=1e-6)
    follows = next(layer for layer in last.values() if curve in layer["sources"] and layer["kind"] == "linear")
    own = trainer.model.parameter(f"{follows['id']}.weight").detach().double().numpy()
    np.testing.assert_allclose(follows["weights"], own[:12, -12:], rtol=1e-6)
