"""A lab: 40 people at their pages, 8 runs training. Everybody is answered."""

from __future__ import annotations

import asyncio

import pytest
from stage import TOKEN, Stage
from users import many

WATCH = {"watch": 1, "probe": "stamped", "options": {"size": 10_000}, "rate": 10}


@pytest.mark.timeout(300)
def test_everybody_is_answered_while_runs_train(held: Stage, whole: bool) -> None:
    runs, users, seconds = (8, 40, 20.0) if whole else (3, 15, 3.0)
    names = [held.start() for _ in range(runs)]
    for name in names:
        held.crowd("gather", run=name, watch=WATCH, fast=users // runs)
    experiment = held.http("/api/presets/mnist-cnn")["experiment"]
    requests = [
        ("/api/health", None),
        ("/api/runs", None),
        ("/api/experiments/check", {"experiment": experiment}),
        ("/api/catalog", None),
        *((f"/api/runs/{name}{what}", None) for name in names for what in ("", "/metrics", "/checkpoints")),
    ]
    held.lags()
    with held.crowd_looking(seconds):
        took = asyncio.run(many(held.host, TOKEN, requests, users, seconds))
    lags = held.lags()
    assert len(took) >= users * (seconds - 2) * 0.5
    if whole:
        assert took[int(len(took) * 0.99)] <= 0.250
        assert lags[int(len(lags) * 0.99)] <= 0.050
    assert took[-1] < 5.0
    held.crowd("disperse")
    held.http("/api/runs/delete", {"runs": names})
