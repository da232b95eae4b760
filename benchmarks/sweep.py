"""How fast a sweep trains 64 networks 2-8-8-1 on one core, and what one of them makes alone in the same time.

``python benchmarks/sweep.py`` counts steps of all networks together in a second of the processor's time, pictures and
tests included, as a person sees it; then 64 networks with batch normalisation, which only PyTorch can train: stacked
against one after the other.
"""

from __future__ import annotations

import sys
import time

import torch

from torchglass.presets import presets
from torchglass.protocol.sweep import MOST_NETWORKS, Sweep, SweepNews, SweepRequest, Vary
from torchglass.sessions.sweeps import plan
from torchglass.training.sweep import Group, Members
from torchglass.training.trainer import Trainer
from torchglass.worker.sweeping import train

STEPS = 5000
#: Of those that only PyTorch can train.
FEWER = 600
#: Steps of all networks together in a second.
GOAL = 40_000
RATES = [0.003, 0.01, 0.03, 0.1]
SHAPE = [2, 8, 8, 1]


def stacked() -> float:
    """How many times faster networks train stacked than in turns; prints both."""
    torch.set_num_threads(1)
    rate = Vary(path="training.optimizers.model.config.lr", values=list(RATES))
    wanted = SweepRequest(experiment={}, vary=[rate], seeds=MOST_NETWORKS // len(RATES), steps=FEWER)
    networks = [one for _, one in plan(wanted, presets()["batch-norm"].experiment)]
    speeds = []
    for together in (True, False):
        members = Members(networks, FEWER)
        assert len(members.groups) == 1
        if not together:
            members.groups = [Group([member]) for member in members.all]
        begun = time.process_time()
        for _ in members.rounds(lambda member: None, lambda last: None):
            pass
        speeds.append(len(networks) * FEWER / (time.process_time() - begun))
    print(f"{len(networks)} networks with batch normalisation: stacked {speeds[0]:,.0f} network-steps/s, in turns")
    print(f"{speeds[1]:,.0f}: {speeds[0] / speeds[1]:.1f} times")
    return speeds[0] / speeds[1]


def main() -> int:
    experiment = presets()["spiral-mlp"].experiment
    rate = Vary(path="training.optimizers.model.config.lr", values=list(RATES))
    wanted = SweepRequest(experiment={}, vary=[rate], seeds=MOST_NETWORKS // len(RATES), steps=STEPS)
    networks = [one.model_dump(mode="json") for _, one in plan(wanted, experiment)]
    alone = Trainer(experiment, device="cpu", threads=1)
    assert alone.resolved.stepper == "native", f"the compiled step is not at hand: {alone.resolved.reason}"
    units = [node.config["out_features"] for node in experiment.network.nodes if node.kind == "linear"]
    assert units == SHAPE[1:], f"spiral-mlp is not {SHAPE} any more"
    alone.run(100)
    begun = time.process_time()
    for _ in range(10):
        alone.run(STEPS)
    single = 10 * STEPS / (time.process_time() - begun)
    news: list[SweepNews] = []
    begun = time.process_time()
    train(Sweep(experiments=networks, steps=STEPS), news.append)
    together = len(networks) * STEPS / (time.process_time() - begun)
    assert all(one.step == STEPS for one in news[-1].networks)
    print(
        f"{len(networks)} networks 2-8-8-1: {together:,.0f} network-steps/s of one core"
        f", {together / GOAL:.1f} x the goal"
    )
    print(f"pictures and tests of all included; one alone without any: {single:,.0f} steps/s ({together / single:.2f})")
    return 0 if together >= GOAL and stacked() > 1 else 1


if __name__ == "__main__":
    sys.exit(main())
