"""Scan: carried states, masks and the three ways of feedback, against loops written out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from torchglass.training.model import Call, Feeding, Network, Part, Plan, Scan


class Plus(nn.Module):
    """(B, D) + (B, D)."""

    def forward(self, x, state):
        return x + state


def accumulator(mask=False):
    """A part that adds what comes to its state, scanned over time."""
    part = Plan(
        (Feeding("x", None, "x.out"), Feeding("h", None, "h.out")), (Call("sum", ("x.out", "h.out"), ("sum.out",)),)
    )
    ports = ["x", "h", "mask"] if mask else ["x", "h"]
    scan = Scan("cell", ports, ["sum.out"], ["x"], {"h": "sum"}, {}, "teacher", {"h": (3,)})
    sources = ("in.out", None, "mask.out") if mask else ("in.out", None)
    feeds = (Feeding("in", "x", "in.out"), Feeding("mask", "mask", "mask.out"))
    main = Plan(feeds, (Call("scan", sources, ("scan.sum", "scan.h_last")),))
    return Network({"sum": Plus(), "scan": scan}, main, {"cell": part})


def test_carries_the_state_through_time():
    x_BTD = torch.randn(2, 5, 3)
    values = accumulator().run({"x": x_BTD})
    torch.testing.assert_close(values["scan.sum"], x_BTD.cumsum(dim=1))
    torch.testing.assert_close(values["scan.h_last"], x_BTD.sum(dim=1))


def test_a_masked_step_leaves_the_state_as_it_was():
    x_BTD = torch.ones(2, 4, 3)
    mask_BT = torch.tensor([[True, True, True, True], [True, True, False, False]])
    values = accumulator(mask=True).run({"x": x_BTD, "mask": mask_BT})
    assert values["scan.h_last"][:, 0].tolist() == [4.0, 2.0]


class Successor(nn.Module):
    """Scores that favour the next token, of five."""

    def forward(self, token):
        return 9.0 * nn.functional.one_hot((token + 1) % 5, 5).float()


def speaker(mode):
    part = Plan((Feeding("token", None, "token.out"),), (Call("next", ("token.out",), ("next.out",)),))
    scan = Scan("cell", ["token"], ["next.out"], ["token"], {}, {"token": "next"}, mode, {})
    main = Plan((Feeding("in", "x", "in.out"),), (Call("scan", ("in.out",), ("scan.next",)),))
    return Network({"next": Successor(), "scan": scan}, main, {"cell": part})


@pytest.mark.parametrize(
    ("mode", "expected"), [("teacher", [1, 4, 1, 4]), ("greedy", [1, 2, 3, 4]), ("sampled", [1, 2, 3, 4])]
)
def test_feedback(mode, expected):
    network = speaker(mode)
    network.module("scan").sampler = torch.Generator().manual_seed(0)
    scores_BTV = network.run({"x": torch.tensor([[0, 3, 0, 3]])})["scan.next"]
    assert scores_BTV.argmax(-1).tolist() == [expected]


def test_two_calls_of_a_part_are_one_function():
    part = Plan((Feeding("x", None, "x.out"),), (Call("dense", ("x.out",), ("dense.out",)),))
    calls = (Call("once", ("in.out",), ("once.dense",)), Call("twice", ("once.dense",), ("twice.dense",)))
    main = Plan((Feeding("in", "x", "in.out"),), calls)
    modules = {
        "dense": nn.Linear(3, 3),
        "once": Part("part", ["x"], ["dense.out"]),
        "twice": Part("part", ["x"], ["dense.out"]),
    }
    network = Network(modules, main, {"part": part})
    x = torch.randn(4, 3)
    torch.testing.assert_close(network.run({"x": x})["twice"], modules["dense"](modules["dense"](x)))
    assert sorted(network.parameters_by_name()) == ["dense.bias", "dense.weight"]


def test_nodes_that_nothing_reaches_are_left_out():
    assert set(accumulator().run({"mask": torch.ones(1, 1)})) == {"mask", "mask.out"}
