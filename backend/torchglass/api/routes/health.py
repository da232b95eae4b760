"""Whether the server answers; open to health checks."""

from __future__ import annotations

from fastapi import APIRouter

from torchglass import __version__

router = APIRouter()


@router.api_route("/api/health", methods=["GET", "HEAD"])
async def health() -> dict[str, str]:
    """``{"status": "ok", "version": ...}``."""
    return {"status": "ok", "version": __version__}
