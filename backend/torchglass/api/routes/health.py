"""Whether the server answers; open to health checks."""

from __future__ import annotations

from fastapi import APIRouter

from torchglass import __version__

router = APIRouter()


@router.get("/api/health")
@router.head("/api/health", include_in_schema=False)
async def health() -> dict[str, str]:
    """``{"status": "ok", "version": ...}``."""
    return {"status": "ok", "version": __version__}
