"""What the benchmarks share: turns, spreads, bars, and the file that they leave."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

FOLDER = str(Path(__file__).resolve().parents[2] / "benchmarks")
sys.path.insert(0, FOLDER)

import figures  # noqa: E402

sys.path.remove(FOLDER)


def test_turns_go_round() -> None:
    said: list[str] = []
    taken = figures.turns({"a": lambda: len(said.append("a") or said), "b": lambda: len(said.append("b") or said)}, 3)
    assert said == ["a", "b"] * 3
    assert taken == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_the_ratio_is_of_pairs() -> None:
    """A machine that becomes slower slows both sides of a pair."""
    one = figures.row("step", [10.0, 40.0, 400.0], "µs", who="peer", ours=[1.0, 2.0, 40.0])
    assert one.value == 40.0
    assert one.ratio == figures.Spread(median=10.0, p95=20.0, least=10.0, most=20.0, count=3)


def test_bars_are_for_the_value_or_for_the_ratio() -> None:
    assert figures.row("step", [9.0, 10.0, 30.0], "µs", bar="<= 10").kept
    assert figures.row("answer", [9.0, 10.0, 30.0], "ms", statistic="p95", bar="<= 10").kept is False
    assert figures.row("step", [3.0], "µs", ours=[2.0], bar="ratio >= 1.5").kept
    assert figures.row("step", [3.0], "µs").kept is None


@pytest.mark.parametrize(
    ("value", "words"), [(0.01234, "0.0123"), (6.457, "6.46"), (316.4, "316"), (12345.6, "12,346"), (0, "0")]
)
def test_three_digits_count(value: float, words: str) -> None:
    assert figures.figure(value) == words


def test_what_is_written_says_machine_and_bars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(figures, "RESULTS", tmp_path / "results")
    rows = [
        figures.row("step", [6.0, 6.5, 7.0], "µs", bar="<= 10", quoted=True),
        figures.row("step", [300.0, 330.0, 350.0], "µs", who="PyTorch by hand", ours=[6.0, 6.5, 7.0]),
        figures.row("start", 3.0, "s", bar="<= 2"),
    ]
    assert figures.written("steps", rows, batch=10) == 1
    told = capsys.readouterr().out
    assert "6.50 µs" in told
    assert "50.0 × [50.0..50.8]" in told
    assert "≤ 2 ✗" in told
    assert "bars missed: start" in told
    found = json.loads((tmp_path / "results" / "steps.json").read_text(encoding="utf-8"))
    assert found["benchmark"] == "steps"
    assert found["batch"] == 10
    assert {"processor", "cores", "memory_gb", "load", "torch", "day"} <= found["machine"].keys()
    assert [(one["what"], one["who"], one["value"], one["kept"]) for one in found["rows"]] == [
        ("step", "Torchglass", 6.5, True),
        ("step", "PyTorch by hand", 330.0, None),
        ("start", "Torchglass", 3.0, False),
    ]
    assert figures.written("steps", rows[:2]) == 0
