"""``make results``: whether the presets keep their promises, as the median of five seeds.

Trains each preset through the command line, as a user would, and writes docs/results.md with the machine named.
It takes minutes to hours; with PRESETs only their rows are measured anew. Status 1 when a promise is not kept.

    .venv/bin/python tools/run_results.py [--seeds 5] [PRESET ...]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from house import ROOT, SCRIPTS, ToolError, fail, processor, say
from torchglass.presets import Also, Claim, Proof, presets
from torchglass.sessions.paths import resolve

SEEDS = 5
TABLE = ROOT / "docs" / "results.md"


def better_when_higher(claim: Claim) -> bool:
    """Accuracies rise, losses fall."""
    return "accuracy" in claim.metric


def said(claim: Claim, value: float, digits: int = 2) -> str:
    """A value of the metric as the table writes it."""
    return f"{value:.{digits}%}" if better_when_higher(claim) else f"{value:.{digits + 2}g}"


@dataclass(frozen=True)
class Result:
    """What the seeds of one preset, or of a twin of it, came to; ``seconds`` is the median of one training."""

    preset: str
    proof: Proof
    values: tuple[float, ...]
    seconds: float
    also: Also | None = None

    @property
    def claim(self) -> Claim:
        """What is claimed."""
        return self.also or self.proof

    @property
    def name(self) -> str:
        """Of the preset, and of the twin if it is one."""
        return f"{self.preset}, {self.also.twin}" if self.also and self.also.twin else self.preset

    @property
    def median(self) -> float:
        """The figure that the promise is held to."""
        return statistics.median(self.values)

    @property
    def kept(self) -> bool:
        """Whether it is."""
        bar = self.claim.bar
        match self.claim.kept:
            case "below":
                return self.median < bar
            case "above":
                return self.median > bar
            case _:
                return self.median >= bar if better_when_higher(self.claim) else self.median <= bar

    def row(self) -> str:
        """One line of the table."""
        proof, claim = self.proof, self.claim
        usual = "≥" if better_when_higher(claim) else "≤"
        sign = {"below": "<", "above": ">"}.get(claim.kept, usual)
        words = (
            f"`{self.preset}`" + self.name.removeprefix(self.preset),
            f"{proof.length:,} {proof.unit.removesuffix('s') if proof.length == 1 else proof.unit}",
            f"{claim.metric.replace('.', ' ')} {sign} {said(claim, claim.bar, 1)}",
            said(claim, self.median),
            f"{said(claim, min(self.values))}-{said(claim, max(self.values))}",
            f"{self.seconds:.0f} s",
            "yes" if self.kept else "**no**",
        )
        return f"| {' | '.join(words)} |"


def train(experiment: str, proof: Proof, seed: int) -> tuple[dict[str, float], float]:
    """(final metrics, seconds) of one training of a preset or file; raises `ToolError` when it does not finish.

    One that diverges where failure is among the promises has no metrics."""
    command = [str(SCRIPTS / "torchglass"), "train", experiment, f"--{proof.unit}", str(proof.length)]
    begin = time.monotonic()
    done = subprocess.run([*command, "--seed", str(seed), "--json"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    lines = done.stdout.splitlines()
    last = json.loads(lines[-1]) if lines else {}
    if last.get("message") == "diverged" and any(claim.kept != "reached" for claim in (proof, *proof.also)):
        return {}, seconds
    if done.returncode != 0 or last.get("event") != "finished":
        raise ToolError(f"{experiment}, seed {seed}, did not finish:\n{done.stderr[-2000:]}")
    return dict(last.get("metrics", {})), seconds


def value_of(claim: Claim, metrics: dict[str, float], preset: str) -> float:
    """The metric at the end. One that diverged where failure is the promise has got nothing right."""
    if not metrics and claim.kept != "reached":
        return 0.0 if claim.kept == "below" else math.inf
    if claim.metric not in metrics:
        raise ToolError(f"{preset} did not finish with {claim.metric}; it has: {', '.join(metrics) or 'diverged'}.")
    return metrics[claim.metric]


def changed(preset: str, changes: dict[str, Any], folder: Path) -> str:
    """What to train: the preset, or a file with the preset so changed."""
    if not changes:
        return preset
    raw = presets()[preset].experiment.model_dump(mode="json")
    for path, value in changes.items():
        resolve(raw, path).put(value)
    file = folder / f"{preset}-{abs(hash(json.dumps(changes, sort_keys=True)))}.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    return str(file)


def measure(preset: str, proof: Proof, seeds: int) -> list[Result]:
    """Train once per seed, and each twin as often."""
    runs: dict[str, list[tuple[dict[str, float], float]]] = {}
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for also in (None, *proof.also):
            file = changed(preset, also.changes if also else {}, Path(folder))
            if file not in runs:
                runs[file] = [train(file, proof, seed) for seed in range(seeds)]
            values = tuple(value_of(also or proof, metrics, preset) for metrics, _ in runs[file])
            seconds = statistics.median(seconds for _, seconds in runs[file])
            results.append(Result(preset, proof, values, seconds, also))
            say(results[-1].row())
    return results


def machine() -> str:
    """This machine in a few words."""
    return f"{processor()}, {os.cpu_count()} cores, {platform.system()}, torch {version('torch')}"


def earlier() -> dict[str, list[str]]:
    """The rows that the table has now, by preset."""
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []:
        if line.startswith("| `"):
            found.setdefault(line.split("`")[1], []).append(line)
    return found


def table(rows: list[str], seeds: int) -> str:
    """The report as Markdown."""
    head = (
        f"# Results\n\nWritten by `make results` on {time.strftime('%Y-%m-%d')}: median of {seeds} seeds.\n"
        f"Machine: {machine()}.\n\n"
        "Losses are mean squared errors: of a height between -1 and 1 (`plane-regression`), of thousands of births\n"
        "a day (`conv1d`), and of a standardised target (`diabetes-regression`), where it is the share of the\n"
        "variance that stays unexplained. Seconds are the clock's: longer where the machine had other work too.\n\n"
        "| preset | trained for | promised | median | range | one training | kept |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def main() -> None:
    """Measure, write the table with what was measured before of the others, and say which promises are not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    proofs = {preset.id: preset.proof for preset in presets().values() if preset.proof is not None}
    chosen = {name: proof for name, proof in proofs.items() if not options.presets or name in options.presets}
    try:
        results = [one for name, proof in chosen.items() for one in measure(name, proof, options.seeds)]
    except ToolError as error:
        fail(str(error))
    measured: dict[str, list[str]] = {}
    for result in results:
        measured.setdefault(result.preset, []).append(result.row())
    print(table([row for rows in measured.values() for row in rows], options.seeds))
    if options.seeds == SEEDS:
        known = earlier() | measured
        TABLE.write_text(table([row for name in proofs for row in known.get(name, [])], SEEDS), encoding="utf-8")
    broken = [result.name for result in results if not result.kept]
    if broken or not results:
        fail(f"Not kept: {', '.join(broken)}" if results else f"There is no promise about {', '.join(options.presets)}")


if __name__ == "__main__":
    main()
