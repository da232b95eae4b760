"""What watching costs: steps per second of the mnist-cnn preset, watched and unwatched, in one run.

Blocks alternate (unwatched, watched, unwatched, ...), so that a machine that slows down slows both alike; seconds
are those of the training thread's processor time, so that other programs on the machine do not count. What a crowd
costs behind a real server is in spectators.py.
Usage: python benchmarks/watching.py [--seconds 12] [--budget 0.05]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from importlib import resources
from typing import Any

from figures import row, written
from torchglass.protocol.worker import WatchSpec
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import INITIAL_CREDIT, WatchingService

RATE = 20.0
#: Pictures of what a layer knows, of 1,000 test images, per second.
SLOWLY = 1.0


def page(document: Experiment) -> list[WatchSpec]:
    """What the page of the preset watches: the digit, every map, every filter, the prediction; and what a layer knows
    of 1,000 test images."""
    asked: list[tuple[str, str | None, str | None]] = [("example", None, None), ("predictions", None, None)]
    asked += [("activations", node.id, "out") for node in document.network.nodes if node.kind != "input"]
    asked += [("filters", node.id, "weight") for node in document.network.nodes if node.kind in ("conv2d", "linear")]
    watches = [
        WatchSpec(stream=i, probe=probe, node=node, tap=tap, source="test:0", rate=RATE)
        for i, (probe, node, tap) in enumerate(asked)
    ]
    return [*watches, WatchSpec(stream=len(asked), probe="embedding", source="test:0", rate=SLOWLY)]


class Tally:
    """Counts the frames that are sent and takes them off the service's hands."""

    def __init__(self) -> None:
        self.frames: Counter[int] = Counter()
        self.bytes = 0

    def send(self, header: dict[str, Any], body: bytes) -> None:
        if header["type"] == "frame":
            self.frames[header["stream"]] += 1
        self.bytes += len(body)


def block(trainer: Trainer, service: WatchingService | None, seconds: float) -> float:
    """Steps per second over one block, both of the thread's own time; ``service`` must keep that time as well."""
    start, first = time.thread_time(), trainer.step
    while (now := time.thread_time()) < start + seconds:
        trainer.run(1)
        if service is not None:
            service.serve(True)
            service.credit(INITIAL_CREDIT)
    return (trainer.step - first) / (now - start)


def nobody(service: WatchingService, calls: int = 200_000) -> float:
    """Seconds per call of ``serve`` while nobody watches."""
    service.set_watches([])
    start = time.perf_counter()
    for _ in range(calls):
        service.serve(True)
    return (time.perf_counter() - start) / calls


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=12.0, help="time for all blocks together")
    parser.add_argument("--budget", type=float, default=0.05, help="share of the time that may go into looking")
    options = parser.parse_args()
    text = (resources.files("torchglass.presets") / "mnist_cnn.json").read_text()
    document = Experiment.model_validate(json.loads(text)["experiment"])
    trainer, tally = Trainer(document, device="cpu", threads=1), Tally()
    service = WatchingService(trainer, tally.send, clock=time.thread_time, budget=options.budget)
    watches = page(document)
    service.set_watches(watches)
    block(trainer, service, 0.5)  # warm up
    tally.frames.clear()
    pairs, seconds = [], options.seconds / 12
    for _ in range(6):
        plain = block(trainer, None, seconds)
        pairs.append((plain, block(trainer, service, seconds)))
    plain = statistics.median(one for one, _ in pairs)
    slow = watches[-1].stream
    fast = statistics.mean(tally.frames[watch.stream] for watch in watches[:-1]) / (6 * seconds)
    idle = nobody(service)
    many = f"{len(watches) - 1} kinds of pictures at {RATE:.0f} Hz"
    rows = [
        row("mnist-cnn, unwatched: steps per second of the thread", [one for one, _ in pairs], "/s"),
        row(f"mnist-cnn, {many}: steps per second of the thread", [one for _, one in pairs], "/s"),
        row(
            f"watched / unwatched: mnist-cnn with {many}",
            [watched / one for one, watched in pairs],
            "×",
            bar=f">= {0.97 - options.budget:g}",
            quoted=True,
        ),
        row("pictures of each kind that were taken", fast, "/s"),
        row("planes of what a layer knows of 1,000 test images", tally.frames[slow] / (6 * seconds), "/s"),
        row("nobody watching: a look", idle * 1e9, "ns"),
        row("nobody watching: of the time", idle * plain * 100, "%", quoted=True),
    ]
    return written("watching", rows)


if __name__ == "__main__":
    sys.exit(main())
