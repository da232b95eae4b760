"""Runs exported scripts, many in one process, and trains the same experiments with our own trainer."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer
from torchglass.worker.export_python import write_python

#: Runs each folder's script as if alone; it sees neither our package nor the tests.
_DRIVER = """
import contextlib, io, json, runpy, sys, torch, traceback
for folder in sys.argv[2:]:
    out = io.StringIO()
    sys.argv[:] = [f"{folder}/train.py", "--steps", "STEPS", "--json"]
    torch.set_default_dtype(torch.float32)
    try:
        with contextlib.redirect_stdout(out):
            runpy.run_path(sys.argv[0], run_name="__main__")
    except BaseException:
        print(json.dumps([folder, traceback.format_exc()]))
    else:
        print(json.dumps([folder, [json.loads(line) for line in out.getvalue().splitlines()]]))
assert "torchglass" not in sys.modules
"""


def write(experiments: dict[str, dict[str, Any]], root: Path) -> dict[str, Path]:
    """A folder per experiment."""
    folders = {}
    for name, raw in experiments.items():
        folders[name] = root / name
        folders[name].mkdir()
        write_python(Experiment.model_validate(raw), None, None, folders[name], lambda words, share: None)
    return folders


def run(folders: dict[str, Path], steps: int) -> dict[str, list[dict[str, Any]]]:
    """The lines that each script printed. Fails with the traceback of one that failed."""
    driver = _DRIVER.replace("STEPS", str(steps)).replace("sys.argv[2:]", "list(sys.argv[1:])")
    command = [sys.executable, "-I", "-c", driver, *map(str, folders.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    printed = dict(json.loads(line) for line in done.stdout.splitlines())
    found = {name: printed[str(folder)] for name, folder in folders.items()}
    for name, lines in found.items():
        assert not isinstance(lines, str), f"{name}: {lines}"
    return found


def run_here(folder: Path, steps: int) -> list[dict[str, Any]]:
    """The lines that a script printed, run in this process: milliseconds where a process of its own takes seconds."""
    printed, arguments, threads = io.StringIO(), sys.argv, torch.get_num_threads()
    sys.argv = [str(folder / "train.py"), "--steps", str(steps), "--json"]
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        sys.argv = arguments
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(threads)
    return [json.loads(line) for line in printed.getvalue().splitlines()]


def metrics(lines: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """The metrics of every step that a script printed."""
    steps = [line["metrics"] for line in lines if line["event"] == "metrics"]
    return {name: np.array([step[name] for step in steps]) for name in steps[0]}


def trained(raw: dict[str, Any], steps: int, nudge: float = 0.0) -> dict[str, np.ndarray]:
    """The metrics of every step of an eager, unedited run on the processor; ``nudge``: share by which each first
    weight is another."""
    eager = {**raw, "training": {**raw["training"], "stepper": "eager"}}
    trainer = Trainer(Experiment.model_validate(eager), device="cpu")
    if nudge:
        with torch.no_grad():
            for weight in trainer.model.parameters_by_name().values():
                weight.mul_(1 + nudge)
    chunks: list[dict[str, np.ndarray]] = []
    while sum(len(chunk["loss"]) for chunk in chunks) < steps:
        chunks.append(trainer.run(steps - sum(len(chunk["loss"]) for chunk in chunks)).metrics)
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def check_scripts(documents: dict[str, dict[str, Any]], steps: int, root: Path) -> None:
    """Each runs alone and gives the losses of our own eager run to 1e-5; a linter finds nothing to mend."""
    folders = write(documents, root)
    printed = run(folders, steps)
    for name, raw in documents.items():
        ours, theirs = trained(raw, steps), metrics(printed[name])
        assert set(theirs) == set(ours), name
        for metric, values in ours.items():
            # To 1e-5; beyond 32, where single precision has no such digits, to 1e-5 of the value.
            scale = np.where(np.abs(values) > 32, np.abs(values), 1)
            np.testing.assert_allclose(
                theirs[metric] / scale, values / scale, rtol=0, atol=1e-5, err_msg=f"{name} {metric}"
            )
    lint(folders)


def lint(folders: dict[str, Path]) -> None:
    """A linter and a formatter find nothing to mend."""
    files = [str(folder / "train.py") for folder in folders.values()]
    settings = ["--isolated", "--line-length", "120", "--target-version", "py311"]
    rules = ["--select", "E,F,W,I,B,UP,C4,SIM,RET,PLE,PLW,RUF", "--ignore", "RUF001,RUF002,RUF003,RUF012"]
    for command in (["check", "--no-cache", *rules], ["format", "--no-cache", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, *files], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
