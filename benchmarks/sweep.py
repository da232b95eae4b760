"""How fast a sweep trains 64 networks 2-8-8-1 on one core, and what one of them makes alone in the same time.

``python benchmarks/sweep.py`` counts steps of all networks together in a second of the processor's time, pictures and
tests included, as a person sees it; then 64 networks with batch normalisation, which only PyTorch can train: stacked
against one after the other.
"""

from __future__ import annotations

import sys
import time

import torch

from figures import Row, row, turns, written
from torchglass.presets import presets
from torchglass.protocol.sweep import MOST_NETWORKS, Sweep, SweepNews, SweepRequest, Vary
from torchglass.sessions.sweeps import plan
from torchglass.training.sweep import Group, Members
from torchglass.training.trainer import Trainer
from torchglass.worker.sweeping import train

STEPS = 5000
#: Of those that only PyTorch can train.
FEWER = 60
ROUNDS = 3
#: Steps of all networks together in a second.
GOAL = 50_000
RATES = [0.003, 0.01, 0.03, 0.1]
SHAPE = [2, 8, 8, 1]


def stacked() -> list[Row]:
    """How many times faster networks train stacked than in turns."""
    torch.set_num_threads(1)
    rate = Vary(path="training.optimizers.model.config.lr", values=list(RATES))
    wanted = SweepRequest(experiment={}, vary=[rate], seeds=MOST_NETWORKS // len(RATES), steps=FEWER)
    networks = [one for _, one in plan(wanted, presets()["batch-norm"].experiment)]

    def speed(together: bool) -> float:
        """Steps of all networks in a second of the processor's time."""
        members = Members(networks, FEWER)
        assert len(members.groups) == 1
        if not together:
            members.groups = [Group([member]) for member in members.all]
        begun = time.process_time()
        for _ in members.rounds(lambda member: None, lambda last: None):
            pass
        return len(networks) * FEWER / (time.process_time() - begun)

    taken = turns({"stacked": lambda: speed(True), "in turns": lambda: speed(False)}, ROUNDS)
    what = f"{len(networks)} networks with batch normalisation"
    ratios = [one / other for one, other in zip(*taken.values(), strict=True)]
    return [
        row(f"{what}, stacked: network-steps", taken["stacked"], "/s"),
        row(f"{what}, one after the other: network-steps", taken["in turns"], "/s"),
        row(f"{what}: stacked / one after the other", ratios, "×", bar=">= 1"),
    ]


def compiled() -> list[Row]:
    """64 networks of the small shape, as a person sees them, beside one alone without tests and pictures."""
    experiment = presets()["spiral-mlp"].experiment
    rate = Vary(path="training.optimizers.model.config.lr", values=list(RATES))
    wanted = SweepRequest(experiment={}, vary=[rate], seeds=MOST_NETWORKS // len(RATES), steps=STEPS)
    networks = [one.model_dump(mode="json") for _, one in plan(wanted, experiment)]
    alone = Trainer(experiment, device="cpu", threads=1)
    assert alone.resolved.stepper == "native", f"the compiled step is not at hand: {alone.resolved.reason}"
    units = [node.config["out_features"] for node in experiment.network.nodes if node.kind == "linear"]
    assert units == SHAPE[1:], f"spiral-mlp is not {SHAPE} any more"
    alone.run(100)

    def single() -> float:
        begun, first = time.process_time(), alone.step
        while alone.step < first + 10 * STEPS:
            alone.run(STEPS)
        return (alone.step - first) / (time.process_time() - begun)

    def together() -> float:
        news: list[SweepNews] = []
        begun = time.process_time()
        train(Sweep(experiments=networks, steps=STEPS), news.append)
        assert all(one.step == STEPS for one in news[-1].networks)
        return len(networks) * STEPS / (time.process_time() - begun)

    taken = turns({"together": together, "single": single}, ROUNDS)
    what = f"{len(networks)} networks 2-8-8-1 in one sweep, tests and pictures included: network-steps per core"
    return [
        row(what, taken["together"], "/s", bar=f">= {GOAL}", quoted=True),
        row("one network 2-8-8-1 alone, without tests and pictures: steps per core", taken["single"], "/s"),
    ]


if __name__ == "__main__":
    sys.exit(written("sweep", compiled() + stacked()))
