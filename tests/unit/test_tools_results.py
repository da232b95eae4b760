"""The table of promises: medians, ranges and what is not kept."""

from __future__ import annotations

import sys
from pathlib import Path

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)

import run_results  # noqa: E402

sys.path.remove(TOOLS)


def test_the_median_decides() -> None:
    promise = run_results.Promise("x", epochs=1, at_least=0.9)
    assert run_results.Result(promise, (0.1, 0.9, 0.95), 1.0).kept
    assert not run_results.Result(promise, (0.1, 0.89, 0.95), 1.0).kept


def test_the_table_names_machine_and_broken_promises() -> None:
    promise = run_results.Promise("x", epochs=1, at_least=0.9)
    text = run_results.table([run_results.Result(promise, (0.5, 0.6, 0.7), 12.0)], seeds=3)
    assert "torch 2." in text
    assert "| `x` | 1 | 90.0% | 60.00% | 50.00%-70.00% | 12 s | **no** |" in text
