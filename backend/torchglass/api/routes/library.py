"""The library: experiments that people keep, found again, renamed, replaced and removed."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from torchglass.api.context import Shared
from torchglass.api.strict import StrictRoute
from torchglass.catalog import parse_experiment
from torchglass.protocol.base import Message
from torchglass.sessions.errors import RefusedError
from torchglass.store.bookmark import Bookmark, BookmarkChangedError, BookmarkRecord, LibraryFullError
from torchglass.store.errors import NotSavedError

router = APIRouter(route_class=StrictRoute)

Revision = Annotated[int, Field(ge=0, lt=2**53)]


class BookmarkInfo(Message):
    """One kept experiment in the list. ``revision`` counts its changes; ``data`` is the kind of its data, ``layers``
    how many its network has."""

    id: str
    name: str
    data: str
    layers: int
    bytes: int
    revision: int
    created_at: str
    updated_at: str


class BookmarkDocument(BookmarkInfo):
    """One kept experiment with its document."""

    experiment: dict[str, Any]


class NewBookmark(Message):
    """An experiment to keep, under its own name."""

    experiment: dict[str, Any]


class BookmarkChange(Message):
    """``revision``: the one that was seen; where it is another by now, nothing changes and the answer is 409. A name,
    or a document in the place of the kept one."""

    revision: Revision
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    experiment: dict[str, Any] | None = None


def _info(record: BookmarkRecord) -> BookmarkInfo:
    return BookmarkInfo.model_validate(record, from_attributes=True)


def _document(found: Bookmark) -> BookmarkDocument:
    return BookmarkDocument(**_info(found.record).model_dump(), experiment=found.experiment)


async def _parsed(raw: dict[str, Any]) -> dict[str, Any]:
    """The document as the server writes it. One that could not train yet is kept all the same."""
    return await asyncio.to_thread(lambda: parse_experiment(raw).model_dump(mode="json"))


def _missing() -> RefusedError:
    return RefusedError("no-such-bookmark", "This experiment is no longer in the library: somebody has deleted it.")


def _in_words(error: Exception) -> RefusedError:
    """What kept a change from being made."""
    match error:
        case LibraryFullError():
            return RefusedError("library-full", str(error))
        case BookmarkChangedError():
            return RefusedError(
                "bookmark-changed",
                f"“{error.now.name}” was changed elsewhere in the meantime; nothing was overwritten.",
                field="revision",
            )
        case _:
            return RefusedError("disk", f"The library cannot be saved now: {error}. Nothing has changed; try again.")


_TROUBLE = (LibraryFullError, BookmarkChangedError, NotSavedError)


@router.get("/api/library")
async def list_bookmarks(
    shared: Shared,
    response: Response,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> list[BookmarkInfo]:
    """Last changed first; ``q``: words that the name must hold. How many there are in all stands in
    ``x-total-count``."""
    found, total = await shared.runs.repository.bookmarks.find(q, limit, offset)
    response.headers["x-total-count"] = str(total)
    return [_info(record) for record in found]


@router.post("/api/library", status_code=201)
async def keep(request: NewBookmark, shared: Shared, response: Response) -> BookmarkInfo:
    """Keep an experiment."""
    experiment = await _parsed(request.experiment)
    try:
        made = await shared.runs.repository.bookmarks.add(experiment)
    except _TROUBLE as error:
        raise _in_words(error) from None
    response.headers["location"] = f"/api/library/{made.id}"
    return _info(made)


@router.get("/api/library/{bookmark_id}")
async def one_bookmark(bookmark_id: str, shared: Shared) -> BookmarkDocument:
    """One kept experiment with its document."""
    found = await shared.runs.repository.bookmarks.get(bookmark_id)
    if found is None:
        raise _missing()
    return _document(found)


@router.patch("/api/library/{bookmark_id}")
async def change(bookmark_id: str, request: BookmarkChange, shared: Shared) -> BookmarkInfo:
    """Give it another name, or put another document in its place."""
    bookmarks = shared.runs.repository.bookmarks
    document = request.experiment
    if document is None:
        found = await bookmarks.get(bookmark_id)
        if found is None:
            raise _missing()
        document = found.experiment
    experiment = await _parsed(document if request.name is None else document | {"name": request.name})
    try:
        changed = await bookmarks.replace(bookmark_id, request.revision, experiment)
    except _TROUBLE as error:
        raise _in_words(error) from None
    if changed is None:
        raise _missing()
    return _info(changed)


@router.post("/api/library/{bookmark_id}/duplicate", status_code=201)
async def duplicate(bookmark_id: str, shared: Shared, response: Response) -> BookmarkInfo:
    """The same once more, under a name of its own."""
    try:
        made = await shared.runs.repository.bookmarks.copy(bookmark_id)
    except _TROUBLE as error:
        raise _in_words(error) from None
    if made is None:
        raise _missing()
    response.headers["location"] = f"/api/library/{made.id}"
    return _info(made)


@router.delete("/api/library/{bookmark_id}", status_code=204)
async def remove(
    bookmark_id: str, shared: Shared, revision: Annotated[int | None, Query(ge=0, lt=2**53)] = None
) -> None:
    """Forget it. Runs that were made of it stay."""
    try:
        gone = await shared.runs.repository.bookmarks.remove(bookmark_id, revision)
    except _TROUBLE as error:
        raise _in_words(error) from None
    if not gone:
        raise _missing()
