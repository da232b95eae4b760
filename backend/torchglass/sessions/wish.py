"""What people want of the training of a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Wish:
    """Kept so that a restored worker carries on: ``until`` a step, or for good."""

    going: bool = False
    until: int | None = None
