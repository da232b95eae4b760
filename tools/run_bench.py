"""``make bench``: runs the benchmarks in turn, prints one table of what they found, and brings the README up to date.

Each ``benchmarks/*.py`` writes its rows, with the machine that they were measured on, to ``benchmarks/results/``; the
table is made of those files, and so are the README's figures. All of it takes at most ten minutes on two quiet cores;
what takes longer runs only when it is named (``time_to_insight`` trains every preset). Status 1 when one fails or a bar
is missed; what was measured is written all the same.

    .venv/bin/python tools/run_bench.py [--table] [NAME ...]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_readme import RESULTS, renew, results
from house import ROOT, VENV_PYTHON, fail, processor, say

sys.path.insert(0, str(ROOT / "benchmarks"))

#: Seconds that each may take on two quiet cores; all together, ten minutes.
WHOLE = 600
BUDGETS = {
    "check_latency": 5,
    "drawing": 25,
    "eager_stepper": 10,
    "editor_frames": 45,
    "editor_latency": 40,
    "frontend_maps": 30,
    "latency": 45,
    "memory": 30,
    "metrics_pyramid": 30,
    "peers": 90,
    "plane_pictures": 45,
    "run_speed": 60,
    "spectators": 60,
    "sweep": 30,
    "time_travel": 20,
    "watching": 20,
    "worker_start": 15,
}
#: Only when named, and why.
LONG = {
    "scaling": "it measures up to this machine's limits, for some minutes, and writes docs/scaling.md",
    "soak": "it looks on for ten minutes",
    "time_to_insight": "it trains every preset, for a quarter of an hour",
}
#: So many times its budget on a busy machine; then it is ended.
PATIENCE = 4


def scripts() -> dict[str, Path]:
    """Every benchmark that there is, by name: what can be run, not what others import."""
    found = sorted((ROOT / "benchmarks").glob("*.py"))
    return {file.stem: file for file in found if '__name__ == "__main__"' in file.read_text(encoding="utf-8")}


def measure(name: str, script: Path) -> tuple[int | None, float]:
    """(its status, None where it had to be ended; seconds)."""
    begin = time.monotonic()
    process = subprocess.Popen([VENV_PYTHON, script], cwd=ROOT, start_new_session=os.name != "nt")
    try:
        status: int | None = process.wait(PATIENCE * BUDGETS[name] if name in BUDGETS else None)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        if process.poll() is None:
            end(process)
    return status, time.monotonic() - begin


def end(process: subprocess.Popen[bytes]) -> None:
    """It, and the servers and browsers that it has started."""
    with contextlib.suppress(ProcessLookupError):
        if os.name == "nt":
            process.terminate()
        else:
            os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


def shown(found: Sequence[dict[str, Any]]) -> str:
    """One table of the rows of all."""
    from figures import table, told

    lines = [["benchmark", "what", "who", "figure", "spread (of)", "times ours", "bar"]]
    for one in found:
        lines += [[one["benchmark"], *told(row)] for row in one["rows"]]
    return table(lines)


def missed(found: Sequence[dict[str, Any]]) -> list[str]:
    """The rows that are on the wrong side of their bar."""
    return [f"{one['benchmark']}: {row['what']}" for one in found for row in one["rows"] if row["kept"] is False]


def main() -> None:
    """Run the named benchmarks (without ``.py``), or all that fit into ten minutes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    have = scripts()
    left = "; ".join(f"{name} only when named: {why}" for name, why in LONG.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(have)} ({left})")
    parser.add_argument("--table", action="store_true", help="measure nothing, only print what was written last")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in have]:
        parser.error(f"no such benchmark: {', '.join(unknown)}. There are: {', '.join(have)}")
    chosen = options.names or [name for name in have if name not in LONG]
    failed, begin, began = [], time.monotonic(), time.time()
    for number, name in enumerate([] if options.table else chosen):
        print(f"\n## {name} ({number + 1} of {len(chosen)})", flush=True)
        status, seconds = measure(name, have[name])
        file = RESULTS / f"{name}.json"
        if status is None:
            failed.append(f"{name} (ended after {seconds:.0f} s)")
        elif not file.exists() or file.stat().st_mtime < began:
            failed.append(f"{name} (status {status}, nothing written)")
        over = seconds - BUDGETS.get(name, seconds)
        say(f"{name} took {seconds:.0f} s" + (f", {over:.0f} s more than its budget" if over > 0 else ""))
    found = [one for one in results() if one["benchmark"] in chosen]
    print(f"\n# {processor()}, {os.cpu_count()} cores\n\n{shown(found)}")
    if not options.table:
        total = time.monotonic() - begin
        print(f"\n{len(chosen)} benchmarks in {total:.0f} s (at most {WHOLE} s on a quiet machine)")
        renew()
    bad = [f"Failed: {', '.join(failed)}."] if failed else []
    bad += ["Bars missed:", *(f"  {name}" for name in names)] if (names := missed(found)) else []
    if bad:
        fail("\n".join(bad))


if __name__ == "__main__":
    main()
