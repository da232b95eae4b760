"""Tests that need an accelerator: they run wherever there is one, and say on which machine they last passed.

``TORCHGLASS_ACCELERATOR`` names another device than ``cuda`` (``cpu`` tries the tests themselves; it records nothing).
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

RECORD = Path(__file__).parent / "last_passed.json"


def last_passed() -> str:
    """In words, for those who have no accelerator."""
    if not RECORD.exists():
        return "not passed anywhere yet"
    facts = json.loads(RECORD.read_text(encoding="utf-8"))
    return f"last passed on {facts['day']} on {facts['accelerator']}, torch {facts['torch']}"


@pytest.fixture(scope="session")
def accelerator(request: pytest.FixtureRequest) -> Iterator[str]:
    """The device. Once every test of this folder has passed on a real one, its name is written down."""
    device = os.environ.get("TORCHGLASS_ACCELERATOR", "cuda")
    if device.startswith("cuda") and not torch.cuda.is_available():
        pytest.skip(f"no CUDA device here; {last_passed()}")
    yield device
    if device.startswith("cuda") and not request.session.testsfailed:
        facts = {
            "day": time.strftime("%Y-%m-%d"),
            "accelerator": torch.cuda.get_device_name(device),
            "torch": torch.__version__,
            "system": platform.platform(),
        }
        RECORD.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
