"""People's own pictures: add a folder as zip, look at its classes, draft an experiment from it, remove it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from torchglass.api.context import Shared
from torchglass.api.receiving import receive, refuse_in_use
from torchglass.api.strict import StrictRoute
from torchglass.pictures.drafting import draft
from torchglass.pictures.library import ONE_SET, PICTURES
from torchglass.protocol.base import Message
from torchglass.tables.errors import TableError

router = APIRouter(route_class=StrictRoute)
_ZIP = "application/zip"
_BODY = {"requestBody": {"required": True, "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}}


class PictureSummary(Message):
    """One set of pictures in the list."""

    id: str
    name: str
    bytes: int
    images: int
    classes: int
    created_at: str


class PictureList(Message):
    """Newest first; ``most_bytes``: what one archive may have."""

    sets: list[PictureSummary]
    most_bytes: int = ONE_SET


class PictureClass(Message):
    """A folder; ``sample``: its first pictures, 32×32×3 bytes each in base64."""

    name: str
    images: int
    sample: list[str]


class PictureFacts(Message):
    """``grey``: how many are stored without colour; ``left_out``: files that are no pictures; the first of either by
    name. ``smallest`` and ``largest``: width and height."""

    id: str
    name: str
    bytes: int
    images: int
    created_at: str
    classes: list[PictureClass]
    grey: int
    first_grey: list[str]
    left_out: int
    first_left_out: list[str]
    smallest: list[int]
    largest: list[int]


class PictureDraft(Message):
    """How the pictures are used."""

    side: Annotated[int, Field(ge=8, le=128)] = 32
    colour: Literal["colour", "grey"] = "colour"
    test_share: Annotated[float, Field(ge=0.05, le=0.95)] = 0.25


class PicturesDrafted(Message):
    """An experiment that may be started."""

    experiment: dict[str, Any]


@router.get("/api/pictures")
def list_pictures() -> PictureList:
    """Every set of pictures of this server."""
    return PictureList(sets=[PictureSummary.model_validate(one) for one in PICTURES.all()])


@router.post("/api/pictures", status_code=201, openapi_extra=_BODY)
async def add_pictures(
    request: Request, shared: Shared, name: Annotated[str, Query(max_length=300)] = "pictures.zip"
) -> PictureFacts:
    """Keep pictures. The body is a zip with a folder for each class; ``name`` is only shown."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _ZIP:
        raise TableError("pictures", "Send the archive itself, with the content type application/zip.")
    return PictureFacts.model_validate(await receive(request, shared, PICTURES, name))


@router.get("/api/pictures/{pictures}")
def one_set(pictures: str) -> PictureFacts:
    """Its classes, the first pictures of each, and what is odd about it."""
    return PictureFacts.model_validate(PICTURES.facts(pictures))


@router.post("/api/pictures/{pictures}/experiment")
async def draft_from_pictures(pictures: str, wanted: PictureDraft) -> PicturesDrafted:
    """A small convolutional network that learns from them."""
    drafted = await asyncio.to_thread(
        lambda: draft(PICTURES, pictures, side=wanted.side, colour=wanted.colour, test_share=wanted.test_share)
    )
    return PicturesDrafted(experiment=drafted)


@router.delete("/api/pictures/{pictures}", status_code=204)
async def remove_pictures(pictures: str, shared: Shared) -> Response:
    """Forget pictures that no run learns from."""
    file = await asyncio.to_thread(PICTURES.file, pictures)
    await refuse_in_use(shared, file.stem, "these pictures", "pictures-in-use")
    await asyncio.to_thread(PICTURES.remove, pictures)
    return Response(status_code=204)
