"""Streams depend on their name alone."""

from __future__ import annotations

import torch

from torchglass.training.randomness import generator, stream_seed


def test_same_name_same_numbers():
    draw = lambda: torch.rand(5, generator=generator(3, "init", "conv1", "weight"))  # noqa: E731
    assert torch.equal(draw(), draw())


def test_every_part_of_the_name_counts():
    names = [(3, "init", "a"), (4, "init", "a"), (3, "order", "a"), (3, "init", "b"), (3, "init", "a", 0)]
    assert len({stream_seed(*name) for name in names}) == len(names)


def test_the_seeds_of_steps_differ_and_fit_a_generator():
    seeds = {stream_seed(1, "dropout", step) for step in range(10_000)}
    assert len(seeds) == 10_000
    assert all(0 <= seed < 2**63 for seed in seeds)
