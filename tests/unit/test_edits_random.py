"""Random edits of small networks with branches: nothing whose shape stays is lost, and undo brings everything back."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from edited import document, made, state, train
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seams.fixtures import node

from torchglass.spec.experiment import Experiment

#: A network as hidden layers by name: units and which of those before (or the input) they read.
Layers = dict[str, tuple[int, tuple[str, ...]]]
NAMES = ("a", "b", "c", "d", "e")


@st.composite
def layers(draw: st.DrawFn) -> Layers:
    """Some of five layers, each joined from some of those before it."""
    found: Layers = {}
    for name in NAMES:
        if draw(st.booleans()):
            before = ["x", *found]
            sources = draw(st.lists(st.sampled_from(before), min_size=1, max_size=3, unique=True))
            found[name] = (draw(st.integers(1, 5)), tuple(sources))
    return found


def network_of(found: Layers) -> Experiment:
    """Each layer is a join, a dense layer, a batch norm and an activation; the output reads the last one."""
    nodes, edges = [node("x", "input", field="point")], []
    for name, (units, sources) in {**found, "out": (2, (list(found)[-1] if found else "x",))}.items():
        nodes += [node(f"join_{name}", "concatenate"), node(f"{name}", "linear", out_features=units)]
        edges += [{"source": f"act_{source}" if source != "x" else "x", "target": f"join_{name}"} for source in sources]
        edges.append({"source": f"join_{name}", "target": name})
        if name != "out":
            nodes += [node(f"norm_{name}", "batch_norm"), node(f"act_{name}", "tanh")]
            edges += [{"source": name, "target": f"norm_{name}"}, {"source": f"norm_{name}", "target": f"act_{name}"}]
    raw: dict[str, Any] = document(nodes, edges)
    raw["data"]["config"] = {"train": 48, "test": 8}
    return Experiment.model_validate(raw)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(layers(), min_size=2, max_size=4))
def test_random_edits_keep_what_keeps_its_shape_and_undo(sequence: list[Layers]) -> None:
    documents = [network_of(found) for found in sequence]
    trainer = made(documents[0].model_dump(mode="json"), 2)
    for old, new in itertools.pairwise(documents):
        before = state(trainer)
        trainer.change(new)
        after = state(trainer)
        for name in before.keys() & after.keys():
            if before[name].shape == after[name].shape:
                np.testing.assert_array_equal(after[name], before[name], err_msg=name)
        trainer.change(old)
        undone = state(trainer)
        assert undone.keys() == before.keys()
        for name, value in before.items():
            np.testing.assert_array_equal(undone[name], value, err_msg=f"undo: {name}")
        trainer.change(new)
        redone = state(trainer)
        for name, value in after.items():
            np.testing.assert_array_equal(redone[name], value, err_msg=f"redo: {name}")
        assert np.isfinite(train(trainer, 2)).all()
