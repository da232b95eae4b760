"""Both roads of a residual block: found in the graph, and measured against autograd on the whole."""

from __future__ import annotations

import numpy as np
import torch
from looking import Looker

from torchglass.presets import load_preset
from torchglass.probes.roads import Junction, Road, junctions
from torchglass.spec.network import Edge, Network, Node
from torchglass.training.trainer import Trainer


def network(*edges: tuple[str, str]) -> Network:
    """Nodes by the first letter of their names: ``a`` adds, ``s`` scales, everything else is a convolution."""
    kinds = {"a": "add", "s": "scale"}
    names = dict.fromkeys(name for edge in edges for name in edge)
    nodes = [Node(id=name, kind=kinds.get(name[0], "conv2d"), config={}) for name in names]
    return Network(nodes=nodes, edges=[Edge(source=source, target=target) for source, target in edges])


def test_the_roads_into_an_addition_part_at_the_last_layer_that_all_come_from() -> None:
    found = junctions(network(("i", "x"), ("x", "c1"), ("c1", "c2"), ("c2", "a"), ("x", "s"), ("s", "a")))
    assert found == [Junction("a", "x", (Road("c2", ("c1", "c2")), Road("s", ("s",))))]
    assert junctions(network(("x", "c"), ("c", "a"), ("x", "a"))) == [
        Junction("a", "x", (Road("c", ("c",)), Road("x", ())))
    ]


def test_blocks_in_a_row_inside_each_other_and_additions_without_a_fork_are_told_apart() -> None:
    edges = [("x", "c"), ("c", "a1"), ("x", "a1"), ("a1", "d"), ("d", "a2"), ("a1", "a2"), ("x", "a3"), ("a2", "a3")]
    found = junctions(network(*edges))
    assert [(one.node, one.fork) for one in found] == [("a1", "x"), ("a2", "a1"), ("a3", "x")]
    assert found[2].roads == (Road("x", ()), Road("a2", ("c", "a1", "d", "a2")))
    apart = junctions(network(("x", "a"), ("y", "a"), ("a", "ab")))
    assert [(one.fork, [road.nodes for road in one.roads]) for one in apart] == [(None, [(), ()]), (None, [()])]


def test_the_gradients_of_both_roads_are_the_parts_of_the_whole() -> None:
    """y = λx + F(x): along the shortcut comes λ·∂L/∂y, along the layers what is left of ∂L/∂x."""
    for preset, factor in (("resnet-20", 1.0), ("scaled-skip", 0.5)):
        trainer = Trainer(load_preset(preset), device="cpu", threads=1)
        picture = Looker(trainer)("roads")
        assert picture is not None
        batch = trainer.data.batch("train", list(range(64)))
        outputs = trainer.model.run(batch)
        told = picture.extra["junctions"]
        assert [one["node"] for one in told] == [f"add{block}" for block in range(1, 10)]
        for one, row in zip(told, picture.values, strict=True):
            loss = trainer.recipe.loss(outputs, batch)
            assert loss is not None
            ends = [outputs[one["node"]], outputs[one["fork"]]]
            above, whole = torch.autograd.grad(loss, ends, retain_graph=True)
            layers, shortcut = one["roads"]
            np.testing.assert_allclose(shortcut["gradient"], rms(factor * above), rtol=1e-4)
            np.testing.assert_allclose(layers["gradient"], rms(whole - factor * above), rtol=2e-2, atol=1e-9)
            np.testing.assert_allclose(shortcut["signal"], rms(factor * outputs[one["fork"]]), rtol=1e-4)
            np.testing.assert_allclose(row, [layers["gradient"], shortcut["gradient"]], rtol=1e-5)
            assert (layers["plain"], shortcut["plain"]) == (False, True)


def test_halved_shortcuts_leave_a_512th_of_the_gradient_and_whole_ones_all_of_it() -> None:
    def left(preset: str) -> float:
        picture = Looker(Trainer(load_preset(preset), device="cpu", threads=1))("roads")
        assert picture is not None
        shortcuts = [one["roads"][1]["gradient"] for one in picture.extra["junctions"]]
        return float(shortcuts[0] / shortcuts[-1])

    assert 0.5 < left("resnet-20") < 2
    assert left("scaled-skip") < 0.02


def rms(value: torch.Tensor) -> float:
    return float(value.detach().double().square().mean().sqrt())
