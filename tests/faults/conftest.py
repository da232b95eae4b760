"""The servers of the integration tests, for those who try to break them."""

from __future__ import annotations

import random

import pytest
from tests.serving import REPEATS, server, serving, serving_real

__all__ = ["server", "serving", "serving_real"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``chance`` draws the moment of a fault: three times by default, twenty in the full tier."""
    if "chance" in metafunc.fixturenames:
        metafunc.parametrize(
            "chance", [random.Random(seed) for seed in range(REPEATS)], ids=[*map(str, range(REPEATS))]
        )
