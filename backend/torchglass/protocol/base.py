"""What every message shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A closed message; numbers on the wire are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
