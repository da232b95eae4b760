"""Who looks on and what it costs: a run of the mnist-cnn preset, alone and before a crowd, in one run of this program.

Lateness is from the making of a picture inside the worker to its last byte at the client; the crowd itself (a
process of its own that throws the pictures away) is measured as well, for it shares the processors. "Per processor
second" leaves out what other programs took.
Usage: python benchmarks/spectators.py [--crowd 300] [--seconds 8] [--rounds 3]   (Linux only)
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "load"))

from stage import TOKEN, Spent, Stage, stage
from users import many

LARGE = {"watch": 1, "probe": "stamped", "options": {"size": 50_000}, "rate": 20}
SMALL = {"watch": 1, "probe": "stamped", "options": {"size": 4000}, "rate": 10}
ODD = 5


def line(name: str, spent: Spent, seen: dict[str, Any] | None = None) -> None:
    """One row of the table."""
    text = f"{name:34s} {spent.steps:7.1f} {spent.steps_per_cpu:9.1f} {spent.server:8.2f}"
    if seen is not None:
        text += f" {seen['own_cpu']:7.2f} {seen['rate_min']:8.1f} {seen['rate_median']:7.1f}"
        text += f" {seen['late_p50'] * 1e3:7.0f} {seen['late_p99'] * 1e3:7.0f} {seen['lost']:5d}"
    print(text, flush=True)


def lecture(held: Stage, crowd: int, seconds: float, rounds: int) -> None:
    """Alone and watched in turn, then the slow and the dead come in, then everybody comes back at once."""
    run = held.start()
    costs, wall = [], []
    for number in range(rounds):
        alone, _ = held.during(run, lambda: held.crowd("linger", seconds=seconds))
        line("nobody looks", alone)
        held.crowd("gather", run=run, watch=LARGE, fast=crowd)
        watched, seen = held.during(run, lambda: held.crowd("measure", seconds=seconds))
        line(f"{crowd} at 50 kB x 20 Hz", watched, seen)
        costs.append(watched.steps_per_cpu / alone.steps_per_cpu)
        wall.append(watched.steps / alone.steps)
        if number < rounds - 1:
            held.crowd("disperse")
    held.crowd("gather", run=run, watch=LARGE, slow=ODD, dead=ODD)
    odd, seen = held.during(run, lambda: held.crowd("measure", seconds=seconds))
    line(f"  with {ODD} slow and {ODD} dead", odd, seen)
    gone = [after for kind in held.crowd("patience", within=20.0).values() for after in kind]
    held.crowd("disperse")
    back = held.crowd("gather", run=run, watch=LARGE, fast=crowd, over=2.0)
    held.crowd("disperse")
    held.crowd("gather", run=run, watch=SMALL, fast=1000, over=2.0)
    phones, seen = held.during(run, lambda: held.crowd("measure", seconds=seconds))
    line("1000 at 4 kB x 10 Hz", phones, seen)
    held.crowd("disperse")
    held.http("/api/runs/delete", {"runs": [run]})
    cpu, clock = statistics.median(costs), statistics.median(wall)
    sent, latest = sum(after is not None for after in gone), max(after or 0.0 for after in gone)
    print(f"watched / alone: steps per processor second {cpu:.3f}, steps per second {clock:.3f}")
    print(f"slow and dead: {sent} of {2 * ODD} sent away, after {latest:.1f} s at most")
    print(f"{crowd} reconnect within 2 s: {back['live']} live, the last after {back['all_live_after']:.2f} s")


def lab(held: Stage, seconds: float) -> None:
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
    lags = held.lags()
    middle, high, late = took[len(took) // 2], took[int(len(took) * 0.99)], lags[int(len(lags) * 0.99)]
    print(f"40 users, 8 runs: {len(took)} answers, median {middle * 1e3:.0f} ms, p99 {high * 1e3:.0f} ms")
    print(f"                  event loop late by {late * 1e3:.0f} ms (p99)")
    held.crowd("disperse")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=8.0, help="time for each row")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{'':34s} steps/s per cpu-s   server   crowd  slowest  median  late50  late99  lost")
    print(f"{'':34s}                    (cpus)  (cpus)   (pictures/s)     (ms)    (ms)")
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder), max_workers=8) as held:
        lecture(held, options.crowd, options.seconds, options.rounds)
        lab(held, 2 * options.seconds)


if __name__ == "__main__":
    main()
