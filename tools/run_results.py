"""``make results``: whether the presets keep their promises, as the median of five seeds.

Trains each preset through the command line, as a user would, and writes docs/results.md with the machine named.
It takes minutes to hours; status 1 when a promise is not kept.

    .venv/bin/python tools/run_results.py [--seeds 5] [PRESET ...]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from house import ROOT, SCRIPTS, ToolError, fail, say

TABLE = ROOT / "docs" / "results.md"
METRIC = "test.accuracy"


@dataclass(frozen=True)
class Promise:
    """``preset`` reaches ``at_least`` test accuracy within ``epochs``."""

    preset: str
    epochs: int
    at_least: float


@dataclass(frozen=True)
class Result:
    """What the seeds of one promise came to; ``seconds`` is the median of one training."""

    promise: Promise
    accuracies: tuple[float, ...]
    seconds: float

    @property
    def median(self) -> float:
        """The figure that the promise is held to."""
        return statistics.median(self.accuracies)

    @property
    def kept(self) -> bool:
        """Whether it is."""
        return self.median >= self.promise.at_least


PROMISES = (
    Promise("mnist-softmax", epochs=5, at_least=0.92),
    Promise("mnist-mlp", epochs=3, at_least=0.97),
    Promise("mnist-cnn", epochs=1, at_least=0.98),
)


def train(promise: Promise, seed: int) -> tuple[float, float]:
    """(final test accuracy, seconds) of one training; raises `ToolError` when it does not finish."""
    command = [str(SCRIPTS / "torchglass"), "train", promise.preset, "--epochs", str(promise.epochs)]
    begin = time.monotonic()
    done = subprocess.run([*command, "--seed", str(seed), "--json"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    lines = done.stdout.splitlines()
    last = json.loads(lines[-1]) if lines else {}
    if done.returncode != 0 or last.get("event") != "finished" or METRIC not in last.get("metrics", {}):
        raise ToolError(f"{promise.preset}, seed {seed}, did not finish with {METRIC}:\n{done.stderr[-2000:]}")
    return float(last["metrics"][METRIC]), seconds


def measure(promise: Promise, seeds: int) -> Result:
    """Train once per seed."""
    runs = []
    for seed in range(seeds):
        accuracy, seconds = train(promise, seed)
        say(f"{promise.preset}, seed {seed}: {accuracy:.4f} in {seconds:.0f} s")
        runs.append((accuracy, seconds))
    accuracies, times = zip(*runs, strict=True)
    return Result(promise, accuracies, statistics.median(times))


def machine() -> str:
    """This machine in a few words."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, torch {version('torch')}"


def table(results: list[Result], seeds: int) -> str:
    """The report as Markdown."""
    rows = [
        f"| `{r.promise.preset}` | {r.promise.epochs} | {r.promise.at_least:.1%} | {r.median:.2%} "
        f"| {min(r.accuracies):.2%}-{max(r.accuracies):.2%} | {r.seconds:.0f} s | {'yes' if r.kept else '**no**'} |"
        for r in results
    ]
    head = (
        f"# Results\n\nWritten by `make results` on {time.strftime('%Y-%m-%d')}: median of {seeds} seeds.\n"
        f"Machine: {machine()}.\n\n"
        "| preset | epochs | promised test accuracy | median | range | one training | kept |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def main() -> None:
    """Measure, write the table when every promise was measured, and say which are not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    chosen = [promise for promise in PROMISES if not options.presets or promise.preset in options.presets]
    try:
        results = [measure(promise, options.seeds) for promise in chosen]
    except ToolError as error:
        fail(str(error))
    print(table(results, options.seeds))
    if len(results) == len(PROMISES):
        TABLE.write_text(table(results, options.seeds))
    broken = [result.promise.preset for result in results if not result.kept]
    if broken or not results:
        fail(f"Not kept: {', '.join(broken)}" if results else f"There is no promise about {', '.join(options.presets)}")


if __name__ == "__main__":
    main()
