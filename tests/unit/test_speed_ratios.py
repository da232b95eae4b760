"""How fast is never asked here, only how many times as fast: of pairs that take turns, in the processor time of this
thread, so that a busy machine changes little, and with bounds far below what ``make bench`` finds on a quiet one."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from torchglass.presets import load_preset
from torchglass.training.steppers import build
from torchglass.training.sweep import Group, Member
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")
sys.path.insert(0, BENCHMARKS)

import eager_stepper  # noqa: E402
import watching  # noqa: E402
from figures import turns  # noqa: E402

sys.path.remove(BENCHMARKS)

ROUNDS = 5


def ratio(slow: Callable[[], float], fast: Callable[[], float], rounds: int = ROUNDS) -> float:
    """How many times as long the first takes: the median over pairs in turns, each measured once before."""
    slow()
    fast()
    taken = turns({"slow": slow, "fast": fast}, rounds)
    return statistics.median(a / b for a, b in zip(*taken.values(), strict=True))


def per_step(run: Callable[[int], object], steps: int) -> Callable[[], float]:
    """Seconds of this thread for one step of so many."""

    def measure() -> float:
        begun = time.thread_time()
        run(steps)
        return (time.thread_time() - begun) / steps

    return measure


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def eager(preset: str) -> Trainer:
    return Trainer(eager_stepper.eager(load_preset(preset)), device="cpu", threads=1)


def test_the_compiled_step_of_2_8_8_1_is_many_times_as_fast_as_pytorch() -> None:
    assert build.main() == 0
    compiled = Trainer(load_preset("spiral-mlp"), device="cpu", threads=1)
    assert compiled.stepper.kind == "native"
    assert ratio(per_step(eager("spiral-mlp").run, 50), per_step(compiled.run, 2000)) >= 10


def on(groups: list[Group], steps: int) -> Callable[[], float]:
    """Seconds of this thread for one more step of all of them."""

    def measure() -> float:
        begun = time.thread_time()
        for group in groups:
            for _ in group.train(group.members[0].step + steps):
                pass
        return (time.thread_time() - begun) / steps

    return measure


def test_networks_that_are_stacked_train_faster_than_in_turns() -> None:
    document = load_preset("batch-norm")
    apart, stacked = ([Member(i, document, 10**6) for i in range(24)] for _ in range(2))
    assert ratio(on([Group([one]) for one in apart], 2), on([Group(stacked)], 3), 3) >= 1.3


def test_a_sweep_of_2_8_8_1_is_many_times_as_fast_as_pytorch_in_turns() -> None:
    document, apart = load_preset("spiral-mlp"), [eager("spiral-mlp") for _ in range(8)]

    def in_turns(steps: int) -> None:
        for trainer in apart:
            trainer.run(steps)

    swept = [Group([Member(i, document, 10**6)]) for i in range(8)]
    assert ratio(per_step(in_turns, 5), on(swept, 100)) >= 5


def test_our_eager_step_is_no_slower_than_the_loop_by_hand() -> None:
    trainer = eager("mnist-cnn")
    some = trainer.data.batch("train", range(2000))
    hand = eager_stepper.by_hand(some["image"].contiguous(), some["label"])
    assert ratio(per_step(hand, 8), per_step(trainer.run, 8)) >= 0.8


def test_the_compiled_step_of_a_small_cnn_is_well_ahead_of_the_loop_by_hand() -> None:
    assert build.main() == 0
    trainer = Trainer(load_preset("mnist-cnn"), device="cpu", threads=1)
    assert trainer.stepper.kind == "native"
    some = trainer.data.batch("train", range(2000))
    hand = eager_stepper.by_hand(some["image"].contiguous(), some["label"])
    assert ratio(per_step(hand, 8), per_step(trainer.run, 8)) >= 1.5


def test_being_watched_leaves_most_of_the_speed() -> None:
    document = load_preset("mnist-cnn")
    trainer, tally = Trainer(document, device="cpu", threads=1), watching.Tally()
    service = WatchingService(trainer, tally.send, clock=time.thread_time)
    service.set_watches(watching.page(document))

    def step(looking: WatchingService | None) -> float:
        """Seconds of this thread for one step."""
        return 1 / watching.block(trainer, looking, 0.2)

    assert ratio(lambda: step(None), lambda: step(service), 3) >= 0.85
    assert tally.frames
