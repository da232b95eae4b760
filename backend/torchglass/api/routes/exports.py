"""Taking an experiment or a run away: the code on the page, and files to download."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import StringConstraints
from starlette.background import BackgroundTask

from torchglass.api.context import Context, Shared
from torchglass.api.strict import StrictRoute
from torchglass.catalog import parse_experiment, require
from torchglass.export.packing import NOT_YET, coloured, file_name, pack
from torchglass.export.script import Origin, write_script
from torchglass.protocol.base import Message
from torchglass.protocol.export import Export, FromRun
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.exports import export, from_run
from torchglass.source import SourceError
from torchglass.spec.experiment import Experiment
from torchglass.tables.library import LIBRARY

router = APIRouter(route_class=StrictRoute)
Result = TypeVar("Result")
_MEDIA = {"zip": "application/zip", "json": "application/json"}


class ExportRequest(Message):
    """Either an experiment or the id of a run, as it stands now. ``code`` answers with the script in colours."""

    experiment: dict[str, Any] | None = None
    run: Annotated[str, StringConstraints(max_length=64)] | None = None
    format: Literal["code", "python", "onnx", "safetensors", "json", "html"]


class Code(Message):
    """The script, and the same in pieces with their part of speech; ``edits``: what was changed while it trained."""

    text: str
    pieces: list[tuple[str, str]]
    edits: list[str]


@router.post("/api/experiments/export", response_model=Code, responses={200: {"content": {"application/zip": {}}}})
async def export_experiment(wanted: ExportRequest, request: Request, shared: Shared) -> Any:
    """``code``: the script as JSON; ``python``: a zip with script and data; the others: a file. Ends when the client
    leaves."""
    if wanted.format in NOT_YET:
        raise RefusedError("export", NOT_YET[wanted.format], field="format")
    experiment, run = await _subject(wanted, shared)
    name = file_name(experiment.name)
    if wanted.format == "json":
        text = json.dumps(experiment.model_dump(mode="json"), indent=2) + "\n"
        return Response(text, media_type=_MEDIA["json"], headers=_as_file(f"{name}.json"))
    if wanted.format == "code":
        return await asyncio.to_thread(_code, experiment, run)
    await asyncio.to_thread(require, experiment)
    folder = Path(tempfile.mkdtemp(prefix="torchglass-export-"))
    try:
        file = await _while_wanted(request, _file(wanted.format, experiment, run, folder, name, shared))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    media = _MEDIA.get(file.suffix[1:], "application/octet-stream")
    clean = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(file, filename=file.name, media_type=media, background=clean)


async def _subject(wanted: ExportRequest, shared: Context) -> tuple[Experiment, FromRun | None]:
    if (wanted.experiment is None) == (wanted.run is None):
        raise RefusedError("request", "Send either an experiment or the id of a run.", field="experiment")
    if wanted.experiment is not None:
        return parse_experiment(wanted.experiment), None
    run = await shared.runs.recall(wanted.run or "")
    if run is None:
        raise RefusedError("no-such-run", "There is no run of that name on this server (it may have been deleted).")
    threads = run.resolved.threads if run.resolved is not None else None
    return run.document.experiment, from_run(run.id, run.directory, run.step, threads, run.view.marks)


def _code(experiment: Experiment, run: FromRun | None) -> Code:
    origin = Origin(run.id, run.step, run.threads, tuple(run.edits)) if run is not None and run.edits else None
    try:
        text = write_script(experiment, origin).text
    except SourceError as error:
        raise RefusedError("export", error.message, node=error.node) from error
    return Code(text=text, pieces=coloured(text), edits=run.edits if run is not None else [])


async def _file(
    kind: Any, experiment: Experiment, run: FromRun | None, folder: Path, name: str, shared: Context
) -> Path:
    order = Export(
        format=kind,
        experiment=experiment.model_dump(mode="json"),
        folder=str(folder),
        run=run,
        tables=str(LIBRARY.folder),
    )
    async with shared.exporting:
        files = await export(shared.exporter, order)
    if kind != "python":
        return await asyncio.to_thread(files[0].rename, folder / f"{name}{files[0].suffix}")
    await asyncio.to_thread(pack, files, folder / f"{name}.zip", name)
    return folder / f"{name}.zip"


async def _while_wanted(request: Request, work: Awaitable[Result]) -> Result:
    """The result, unless the client leaves first: then the work is cancelled. Raises RefusedError in that case."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RefusedError("export", "The export was stopped, because nobody waits for it any more.")
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
