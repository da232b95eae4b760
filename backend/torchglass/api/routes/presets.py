"""The ready experiments."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from torchglass.presets import presets
from torchglass.sessions.errors import RefusedError

router = APIRouter()


@router.get("/api/presets")
def list_presets() -> list[dict[str, Any]]:
    """Every preset without its experiment, in order."""
    return [preset.summary() for preset in presets().values()]


@router.get("/api/presets/{preset_id}")
def one_preset(preset_id: str) -> dict[str, Any]:
    """One preset with its experiment."""
    preset = presets().get(preset_id)
    if preset is None:
        known = ", ".join(presets())
        raise RefusedError("no-such-preset", f"There is no preset of that name. There are: {known}.")
    return preset.summary() | {"experiment": preset.experiment.model_dump(mode="json")}
