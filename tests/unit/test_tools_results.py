"""The table of promises: medians, ranges and what is not kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)

import run_results  # noqa: E402
from torchglass.presets import Also, Proof  # noqa: E402

sys.path.remove(TOOLS)


ACCURACY = Proof(length=1, unit="epochs", bar=0.9)
LOSS = Proof(length=3000, unit="steps", metric="test.loss", bar=0.55)


def test_the_median_decides() -> None:
    assert run_results.Result("x", ACCURACY, (0.1, 0.9, 0.95), 1.0).kept
    assert not run_results.Result("x", ACCURACY, (0.1, 0.89, 0.95), 1.0).kept


def test_a_loss_is_promised_from_above() -> None:
    assert run_results.Result("x", LOSS, (0.4, 0.5, 0.9), 1.0).kept
    assert not run_results.Result("x", LOSS, (0.4, 0.6, 0.9), 1.0).kept


def test_the_table_names_machine_and_broken_promises() -> None:
    bad = run_results.Result("x", ACCURACY, (0.5, 0.6, 0.7), 12.0)
    good = run_results.Result("y", LOSS, (0.5,), 2.0)
    text = run_results.table([bad.row(), good.row()], seeds=3)
    assert "torch 2." in text
    assert "| `x` | 1 epoch | test accuracy ≥ 90.0% | 60.00% | 50.00%-70.00% | 12 s | **no** |" in text
    assert "| `y` | 3,000 steps | test loss ≤ 0.55 | 0.5 | 0.5-0.5 | 2 s | yes |" in text


def test_a_failure_that_is_promised_is_kept_by_failing() -> None:
    proof = Proof(length=2000, unit="steps", bar=0.7, kept="below")
    assert run_results.Result("x", proof, (0.0, 0.5, 0.9), 1.0).kept
    failed = run_results.Result("x", proof, (0.5, 0.7, 0.9), 1.0)
    assert not failed.kept
    assert "test accuracy < 70.0%" in failed.row()


def test_twins_have_lines_of_their_own() -> None:
    proof = Proof(
        length=200, unit="steps", bar=0.9, also=[Also(twin="left alone", metric="test.loss", bar=2, kept="above")]
    )
    beaten = run_results.Result("x", proof, (2.5, 3.0), 1.0, proof.also[0])
    assert beaten.kept
    assert "| `x`, left alone | 200 steps | test loss > 2 | 2.75 |" in beaten.row()


def test_a_twin_differs_from_its_preset_where_it_says(tmp_path: Path) -> None:
    assert run_results.changed("overfit", {}, tmp_path) == "overfit"
    file = Path(run_results.changed("overfit", {"training.optimizers.model.config.lr": 0.5}, tmp_path))
    assert json.loads(file.read_text())["training"]["optimizers"]["model"]["config"]["lr"] == 0.5


def test_what_exploded_as_promised_got_nothing_right() -> None:
    proof = Proof(length=200, unit="steps", bar=0.9, kept="below")
    assert run_results.value_of(proof, {}, "x") == 0.0
    assert run_results.value_of(proof, {"test.accuracy": 0.4}, "x") == 0.4


def test_rows_that_are_not_measured_anew_are_found_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [run_results.Result(name, LOSS, (0.5,), 2.0).row() for name in ("x", "y")]
    file = tmp_path / "results.md"
    file.write_text(run_results.table([*rows, rows[0]], seeds=5), encoding="utf-8")
    monkeypatch.setattr(run_results, "TABLE", file)
    assert run_results.earlier() == {"x": [rows[0], rows[0]], "y": [rows[1]]}
