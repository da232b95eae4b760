"""The built front end's files: named by their content, so a browser may keep them for ever."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from torchglass.api.assets import STATIC

router = APIRouter()
_FOREVER = "public, max-age=31536000, immutable"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


_ICON = Path(__file__).parent.parent / "templates" / "icon.svg"


@router.api_route("/favicon.ico", methods=["GET", "HEAD"], include_in_schema=False)
def icon() -> Response:
    """The page's icon, under the name that browsers ask for by themselves; a drawing, whatever the name says."""
    return FileResponse(_ICON, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


@router.api_route("/static/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
def static(path: str, request: Request) -> Response:
    """One file; a compressed neighbour (``.br``, ``.gz``) where there is one and the browser takes it."""
    file = _inside(path)
    media = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    for encoding, suffix in _ENCODINGS:
        packed = file.with_name(file.name + suffix)
        if encoding in accepted and packed.is_file():
            return FileResponse(packed, media_type=media, headers={**headers, "content-encoding": encoding})
    return FileResponse(file, media_type=media, headers=headers)


def _accepted(header: str) -> set[str]:
    """The encodings that a browser takes: those named without ``q=0`` (RFC 9110, section 12.5.3)."""
    found = set()
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip())
    return found


def _inside(path: str) -> Path:
    """The file of that name below the static folder; 404 for everything else."""
    try:
        file = (STATIC / path).resolve()
    except (OSError, ValueError):
        raise HTTPException(404) from None
    hidden = any(part.startswith(".") for part in Path(path).parts)
    if hidden or not file.is_relative_to(STATIC.resolve()) or not file.is_file():
        raise HTTPException(404)
    return file
