"""The README's figures, and docs/benchmarks.md with all of them, made from ``benchmarks/results/*.json``: they quote
only what ``make bench`` printed.

.venv/bin/python tools/bench_readme.py      writes both; `make bench` does, too
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from house import ROOT

README = ROOT / "README.md"
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"

PREFACE = """# Benchmarks

Written by `make bench` from `benchmarks/results/`. Ratios are of pairs that took turns; "missed" marks a figure on the
wrong side of its bar. How to add one is said in [CONTRIBUTING.md](../CONTRIBUTING.md)."""

Found = dict[str, Any]


def results() -> list[Found]:
    """What every benchmark wrote last, by name."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(RESULTS.glob("*.json"))]


def section(found: Sequence[Found]) -> str:
    """The quoted rows as a table, and where they were measured."""
    return f"{machines(found)}\n\n{_table(found, 'quoted')}"


def page(found: Sequence[Found]) -> str:
    """docs/benchmarks.md: every row."""
    parts = [PREFACE, machines(found)]
    for one in found:
        taken = f"`make bench ARGS={one['benchmark']}`, {one['seconds']:.0f} s on {one['machine']['day']}."
        parts.append(f"## {one['benchmark']}\n\n{taken}\n\n{_table([one], None)}")
    return "\n\n".join(parts) + "\n"


def _table(found: Sequence[Found], mark: str | None) -> str:
    """Our rows (those with that mark), the others that took turns with them beside."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from figures import OURS, figure
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    head = ("what", "figure", "least to most", "bar", "in turns with it")
    lines = [_line(head), "| --- | ---: | ---: | --- | --- |"]
    for one in found:
        for row in one["rows"]:
            if row["who"] != OURS or (mark and not row[mark]):
                continue
            peers = [peer for peer in one["rows"] if peer["what"] == row["what"] and peer["ratio"]]
            beside = [f"{peer['who']} {figure(peer['ratio']['median'])} ×{_bar(peer)}" for peer in peers]
            around, late = row["spread"], " (p95)" if row["statistic"] == "p95" else ""
            words = (
                row["what"],
                f"{figure(row['value'])} {row['unit']}{late}",
                f"{figure(around['least'])} to {figure(around['most'])}" if around["count"] > 1 else "",
                _bar(row).strip(" ()"),
                ", ".join(beside),
            )
            lines.append(_line(words))
    return "\n".join(lines)


def _bar(row: dict[str, Any]) -> str:
    """In brackets, with a word where it is missed; empty where there is none."""
    if row["bar"] is None:
        return ""
    words = row["bar"].removeprefix("ratio ").replace("<=", "≤").replace(">=", "≥")
    return f" ({words}{'' if row['kept'] else ' **missed**'})"


def _line(words: Sequence[str]) -> str:
    return "|" + "|".join(f" {word} " if word else " " for word in words) + "|"


def machines(found: Sequence[Found]) -> str:
    """On what, and when."""
    places = {f"{one['machine']['processor']}, {one['machine']['cores']} cores": None for one in found}
    loads = [one["machine"]["load"] for one in found if one["machine"]["load"] is not None]
    days = sorted({one["machine"]["day"] for one in found})
    when = " to ".join(dict.fromkeys([days[0], days[-1]])) if days else ""
    busy = f", at a load of {min(loads):g} to {max(loads):g}" if loads else ""
    return f"Measured on {'; '.join(places)}{busy}; {when}."


def renewed(text: str, found: Sequence[Found]) -> str:
    """The README with the figures of now; ValueError where it has no place for them."""
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"README.md has no lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{section(found)}\n\n{END}{after}"


def renew() -> None:
    """Both pages, from the results of now."""
    found = results()
    README.write_text(renewed(README.read_text(encoding="utf-8"), found), encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    renew()
