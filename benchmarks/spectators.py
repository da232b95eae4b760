"""Watching for free: how fast a run of the mnist-cnn preset trains before 0, 1, 50 and 300 people, in turns, and how a
crowd and a lab are served. The people are real websocket clients in a process of their own that throws the pictures
away; it shares the processors with server and worker, so that steps per second of the worker's processor time say what
looking costs the training, and steps per second of the clock what is left on this machine.

Lateness is from the making of a picture inside the worker to its last byte at the client. The slow and the dead among
the clients are in tests/load. Usage: python benchmarks/spectators.py [--seconds 2.5] [--rounds 3]   (Linux only)
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from figures import Row, row, spread, written

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "load"))

from stage import TOKEN, Spent, Stage, stage
from users import many

#: Together as large, and as often, as the pictures of a whole page.
LARGE = {"watch": 1, "probe": "stamped", "options": {"size": 50_000}, "rate": 20}
SMALL = {"watch": 1, "probe": "stamped", "options": {"size": 4000}, "rate": 10}
CROWDS = (0, 1, 50, 300)
LARGEST = CROWDS[-1]


def watched(held: Stage, run: str, crowd: int, seconds: float) -> tuple[Spent, dict[str, Any]]:
    """What is spent while so many look on, and what they see."""
    if not crowd:
        return held.during(run, lambda: held.crowd("linger", seconds=seconds))
    held.crowd("gather", run=run, watch=LARGE, fast=crowd)
    found: tuple[Spent, dict[str, Any]] = held.during(run, lambda: held.crowd("measure", seconds=seconds))
    held.crowd("disperse")
    return found


def crowds(held: Stage, run: str, seconds: float, rounds: int) -> list[Row]:
    """0, 1, 50, 300, 0, 1, ...; every ratio is to the turn of the same round in which nobody looked."""
    taken = [{crowd: watched(held, run, crowd, seconds) for crowd in CROWDS} for _ in range(rounds)]
    rows = []
    for crowd in CROWDS:
        who = f"{crowd} watching" if crowd else "nobody watching"
        speeds, costs = ([getattr(turn[crowd][0], what) for turn in taken] for what in ("steps", "steps_per_cpu"))
        rows.append(row(f"mnist-cnn, {who}: steps", speeds, "/s"))
        rows.append(row(f"mnist-cnn, {who}: steps per second of its processor", costs, "/s"))
        if crowd:
            shares = [turn[crowd][0].steps_per_cpu / turn[0][0].steps_per_cpu for turn in taken]
            rows.append(row(f"{who} / nobody, per processor second", shares, "×", bar=">= 0.85", quoted=crowd == 300))
            clock = [turn[crowd][0].steps / turn[0][0].steps for turn in taken]
            rows.append(row(f"{who} / nobody, per second of the clock", clock, "×"))
    seen = [turn[LARGEST][1] for turn in taken]
    served = [turn[LARGEST][0].server for turn in taken]
    rows += [
        row(
            f"{LARGEST} watching: pictures at the slowest of them", [one["rate_min"] for one in seen], "/s", bar=">= 18"
        ),
        row(f"{LARGEST} watching: from worker to client, p99", [1e3 * one["late_p99"] for one in seen], "ms"),
        row(f"{LARGEST} watching: processors that the server takes", served, ""),
    ]
    return rows


def arriving(held: Stage, run: str, seconds: float) -> list[Row]:
    """Everybody comes back at once; then a thousand phones."""
    back = held.crowd("gather", run=run, watch=LARGE, fast=LARGEST, over=2.0)
    assert back["live"] == LARGEST, back
    held.crowd("disperse")
    held.crowd("gather", run=run, watch=SMALL, fast=1000, over=2.0)
    _, seen = held.during(run, lambda: held.crowd("measure", seconds=seconds))
    held.crowd("disperse")
    return [
        row(f"{LARGEST} come back within 2 s: the last has its picture after", back["all_live_after"], "s", bar="<= 5"),
        row("1000 watching at 4 kB x 10 Hz: pictures at the slowest of them", seen["rate_min"], "/s", bar=">= 5"),
    ]


def lab(held: Stage, seconds: float) -> list[Row]:
    """40 people, 8 runs."""
    names = [held.start() for _ in range(8)]
    for name in names:
        held.crowd("gather", run=name, watch=SMALL, fast=5)
    experiment = held.http("/api/presets/mnist-cnn")["experiment"]
    requests: list[tuple[str, Any]] = [("/api/health", None), ("/api/runs", None), ("/api/catalog", None)]
    requests += [("/api/experiments/check", {"experiment": experiment})]
    requests += [(f"/api/runs/{name}{what}", None) for name in names for what in ("", "/metrics", "/checkpoints")]
    held.lags()
    with held.crowd_looking(seconds):
        took = asyncio.run(many(held.host, TOKEN, requests, 40, seconds))
    held.crowd("disperse")
    lags = spread(held.lags())
    return [
        row("40 people at 8 runs: an answer of the server", [1e3 * one for one in took], "ms"),
        row("40 people at 8 runs: its event loop is late (p95)", 1e3 * lags.p95, "ms"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.5, help="time for each turn")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder), max_workers=8) as held:
        run = held.start()
        rows = crowds(held, run, options.seconds, options.rounds) + arriving(held, run, options.seconds)
        held.http("/api/runs/delete", {"runs": [run]})
        rows += lab(held, 2 * options.seconds)
    return written("spectators", rows)


if __name__ == "__main__":
    sys.exit(main())
