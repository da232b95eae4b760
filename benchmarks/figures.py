"""What every benchmark shares: measuring in turns, rows of one shape, the machine, and writing them down.

A benchmark gathers rows and ends with ``sys.exit(written("its_name", rows))``, which prints them, writes
``benchmarks/results/its_name.json`` with the machine that they were measured on, and gives 1 where a bar is missed.
``make bench`` runs them all and makes one table of what they wrote; the README quotes the rows that are ``quoted``.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import house  # noqa: E402

RESULTS = Path(os.environ.get("TORCHGLASS_BENCH_RESULTS", ROOT / "benchmarks" / "results"))
OURS = "Torchglass"
_BEGUN = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Spread:
    """So many measurements of one thing."""

    median: float
    p95: float
    least: float
    most: float
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``value`` is the median, or the 95th percentile where ``statistic`` says so, in ``unit``
    (µs, ms, s, MB, /s, ×, %). ``ratio``: how many times ours, of pairs measured in turns. ``bar`` is for the value
    ("<= 10", ">= 1.5"), or for the ratio where it says "ratio >= 1.5"."""

    what: str
    who: str
    unit: str
    value: float
    statistic: Literal["median", "p95"]
    spread: Spread
    ratio: Spread | None = None
    bar: str | None = None
    kept: bool | None = None
    quoted: bool = False


def turns(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """A B C, A B C, ...: a machine that slows down slows all alike. What each gave, in the order of the rounds."""
    taken = [{name: measure() for name, measure in measures.items()} for _ in range(rounds)]
    return {name: [turn[name] for turn in taken] for name in measures}


def spread(values: Iterable[float]) -> Spread:
    """Of at least one measurement."""
    found = sorted(values)
    late = found[min(len(found) - 1, int(0.95 * len(found)))]
    return Spread(statistics.median(found), late, found[0], found[-1], len(found))


def row(
    what: str,
    values: float | Sequence[float],
    unit: str,
    *,
    who: str = OURS,
    ours: Sequence[float] | None = None,
    statistic: Literal["median", "p95"] = "median",
    bar: str | None = None,
    quoted: bool = False,
) -> Row:
    """A row of one or more measurements. ``ours``: what we gave in the same turns, so that the ratio is of pairs."""
    every = [values] if isinstance(values, (int, float)) else list(values)
    taken = spread(every)
    ratio = spread(b / a for a, b in zip(ours, every, strict=True)) if ours is not None else None
    value = taken.median if statistic == "median" else taken.p95
    kept = None
    if bar is not None:
        held = ratio.median if bar.startswith("ratio ") and ratio is not None else value
        kept = keeps(bar, held)
    return Row(what, who, unit, value, statistic, taken, ratio, bar, kept, quoted)


def keeps(bar: str, value: float) -> bool:
    """Whether the value is on the right side of a bar such as ``<= 10``."""
    found = re.fullmatch(r"(?:ratio )?(<=|>=) ([\d.]+)", bar)
    assert found, f"not a bar: {bar}"
    return value <= float(found[2]) if found[1] == "<=" else value >= float(found[2])


def figure(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value == 0 or not abs(value) < 1e15:
        return f"{value:g}"
    digits = max(0, 2 - int(f"{abs(value):e}".partition("e")[2]))
    return f"{value:,.{min(digits, 6)}f}" if digits < 7 else f"{value:.2g}"


def told(one: Mapping[str, Any]) -> list[str]:
    """The cells of a row, as written: what, who, figure, spread, times ours, bar."""
    around, ratio, bar = one["spread"], one["ratio"], one["bar"]
    late = " p95" if one["statistic"] == "p95" else ""
    several = around["count"] > 1
    times = f"{figure(ratio['median'])} × [{figure(ratio['least'])}..{figure(ratio['most'])}]" if ratio else ""
    return [
        one["what"],
        one["who"],
        f"{figure(one['value'])} {one['unit']}{late}",
        f"{figure(around['least'])}..{figure(around['most'])} ({around['count']})" if several else "",
        times,
        f"{bar.replace('<=', '≤').replace('>=', '≥')} {'✓' if one['kept'] else '✗'}" if bar else "",
    ]


def table(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be."""
    wide = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))] if lines else []
    return "\n".join("  ".join(cell.ljust(wide[i]) for i, cell in enumerate(line)).rstrip() for line in lines)


def installed(package: str) -> str | None:
    """Its version, if it is there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def machine() -> dict[str, Any]:
    """What it is measured on, how busy that is, and with which versions."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return {
        "processor": house.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30, 1),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: installed(name) for name in ("torch", "numba", "numpy", "scikit-learn")},
        "day": time.strftime("%Y-%m-%d"),
    }


#: Before this benchmark makes load of its own.
_MACHINE = machine()


def written(benchmark: str, rows: Sequence[Row], **more: Any) -> int:
    """Prints and keeps the rows; 1 where a bar is missed. ``more``: what else the file should say."""
    cells = [asdict(one) for one in rows]
    for one in cells:
        for key in ("spread", "ratio"):
            one[key] = one[key] and {name: _short(number) for name, number in one[key].items()}
        one["value"] = _short(one["value"])
    print(table([told(one) for one in cells]), flush=True)
    missed = [one.what for one in rows if one.kept is False]
    if missed:
        print(f"bars missed: {'; '.join(missed)}", flush=True)
    took = round(time.perf_counter() - _BEGUN, 1)
    head = json.dumps({"benchmark": benchmark, "machine": _MACHINE, "seconds": took, **more}, indent=1)
    lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in cells)
    RESULTS.mkdir(exist_ok=True, parents=True)
    text = f'{head.removesuffix("}").rstrip()},\n "rows": [\n  {lines}\n ]\n}}\n'
    (RESULTS / f"{benchmark}.json").write_text(text, encoding="utf-8")
    return 1 if missed else 0


def _short(number: float) -> float:
    return number if isinstance(number, int) else float(f"{number:.5g}")
