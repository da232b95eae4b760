"""The load tests need Linux (epoll, /proc) to keep the crowd itself cheap."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage import Stage, stage

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def whole() -> bool:
    """Whether this is the nightly tier: everything at its full size, with the figures of the goals."""
    return os.environ.get("TORCHGLASS_TEST_TIER") == "full"


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory, whole: bool) -> Iterator[Stage]:
    """One server for all: starting takes longer than most of what is done with it."""
    with stage(tmp_path_factory.mktemp("load"), read_within=12.0 if whole else 4.0, max_workers=8) as running:
        yield running


@pytest.fixture
def run(held: Stage) -> Iterator[str]:
    """A run that trains, and nobody looks at it yet."""
    name = held.start()
    yield name
    held.crowd("disperse")
    held.http("/api/runs/delete", {"runs": [name]})
