"""The servers that the tests talk to."""

from __future__ import annotations

from tests.serving import server, serving, serving_real

__all__ = ["server", "serving", "serving_real"]
