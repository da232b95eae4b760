"""The service between chunks: what is sent, when, at what cost, and that the training does not notice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from probes_fakes import EVERYTHING, FakeTrainer, watch

from torchglass.protocol.worker import FROM_WORKER, Feed
from torchglass.worker.watching import INITIAL_CREDIT, WatchingService


class Clock:
    """A clock that moves only when told; every forward pass may cost time."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A service over a fake trainer with a hand-driven clock; ``sent`` collects (header, body)."""

    def __init__(self, budget: float = 0.04, cost: float = 0.0) -> None:
        self.trainer, self.clock = FakeTrainer(), Clock()
        self.sent: list[tuple[dict[str, Any], bytes]] = []
        self.service = WatchingService(self.trainer, self._send, self.clock, budget)
        self._cost = cost

    def _send(self, header: dict[str, Any], body: bytes) -> None:
        self.clock.now += self._cost
        self.sent.append((header, bytes(body)))

    def train(self, seconds: float, step: float = 0.005) -> None:
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now += step
            self.trainer.step += 1
            self.service.serve(True)

    def streams(self) -> list[int]:
        return [header["stream"] for header, _ in self.sent]

    def problems(self) -> list[str]:
        return [header["message"] for header, _ in self.sent if header["type"] == "watch_problem"]


def test_every_probe_sends_a_valid_frame() -> None:
    bench = Bench()
    bench.service.set_watches(EVERYTHING)
    bench.service.serve(False)
    assert sorted(bench.streams()) == list(range(1, 10))
    for header, body in bench.sent:
        frame = FROM_WORKER.validate_python(header)
        assert frame.type == "frame"
        assert len(body) == np.prod(frame.shape) * np.dtype(frame.dtype).itemsize


def test_who_comes_later_gets_a_picture_of_a_run_that_stands_still() -> None:
    bench = Bench()
    first = watch(1, "filters", "conv")
    bench.service.set_watches([first])
    bench.service.serve(False)
    bench.clock.now += 1
    bench.service.serve(False)
    assert bench.streams() == [1]  # nothing is new
    bench.service.set_watches([first.model_copy(update={"asked": 2})])
    bench.service.serve(False)
    assert bench.streams() == [1, 1]


def test_a_weight_set_by_hand_is_seen_though_nothing_trains() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "filters", "conv"), watch(2, "predictions")])
    bench.service.serve(False)
    bench.service.touched()
    bench.service.serve(False)
    assert sorted(bench.streams()) == [1, 1, 2, 2]


def test_the_step_behind_a_change_is_shown_at_once_though_its_turn_has_not_come() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "filters", "conv", rate=1.0), watch(2, "predictions", rate=1.0)])
    bench.train(0.1)
    assert sorted(bench.streams()) == [1, 2]
    bench.service.hurry()
    bench.service.serve(True)  # the step of the change itself shows nothing of it
    assert sorted(bench.streams()) == [1, 2]
    changed_at = bench.trainer.step
    bench.train(0.1)
    assert sorted(bench.streams()) == [1, 1, 2, 2]
    assert [header["step"] for header, _ in bench.sent[2:]] == [changed_at + 1] * 2


def test_one_forward_pass_for_all_sources() -> None:
    bench = Bench()
    maps = [watch(i, "activations", "conv", source=f"test:{i % 3}") for i in range(9)]
    bench.service.set_watches([*maps, watch(20, "predictions", source="test:1")])
    bench.service.serve(True)
    assert bench.trainer.model.batches == [3]
    assert len(bench.sent) == 10


def test_rows_belong_to_their_sources() -> None:
    bench = Bench()
    bench.service.set_watches([watch(i, "predictions", source=f"test:{i}") for i in range(4)])
    bench.service.serve(True)
    bench.trainer.model.eval()
    for header, body in bench.sent:
        expected = bench.trainer.recipe.predict(
            bench.trainer.model.run(bench.trainer.data.batch("test", [header["stream"]]))
        )
        np.testing.assert_allclose(np.frombuffer(body, np.float32), expected.detach().numpy()[0], rtol=1e-5)


def test_quantised_values_come_back_within_half_a_step() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "filters", "conv")])
    bench.service.serve(False)
    ((header, body),) = bench.sent
    weight = bench.trainer.model.nodes["conv"].weight.detach().numpy()
    lo, hi = header["lo"], header["hi"]
    back = lo + np.frombuffer(body, np.uint8).reshape(header["shape"]) / 255 * (hi - lo)
    np.testing.assert_allclose(back, weight, atol=(hi - lo) / 255 * 0.51)
    assert (lo, hi) == (float(weight.min()), float(weight.max()))


@pytest.mark.parametrize("value", [0.0, 3.5, float("nan"), float("inf"), 3e38])
def test_odd_weights_are_sent_as_finite_numbers(value: float) -> None:
    bench = Bench()
    with torch.no_grad():
        bench.trainer.model.nodes["conv"].weight[1:].fill_(value)
    bench.service.set_watches(EVERYTHING)
    bench.service.serve(False)
    assert not bench.problems()
    for header, _ in bench.sent:
        FROM_WORKER.validate_python(header)
    (filters,) = [header for header, _ in bench.sent if header["stream"] == 3]
    assert filters["extra"].get("nonfinite", 0) == (0 if np.isfinite(value) else 27)


def test_the_asked_rate_is_kept_within_a_generous_budget() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "filters", "conv", rate=20.0), watch(2, "filters", "conv", rate=5.0)])
    bench.train(2.0)
    assert bench.streams().count(1) == pytest.approx(40, abs=2)
    assert bench.streams().count(2) == pytest.approx(10, abs=1)


def test_slow_pictures_come_at_most_twice_a_second() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "confusion", rate=60.0)])
    bench.train(3.0)
    assert len(bench.sent) == pytest.approx(6, abs=1)


@pytest.mark.parametrize("cost", [0.001, 0.004, 0.1])
def test_the_budget_beats_the_asked_rate_and_nobody_starves(cost: float) -> None:
    bench = Bench(budget=0.04, cost=cost)
    bench.service.set_watches([watch(i, "filters", "conv", rate=30.0) for i in range(4)])
    bench.train(1.0)
    bench.sent.clear()
    start = bench.clock.now
    bench.train(40.0)
    share = len(bench.sent) * cost / (bench.clock.now - start)
    assert share <= 0.041 + 0.4 * cost / 40
    assert share > 0.02
    counts = [bench.streams().count(i) for i in range(4)]
    assert max(counts) - min(counts) <= 1 + 0.1 * max(counts)


def test_on_a_busy_machine_looking_takes_no_larger_part_of_what_the_thread_has() -> None:
    """Others have the processor three quarters of the time: the budget is a share of the fourth."""
    clock, own, sent = Clock(), Clock(), []

    def send(header: dict[str, Any], body: bytes) -> None:
        clock.now += 0.002
        own.now += 0.002
        sent.append(header)

    trainer = FakeTrainer()
    service = WatchingService(trainer, send, clock, 0.05, effort=own, had=own)
    service.set_watches([watch(i, "filters", "conv", rate=30.0) for i in range(4)])
    start = own.now
    for _ in range(4000):
        clock.now += 0.020
        own.now += 0.005
        trainer.step += 1
        service.serve(True)
    assert 0.03 <= len(sent) * 0.002 / (own.now - start) <= 0.052


def test_the_share_of_the_last_second_stays_within_budget() -> None:
    bench = Bench(budget=0.04, cost=0.001)
    bench.service.set_watches([watch(i, "filters", "conv", rate=60.0) for i in range(4)])
    shares = []
    for _ in range(400):
        bench.train(0.01)
        shares.append(bench.service.watched_share)
    assert max(shares) <= 0.0441  # one look of four pictures over
    bench.clock.now += 1.5
    assert bench.service.watched_share == 0


def test_one_look_that_took_two_seconds_does_not_end_looking() -> None:
    bench = Bench(budget=0.05, cost=0.001)
    bench.service.set_watches([watch(1, "filters", "conv", rate=20.0)])
    bench.train(2.0)
    bench._cost = 2.0
    bench.train(0.1)
    bench._cost = 0.001
    seen = len(bench.sent)
    bench.train(2.0)
    assert len(bench.sent) > seen + 10


def test_quick_pictures_go_on_beside_slow_ones() -> None:
    bench = Bench(budget=0.04, cost=0.01)
    bench.service.set_watches([watch(1, "filters", "conv", rate=20.0), watch(2, "confusion", rate=2.0)])
    bench.train(10.0)
    assert bench.streams().count(1) >= 15
    assert bench.streams().count(2) >= 10


def test_slow_pictures_take_what_quick_ones_leave() -> None:
    bench = Bench(budget=0.04, cost=0.03)
    bench.service.set_watches([watch(1, "filters", "conv", rate=0.2), watch(2, "confusion", rate=2.0)])
    bench.train(40.0)
    assert bench.streams().count(2) >= 32  # 21 were 40 % of the budget
    assert bench.streams().count(1) >= 6
    assert len(bench.sent) * 0.03 / 40 <= 0.042


def test_paused_and_unchanged_is_shown_once() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "filters", "conv"), watch(2, "predictions")])
    for _ in range(50):
        bench.clock.now += 0.1
        bench.service.serve(False)
    assert sorted(bench.streams()) == [1, 2]
    bench.trainer.step += 1
    bench.clock.now += 0.1
    bench.service.serve(False)
    assert sorted(bench.streams()) == [1, 1, 2, 2]
    bench.service.changed()
    bench.service.serve(False)
    assert sorted(bench.streams()) == [1, 1, 1, 2, 2, 2]


def drawing(value: int) -> tuple[Feed, bytes]:
    return Feed(slot="me", shape=[8, 8, 1]), bytes([value]) * 64


def test_an_input_is_answered_at_once_and_once() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "example", source="slot:me", rate=1.0)])
    bench.service.serve(False)
    assert bench.sent == []
    for value in (10, 20):
        bench.service.feed(*drawing(value))
        bench.service.serve(False)
        bench.service.serve(False)
    assert [set(body) for _, body in bench.sent] == [{10}, {20}]
    assert bench.sent[0][0]["extra"]["label"] is None
    bench.service.feed(Feed(slot="me"), b"")
    bench.clock.now += 5
    bench.service.serve(False)
    assert len(bench.sent) == 2


def test_a_slot_can_stand_for_a_stored_example() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "example", source="slot:me")])
    bench.service.feed(Feed(slot="me", sample="test:4"), b"")
    bench.service.serve(False)
    assert bench.sent[0][0]["extra"]["index"] == 4


def test_slots_are_bounded() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "example", source="slot:s0"), watch(2, "example", source="slot:s99")])
    for i in range(100):
        bench.service.feed(Feed(slot=f"s{i}", shape=[8, 8]), bytes(64))
    bench.service.serve(False)
    assert bench.streams() == [2]


@pytest.mark.parametrize(
    "feed",
    [
        Feed(slot="me", shape=[9, 9, 1]),
        Feed(slot="me", shape=[8, 8, 3]),
        Feed(slot="me", text="hello"),
        Feed(slot="me", sample="test:30"),
        Feed(slot="me", sample="slot:you"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_in_words(feed: Feed) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        Bench().service.feed(feed, bytes(64))


def test_what_can_never_be_shown_is_said_once() -> None:
    bench = Bench()
    wrong = [
        watch(1, "telescope"),
        watch(2, "filters", "nowhere"),
        watch(3, "filters"),
        watch(4, "filters", "relu"),
        watch(5, "predictions", source="test:30"),
        watch(6, "histogram", "conv", options={"bins": 0}),
        watch(7, "one_number", "relu"),
        watch(8, "activations", "conv", "elsewhere"),
    ]
    for _ in range(3):
        bench.service.set_watches([*wrong, watch(9, "filters", "conv")])
        bench.clock.now += 1
        bench.service.serve(False)
    assert len(bench.problems()) == len(wrong)
    assert bench.streams().count(9) == 1
    assert all(len(message) > 15 for message in bench.problems())


def test_frames_only_while_credit_lasts() -> None:
    bench = Bench()
    bench.service.set_watches([watch(1, "example", rate=60.0)])  # 64 bytes each
    bench.service._credit = 100
    bench.train(1.0)
    assert len(bench.sent) == 2
    bench.service.credit(30)
    bench.train(1.0)
    assert len(bench.sent) == 3
    bench.service.credit(10**12)
    assert bench.service._credit == INITIAL_CREDIT


def test_nobody_watching_reads_not_even_the_clock() -> None:
    bench = Bench()
    bench.service._clock = lambda: pytest.fail("the clock was read")
    bench.service.serve(True)


def test_watched_and_unwatched_training_are_bitwise_equal() -> None:
    plain, watched = FakeTrainer(), FakeTrainer()
    service = WatchingService(watched, lambda header, body: None, Clock(), budget=1e9)
    random = torch.get_rng_state()
    expected = [plain.train_step() for _ in range(30)]
    torch.set_rng_state(random)
    losses = []
    for _ in range(30):
        losses.append(watched.train_step())
        service.changed()
        service.set_watches(EVERYTHING)
        service.serve(True)
    assert losses == expected
    assert all(module.training for module in watched.model.modules())
