"""How cost grows: with width, depth and data of a network, with runs, watchers and people; writes docs/scaling.md.

Steps are measured in the training thread's own processor time, so that other programs on the machine do not bend the
growth; a ladder ends where a step takes half a second, where nobody would train on one processor any more. Runs are
real ones of a real server. Watchers and people are figures of ``spectators``, the server's memory is one of ``memory``,
as their results were written last.

Usage: python benchmarks/scaling.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from figures import ROOT, Row, machine, row, written
from latency import RealServer, reaches
from scaling_page import Growth, page
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer

PAGE = ROOT / "docs" / "scaling.md"
#: Seconds of a step at which a ladder ends, and of processor time that one rung is measured for.
END, RUNG = 0.5, 0.3
MB = 2**20
#: Training images that there are.
DIGITS = 60_000


def document(layers: Iterable[tuple[str, dict[str, Any]]], batch: int, per_class: int | None = 100) -> Experiment:
    """Layers one behind the other, on handwritten digits."""
    kinds = [("input", {"field": "image"}), *layers, ("flatten", {}), ("linear", {"out_features": 10})]
    nodes = [{"id": f"n{i}", "kind": kind, "config": config} for i, (kind, config) in enumerate(kinds)]
    edges = [{"source": f"n{i}", "target": f"n{i + 1}"} for i in range(len(nodes) - 1)]
    loss = {"kind": "cross_entropy", "config": {}}
    return Experiment.model_validate(
        {
            "version": 1,
            "name": "scaling",
            "seed": 1,
            "data": {"kind": "mnist", "config": {"per_class": per_class}, "batch_size": batch},
            "network": {"nodes": nodes, "edges": edges},
            "recipe": {"kind": "supervised", "config": {"output": nodes[-1]["id"], "target": "label", "loss": loss}},
            "training": {"optimizers": {"model": {"kind": "adam", "config": {"lr": 0.001}}}},
        }
    )


def dense(units: int, layers: int) -> Experiment:
    """That many hidden layers, each of that many units."""
    hidden = [("linear", {"out_features": units}), ("relu", {})] * layers
    return document([("flatten", {}), *hidden], batch=64)


def convolutional(filters: int) -> Experiment:
    """Two convolutions 5x5 with pooling behind each, the second of twice as many filters."""
    layers: list[tuple[str, dict[str, Any]]] = []
    for channels in (filters, 2 * filters):
        layers += [("conv2d", {"out_channels": channels, "kernel_size": 5, "padding": 2}), ("relu", {})]
        layers += [("max_pool2d", {"kernel_size": 2})]
    return document(layers, batch=20)


def digits(per_class: int | None) -> Experiment:
    """A small convolutional network on so many images of each digit (None: all 60,000)."""
    filters = [("conv2d", {"out_channels": 8, "kernel_size": 5, "padding": 2}), ("relu", {}), ("max_pool2d", {})]
    return document(filters, batch=64, per_class=per_class)


def step_time(experiment: Experiment) -> float:
    """Seconds of the training thread that one step takes: the middle of three measurements, on one thread."""
    trainer = Trainer(experiment, device="cpu", threads=1)
    trainer.run(1)
    found = []
    for _ in range(3):
        begin, first = time.thread_time(), trainer.step
        while time.thread_time() - begin < RUNG:
            trainer.run(8)
        found.append((time.thread_time() - begin) / (trainer.step - first))
    return statistics.median(found)


def ladder(make: Callable[[int], Experiment], sizes: Iterable[int]) -> dict[int, float]:
    """Seconds of a step by size, up to where it ends."""
    found: dict[int, float] = {}
    for size in sizes:
        found[size] = step_time(make(size))
        print(f"  {size}: {1000 * found[size]:.3f} ms", flush=True)
        if found[size] > END:
            break
    return found


def exponent(found: dict[int, float]) -> float:
    """Of the upper half of a ladder: 1 is in proportion, 2 with the square, 0 not at all."""
    sizes = sorted(found)[len(found) // 2 - 1 :]
    return float(np.polyfit(np.log(sizes), np.log([found[size] for size in sizes]), 1)[0])


def reached(found: dict[int, float], seconds: float) -> float:
    """The size at which a step takes so long: between two rungs, or beyond the last one along its growth."""
    sizes = sorted(found)
    times = [found[size] for size in sizes]
    if times[-1] < seconds:
        power = exponent(found)
        return sizes[-1] * (seconds / times[-1]) ** (1 / power) if power > 0.2 else math.inf
    return float(np.exp(np.interp(np.log(seconds), np.log(times), np.log(sizes))))


def runs(counts: Iterable[int], seconds: float) -> dict[int, dict[str, float]]:
    """So many runs of mnist-cnn at once: steps a second of all, processor seconds a step, private MB of each worker."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        server = RealServer(Path(folder))
        try:
            with server.client() as client:
                names: list[str] = []
                for count in counts:
                    while len(names) < count:
                        names.append(client.post("/api/runs", json={"preset": "mnist-cnn", "start": True}).json()["id"])
                    told = [reaches(client, name, lambda run: run["step"] > 20) for name in names]
                    workers = [psutil.Process(run["worker_pid"]) for run in told]
                    before, spent = steps(client, names), sum(sum(one.cpu_times()[:2]) for one in workers)
                    begin = time.perf_counter()
                    time.sleep(seconds)
                    made, took = steps(client, names) - before, time.perf_counter() - begin
                    spent = sum(sum(one.cpu_times()[:2]) for one in workers) - spent
                    private = statistics.median(one.memory_full_info().uss / MB for one in workers)
                    found[count] = {
                        "rate": made / took,
                        "effort": spent / made,
                        "private": private,
                        "cpus": spent / took,
                    }
                    print(f"  {count} runs: {found[count]}", flush=True)
        finally:
            server.stop()
    return found


def steps(client: Any, names: list[str]) -> int:
    return sum(int(client.get(f"/api/runs/{name}").json()["step"]) for name in names)


def kept(benchmark: str) -> dict[str, float]:
    """The rows that another benchmark wrote last, by what they say."""
    file = ROOT / "benchmarks" / "results" / f"{benchmark}.json"
    if not file.exists():
        raise SystemExit(f"run benchmarks/{benchmark}.py first: the table takes figures of it")
    return {one["what"]: one["value"] for one in json.loads(file.read_text(encoding="utf-8"))["rows"]}


def growths(quick: bool) -> list[Growth]:
    """Width twice, depth, data."""
    top = 3 if quick else 99
    found = []
    for name, what, unit, make, sizes in (
        ("width, dense", "units in each of two hidden layers behind 784 pixels, batch 64", "units",
         lambda n: dense(n, 2), [16, 32, 64, 128, 256, 512, 1024, 2048, 4096][:top]),
        ("width, convolutions", "filters of the first of two convolutions 5×5 on 28×28, batch 20", "filters",
         convolutional, [4, 8, 16, 32, 64, 128][:top]),
        ("depth", "hidden layers of 64 units, batch 64", "layers",
         lambda n: dense(64, n), [1, 2, 4, 8, 16, 32, 64, 128][:top]),
        ("data", "training images, one convolution of 8 filters, batch 64", "images",
         lambda n: digits(None if n == DIGITS else n // 10), [1000, 4000, 16_000, DIGITS][:top]),
    ):  # fmt: skip
        print(name, flush=True)
        taken = ladder(make, sizes)
        found.append(Growth(name, what, unit, taken, exponent(taken), reached(taken, 0.05), reached(taken, END)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the first rungs only, and no page")
    options = parser.parse_args()
    others = {} if options.quick else {name: kept(name) for name in ("spectators", "memory")}
    grown = growths(options.quick)
    print("runs", flush=True)
    together = runs((1, 2) if options.quick else (1, 2, 4, 8), 2.0 if options.quick else 5.0)
    rows: list[Row] = []
    for one in grown:
        rows.append(row(f"{one.name}: a step grows with the power", one.exponent, ""))
        rows.append(row(f"{one.name}: a step at {max(one.taken):,} {one.unit}", 1000 * one.taken[max(one.taken)], "ms"))
    for count, told in together.items():
        rows.append(row(f"{count} runs at once: steps of all", told["rate"], "/s"))
    status = written("scaling", rows)
    if not options.quick:
        memory = psutil.virtual_memory().total / MB
        PAGE.write_text(page(machine(), grown, together, others, os.cpu_count() or 1, memory), encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return status


if __name__ == "__main__":
    sys.exit(main())
