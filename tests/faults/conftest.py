"""The servers of the integration tests, for those who try to break them."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
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

__all__ = ["QUICK", "TOKEN", "Server", "Serving", "reached", "running_server", "server", "serving", "serving_real"]
