"""What every test tier shares: where the project is, how hard hypothesis tries, which browser, who comes first."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("full", parent=settings.get_profile("default"), derandomize=False, max_examples=3000)
settings.load_profile(os.environ.get("TORCHGLASS_TEST_TIER", "default"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of each folder the files that may take longest, by their tests' time limits, come first: at the end no process
    waits long for another."""
    usual = float(config.getini("timeout"))
    longest: dict[Path, float] = {}
    for item in items:
        mark = item.get_closest_marker("timeout")
        longest[item.path] = max(longest.get(item.path, 0.0), float(mark.args[0]) if mark else usual)
    folders = {folder: number for number, folder in enumerate(dict.fromkeys(item.path.parent for item in items))}
    items.sort(key=lambda item: (folders[item.path.parent], -longest[item.path]))


@pytest.fixture(autouse=True)
def _one_stream_of_numbers() -> None:
    """Draw the same numbers in every test, whatever ran before it: a test that fails once fails always."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The root of the work tree."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """A Chromium to drive: the one that `make test` found or installed, or one on PATH."""
    named = os.environ.get("TORCHGLASS_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.fail("No Chromium: run the tests with `make test`, or set TORCHGLASS_CHROMIUM to its path.")
    return found
