"""``torchglass export``: an experiment or a run as a script, as ONNX, as weights, or as its document."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from torchglass.catalog import require
from torchglass.cli import Failure, tables_folder
from torchglass.cli_train import experiment_of, words_of
from torchglass.export.packing import NOT_YET, pack
from torchglass.presets import presets
from torchglass.protocol.export import Export, FromRun
from torchglass.protocol.run import Mark
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.exports import export, exporter, from_run
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError
from torchglass.tables.library import LIBRARY


def export_command(options: argparse.Namespace) -> None:
    """Export as the options say. Raises Failure with words; exits with 130 after Ctrl-C."""
    if options.format in NOT_YET:
        raise Failure(NOT_YET[options.format])
    LIBRARY.use(tables_folder(options))
    experiment, run = _subject(options)
    try:
        require(experiment)
    except ExperimentError as error:
        raise Failure(words_of(error)) from None
    target: Path = options.output
    _check_target(target, options.format)
    try:
        with tempfile.TemporaryDirectory(prefix="torchglass-") as folder:
            files = _written(experiment, run, options, Path(folder))
            _deliver(files, target, options.format)
    except (OSError, RefusedError) as error:
        raise Failure(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    print(f"{target}: {_told(experiment, run)}")


def _told(experiment: Experiment, run: FromRun | None) -> str:
    if run is None:
        return f"“{experiment.name}”"
    times = "once" if len(run.edits) == 1 else f"{len(run.edits)} times"
    edited = f", changed {times} while it trained" if run.edits else ""
    return f"“{experiment.name}”, run {run.id} at step {run.step:,}{edited}"


def _check_target(target: Path, kind: str) -> None:
    if not target.parent.is_dir():
        raise Failure(f"there is no folder {target.parent}")
    folder = kind == "python" and target.suffix != ".zip"
    if folder and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Failure(f"{target} exists already and is not an empty folder; choose another name with -o")
    if not folder and target.is_dir():
        raise Failure(f"{target} is a folder; give the name of a file with -o")


def _written(experiment: Experiment, run: FromRun | None, options: argparse.Namespace, folder: Path) -> list[Path]:
    if options.format == "json":
        (folder / "experiment.json").write_text(json.dumps(experiment.model_dump(mode="json"), indent=2) + "\n")
        return [folder / "experiment.json"]
    order = Export(
        format=options.format,
        experiment=experiment.model_dump(mode="json"),
        folder=str(folder),
        run=run,
        tables=str(LIBRARY.folder),
    )
    return asyncio.run(_export(order))


async def _export(order: Export) -> list[Path]:
    from rich.console import Console
    from rich.progress import Progress

    engine = exporter()
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("starting", total=1.0)
            return await export(
                engine, order, lambda words, share: progress.update(task, description=words, completed=share)
            )
    finally:
        await engine.close()


def _deliver(files: list[Path], target: Path, kind: str) -> None:
    if kind == "python" and target.suffix == ".zip":
        pack(files, target, target.stem)
    elif kind == "python":
        target.mkdir(exist_ok=True)
        for file in files:
            shutil.move(file, target / file.name)
    else:
        shutil.move(files[0], target)


def _subject(options: argparse.Namespace) -> tuple[Experiment, FromRun | None]:
    """An experiment in a file, a preset, or a run in the data folder."""
    name = options.experiment
    folder = (options.data_dir or Path.home() / ".torchglass").expanduser()
    if name not in presets() and not Path(name).is_file() and (folder / "torchglass.sqlite").is_file():
        found = asyncio.run(_run(folder, name))
        if found is not None:
            return found
    return experiment_of(name), None


async def _run(data_dir: Path, name: str) -> tuple[Experiment, FromRun] | None:
    """The run of that id, read without disturbing a server that works on it."""
    from torchglass.store import reading
    from torchglass.store.database import connect

    engine = connect(data_dir / "torchglass.sqlite")
    try:
        async with engine.connect() as connection:
            record = await reading.get(connection, name)
            marks = await reading.marks(connection, name, 1000) if record is not None else []
    finally:
        await engine.dispose()
    if record is None:
        return None
    threads = record.resolved.get("threads") if record.resolved else None
    directory = data_dir / "runs" / record.id
    kept = from_run(record.id, directory, record.step, threads, [Mark.model_validate(mark) for mark in marks])
    return Experiment.model_validate(record.experiment), kept
