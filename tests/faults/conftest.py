"""The servers of the integration tests, for those who try to break them."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: How often each fault is tried, every time at another moment.
REPEATS = 20 if os.environ.get("TORCHGLASS_TEST_TIER") == "full" else 3
sys.path[:0] = [str(ROOT / "fakes"), str(ROOT)]

from tests.integration.conftest import (  # noqa: E402
    QUICK,
    TOKEN,
    Server,
    Serving,
    reached,
    running_server,
    server,
    serving,
    serving_real,
)

__all__ = [
    "QUICK",
    "REPEATS",
    "TOKEN",
    "Server",
    "Serving",
    "reached",
    "running_server",
    "server",
    "serving",
    "serving_real",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``chance`` draws the moment of a fault: three times by default, twenty in the full tier."""
    if "chance" in metafunc.fixturenames:
        metafunc.parametrize(
            "chance", [random.Random(seed) for seed in range(REPEATS)], ids=[*map(str, range(REPEATS))]
        )
