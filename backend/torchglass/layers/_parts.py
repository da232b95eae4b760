"""What nodes that call a part ask about it."""

from __future__ import annotations

from torchglass.layers.base import Context
from torchglass.spec.problems import ShapeError


def ports_of(part: str, context: Context) -> tuple[list[str], list[str]]:
    """(inputs, outputs) of a part, or ShapeError at the setting ``part``."""
    try:
        return context.part_ports(part)
    except KeyError:
        raise ShapeError(f"The network has no part called “{part}”.", field="part") from None
