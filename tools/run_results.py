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
from torchglass.presets import Proof, presets

TABLE = ROOT / "docs" / "results.md"


def better_when_higher(proof: Proof) -> bool:
    """Accuracies rise, losses fall."""
    return proof.metric == "test.accuracy"


def said(proof: Proof, value: float, digits: int = 2) -> str:
    """A value of the metric as the table writes it."""
    return f"{value:.{digits}%}" if better_when_higher(proof) else f"{value:.{digits + 2}g}"


@dataclass(frozen=True)
class Result:
    """What the seeds of one preset came to; ``seconds`` is the median of one training."""

    preset: str
    proof: Proof
    values: tuple[float, ...]
    seconds: float

    @property
    def median(self) -> float:
        """The figure that the promise is held to."""
        return statistics.median(self.values)

    @property
    def kept(self) -> bool:
        """Whether it is."""
        bar = self.proof.bar
        if self.proof.kept == "below":
            return self.median < bar
        return self.median >= bar if better_when_higher(self.proof) else self.median <= bar

    def row(self) -> str:
        """One line of the table."""
        proof = self.proof
        sign = "<" if proof.kept == "below" else "≥" if better_when_higher(proof) else "≤"
        words = (
            f"`{self.preset}`",
            f"{proof.length:,} {proof.unit.removesuffix('s') if proof.length == 1 else proof.unit}",
            f"{proof.metric.replace('.', ' ')} {sign} {said(proof, proof.bar, 1)}",
            said(proof, self.median),
            f"{said(proof, min(self.values))}-{said(proof, max(self.values))}",
            f"{self.seconds:.0f} s",
            "yes" if self.kept else "**no**",
        )
        return f"| {' | '.join(words)} |"


def train(preset: str, proof: Proof, seed: int) -> tuple[float, float]:
    """(final value of the metric, seconds) of one training; raises `ToolError` when it does not finish.

    One that diverges where failure is the promise has got nothing right: 0."""
    command = [str(SCRIPTS / "torchglass"), "train", preset, f"--{proof.unit}", str(proof.length)]
    begin = time.monotonic()
    done = subprocess.run([*command, "--seed", str(seed), "--json"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    lines = done.stdout.splitlines()
    last = json.loads(lines[-1]) if lines else {}
    if proof.kept == "below" and last.get("message") == "diverged":
        return 0.0, seconds
    if done.returncode != 0 or last.get("event") != "finished" or proof.metric not in last.get("metrics", {}):
        raise ToolError(f"{preset}, seed {seed}, did not finish with {proof.metric}:\n{done.stderr[-2000:]}")
    return float(last["metrics"][proof.metric]), seconds


def measure(preset: str, proof: Proof, seeds: int) -> Result:
    """Train once per seed."""
    runs = []
    for seed in range(seeds):
        value, seconds = train(preset, proof, seed)
        say(f"{preset}, seed {seed}: {said(proof, value)} in {seconds:.0f} s")
        runs.append((value, seconds))
    values, times = zip(*runs, strict=True)
    return Result(preset, proof, values, statistics.median(times))


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
    head = (
        f"# Results\n\nWritten by `make results` on {time.strftime('%Y-%m-%d')}: median of {seeds} seeds.\n"
        f"Machine: {machine()}.\n\n"
        "Losses are mean squared errors: of a height between -1 and 1 (`plane-regression`), and of a standardised "
        "target\n(`diabetes-regression`), where it is the share of the variance that stays unexplained.\n\n"
        "| preset | trained for | promised | median | range | one training | kept |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
    )
    return head + "\n".join(result.row() for result in results) + "\n"


def main() -> None:
    """Measure, write the table when every promise was measured, and say which are not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    proofs = {preset.id: preset.proof for preset in presets().values() if preset.proof is not None}
    chosen = {name: proof for name, proof in proofs.items() if not options.presets or name in options.presets}
    try:
        results = [measure(name, proof, options.seeds) for name, proof in chosen.items()]
    except ToolError as error:
        fail(str(error))
    print(table(results, options.seeds))
    if len(results) == len(proofs):
        TABLE.write_text(table(results, options.seeds))
    broken = [result.preset for result in results if not result.kept]
    if broken or not results:
        fail(f"Not kept: {', '.join(broken)}" if results else f"There is no promise about {', '.join(options.presets)}")


if __name__ == "__main__":
    main()
