"""Everything one can build with."""

from __future__ import annotations

import json
from functools import cache

from fastapi import APIRouter, Response

from torchglass.catalog import describe

router = APIRouter()


@cache
def _described() -> bytes:
    return json.dumps(describe(), allow_nan=False).encode()


@router.get("/api/catalog")
def catalog() -> Response:
    """Every entry of every registry, with the JSON Schema of its settings."""
    return Response(_described(), media_type="application/json")
