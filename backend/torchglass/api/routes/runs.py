"""Runs as resources: create, list, look, delete."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from torchglass.api.context import ExistingRun, Shared
from torchglass.api.strict import StrictRoute
from torchglass.catalog import parse_experiment
from torchglass.presets import presets
from torchglass.protocol.base import Message
from torchglass.protocol.run import Mark, RunInfo, Series
from torchglass.sessions.errors import RefusedError
from torchglass.spec.experiment import Experiment

router = APIRouter(route_class=StrictRoute)


class NewRun(Message):
    """Either an experiment or the id of a preset; ``start`` lets it train at once."""

    experiment: dict[str, Any] | None = None
    preset: Annotated[str, StringConstraints(max_length=100)] | None = None
    start: bool = False


class RunMetrics(Message):
    """Every curve (thinned out where it is long) and the marks on them."""

    series: dict[str, Series]
    marks: list[Mark]


class CheckpointInfo(Message):
    """One kept state of a run; ``bytes`` is the size of its file."""

    step: int
    file: str
    sha256: str
    bytes: int


@router.post("/api/runs", status_code=201)
async def create(request: NewRun, shared: Shared, response: Response) -> RunInfo:
    """A new run, ready or nearly so; open its live websocket to follow it."""
    run = await shared.runs.create(await asyncio.to_thread(_wanted, request), start=request.start)
    response.headers["location"] = f"/api/runs/{run.id}"
    return run.info()


def _wanted(request: NewRun) -> Experiment:
    if (request.experiment is None) == (request.preset is None):
        raise RefusedError("request", "Send either an experiment or the id of a preset.", field="experiment")
    if request.experiment is not None:
        return parse_experiment(request.experiment)
    preset = presets().get(request.preset or "")
    if preset is None:
        raise RefusedError("no-such-preset", f"There is no preset “{request.preset}”.", field="preset")
    return preset.experiment


@router.get("/api/runs")
async def list_runs(shared: Shared) -> list[RunInfo]:
    """Newest first."""
    return [run.info() for run in shared.runs.all()]


@router.get("/api/runs/{run_id}")
async def one_run(run: ExistingRun) -> RunInfo:
    return run.info()


@router.delete("/api/runs/{run_id}", status_code=204)
async def delete(run: ExistingRun, shared: Shared) -> None:
    """End it and remove its checkpoints."""
    await shared.runs.delete(run)


@router.get("/api/runs/{run_id}/metrics")
async def metrics(run: ExistingRun) -> RunMetrics:
    return RunMetrics(series=run.view.series(), marks=list(run.view.marks))


@router.get("/api/runs/{run_id}/checkpoints")
async def checkpoints(run: ExistingRun) -> list[CheckpointInfo]:
    """Newest first."""
    return await asyncio.to_thread(_kept, run.directory)


def _kept(directory: Path) -> list[CheckpointInfo]:
    """What the worker's list of checkpoints names and the disk still holds."""
    found = []
    try:
        for entry in json.loads((directory / "checkpoints.json").read_text(encoding="utf-8"))["checkpoints"]:
            size = (directory / Path(entry["file"]).name).stat().st_size
            found.append(CheckpointInfo(step=entry["step"], file=entry["file"], sha256=entry["sha256"], bytes=size))
    except (OSError, ValueError, KeyError, TypeError):
        return found
    return found
