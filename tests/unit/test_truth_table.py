"""Logic as data: every row of the table, in both splits, with the answers of Python's own operators."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from torchglass.datasets.base import DATASETS

ANSWERS = {
    "and": all,
    "or": any,
    "nand": lambda bits: not all(bits),
    "nor": lambda bits: not any(bits),
    "xor": lambda bits: sum(bits) % 2 == 1,
    "xnor": lambda bits: sum(bits) % 2 == 0,
    "first": lambda bits: bits[0] == 1,
    "majority": lambda bits: sum(bits) > len(bits) / 2,
}


@pytest.mark.parametrize("function", ANSWERS)
@pytest.mark.parametrize("bits", [2, 3, 8])
def test_every_row_with_its_answer(function: str, bits: int) -> None:
    data = DATASETS.make("truth_table", {"inputs": bits, "function": function})
    splits = data.load(0)
    rows = list(itertools.product([0, 1], repeat=bits))
    assert splits.train["point"].tolist() == [list(map(float, row)) for row in rows]
    assert splits.train["label"].tolist() == [int(ANSWERS[function](row)) for row in rows]
    assert all(np.array_equal(splits.train[name], splits.test[name]) for name in splits.train)


@pytest.mark.parametrize(("preset", "gates", "levels"), [("parity-depth", 21, 6), ("parity-two-levels", 129, 2)])
def test_parity_by_hand_takes_the_gates_it_promises(preset: str, gates: int, levels: int) -> None:
    from torchglass.presets import load_preset
    from torchglass.training.trainer import Trainer

    document = load_preset(preset)
    sizes = [int(node.config["out_features"]) for node in document.network.nodes if node.kind == "linear"]
    assert (sum(sizes), len(sizes)) == (gates, levels)
    trainer = Trainer(document, device="cpu", threads=1)
    assert trainer.run(1).metrics["accuracy"][0] == 1
