"""What the benchmarks wrote and what the README says of it are the same, and ``make bench`` knows every benchmark."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import bench_readme  # noqa: E402
import run_bench  # noqa: E402

sys.path.remove(str(ROOT / "tools"))

FIELDS = {"what", "who", "unit", "value", "statistic", "spread", "ratio", "bar", "kept", "quoted"}
RESULTS = bench_readme.results()


def test_the_readme_quotes_what_make_bench_wrote() -> None:
    text = bench_readme.README.read_text(encoding="utf-8")
    assert text == bench_readme.renewed(text, RESULTS), "write it anew: .venv/bin/python tools/bench_readme.py"
    assert bench_readme.PAGE.read_text(encoding="utf-8") == bench_readme.page(RESULTS), "tools/bench_readme.py, too"


@pytest.mark.parametrize("found", RESULTS, ids=lambda found: str(found["benchmark"]))
def test_every_file_has_rows_of_one_shape_and_names_its_machine(found: dict[str, object]) -> None:
    assert {"processor", "cores", "memory_gb", "load", "torch", "day"} <= found["machine"].keys()
    assert found["benchmark"] in run_bench.scripts()
    assert found["rows"]
    for row in found["rows"]:
        assert row.keys() == FIELDS
        assert {"median", "p95", "least", "most", "count"} == row["spread"].keys()
        assert (row["bar"] is None) == (row["kept"] is None)


def test_every_benchmark_has_a_budget_and_all_fit_into_ten_minutes() -> None:
    names = set(run_bench.scripts()) - run_bench.LONG.keys()
    assert names <= run_bench.BUDGETS.keys(), "give it a budget in tools/run_bench.py"
    assert sum(run_bench.BUDGETS.values()) <= run_bench.WHOLE


def test_a_readme_without_a_place_for_them_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        bench_readme.renewed("# A page\n", RESULTS)
