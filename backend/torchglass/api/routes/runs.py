"""Runs as resources: create, list, search, look, rename, delete."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from torchglass.api.context import ExistingRun, Shared
from torchglass.api.strict import StrictRoute
from torchglass.catalog import parse_experiment
from torchglass.presets import presets
from torchglass.protocol.base import Message
from torchglass.protocol.run import Mark, RunInfo, Series
from torchglass.sessions.errors import RefusedError
from torchglass.spec.experiment import Experiment
from torchglass.store.records import Stretch

router = APIRouter(route_class=StrictRoute)


class NewRun(Message):
    """Either an experiment or the id of a preset; ``start`` lets it train at once."""

    experiment: dict[str, Any] | None = None
    preset: Annotated[str, StringConstraints(max_length=100)] | None = None
    start: bool = False


class ForkAt(Message):
    """The kept step that the fork begins with."""

    step: Annotated[int, Field(ge=0, lt=2**53)]


class Renaming(Message):
    """The new name of a run."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RunIds(Message):
    """Some runs."""

    runs: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=1000)]


class KeptRun(Message):
    """A run that was not deleted and why, in words. ``code``: ``open``, ``no-such-run``, or ``files`` where the run
    is gone and its folder is not."""

    run: str
    code: Literal["open", "no-such-run", "files"]
    reason: str


class Removed(Message):
    """What became of a wish to delete runs."""

    runs: list[str]
    kept: list[KeptRun]


class StretchOfCurve(Series):
    """A part of a curve. Where a point stands for several measured ones, its value is their mean, and ``low`` and
    ``high`` their extremes; where all are exact, both are empty."""

    low: list[float] = []
    high: list[float] = []


class RunMetrics(Message):
    """Every curve (thinned out where it is long) and the marks on them."""

    series: dict[str, StretchOfCurve]
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
async def list_runs(
    shared: Shared,
    response: Response,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    *,
    junk: bool = False,
) -> list[RunInfo]:
    """Newest first; ``q``: words that the name must hold. How many there are in all stands in ``x-total-count``.

    ``junk``: only runs that nobody will miss. They are still called what their preset is called, trained for fewer
    than 100 steps, do not train now, and nobody has looked at them for a minute."""
    found, total = await shared.runs.find(q, limit, offset, junk=junk)
    response.headers["x-total-count"] = str(total)
    return found


@router.post("/api/runs/delete")
async def delete_several(request: RunIds, shared: Shared) -> Removed:
    """End and remove several at once, with their curves and checkpoints.

    A run that is open in somebody's page stays; each of the others goes wholly. ``runs`` names those that are gone
    now, ``kept`` those of which something is left, and why."""
    done = await shared.runs.delete_all(request.runs)
    kept = [KeptRun(run=one.run, code=one.code, reason=one.reason) for one in done.kept]
    return Removed(runs=list(done.gone), kept=kept)


@router.get("/api/runs/{run_id}")
async def one_run(run: ExistingRun) -> RunInfo:
    return run.info()


@router.patch("/api/runs/{run_id}")
async def rename(request: Renaming, run: ExistingRun, shared: Shared) -> RunInfo:
    """Give it another name."""
    await shared.runs.rename(run, request.name)
    return run.info()


@router.delete("/api/runs/{run_id}", status_code=204)
async def delete(run: ExistingRun, shared: Shared, *, force: bool = False) -> None:
    """End it and remove its curves and checkpoints. One that is open in somebody's page stays (409), unless ``force``
    says that those pages may lose it."""
    await shared.runs.delete(run, even_open=force)


@router.post("/api/runs/{run_id}/fork", status_code=201)
async def fork(request: ForkAt, run: ExistingRun, shared: Shared, response: Response) -> RunInfo:
    """A new run that goes on from a kept step of this one, with the document, the curves and the marks up to there.
    This run is not disturbed. 409 where the step is not kept, or while the training process is being brought back."""
    made = await shared.runs.fork(run, request.step)
    response.headers["location"] = f"/api/runs/{made.id}"
    return made.info()


@router.get("/api/runs/{run_id}/metrics")
async def metrics(
    run: ExistingRun,
    shared: Shared,
    start: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    end: Annotated[int, Query(ge=0, lt=2**53)] = 2**53 - 1,
    points: Annotated[int, Query(ge=2, le=10_000)] = 2000,
) -> RunMetrics:
    """The curves between two steps, in at most so many points each."""
    found = await shared.runs.repository.curves(run.id, points, start, end)
    series = {name: _as_curve(stretch) for name, stretch in found.items()}
    return RunMetrics(series=series, marks=[mark for mark in run.view.marks if start <= mark.step <= end])


def _as_curve(stretch: Stretch) -> StretchOfCurve:
    if stretch.exact:
        return StretchOfCurve(steps=stretch.steps, values=stretch.values)
    return StretchOfCurve(steps=stretch.steps, values=stretch.values, low=stretch.low, high=stretch.high)


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
