"""``torchglass train``: one experiment in a worker, without a browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from torchglass.catalog import parse_experiment, require
from torchglass.cli import Failure, tables_folder
from torchglass.cli_report import JsonReport, ProgressReport, Report
from torchglass.engine.base import Engine, Worker, WorkerGoneError
from torchglass.engine.local import LocalEngine
from torchglass.presets import presets
from torchglass.protocol import worker
from torchglass.protocol.run import RunProblem, RunState
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError
from torchglass.spec.training import Stop
from torchglass.tables.library import LIBRARY

_MAX_FILE = 16 * 1024 * 1024


class TrainingFailedError(RuntimeError):
    """The training ended before its time; the message is for people."""


def train(options: argparse.Namespace) -> None:
    """Train as the options say. Raises Failure with words; exits with 130 after Ctrl-C."""
    LIBRARY.use(tables_folder(options))
    experiment = experiment_of(options.experiment)
    experiment = _as_asked(experiment, options)
    try:
        require(experiment)
    except ExperimentError as error:
        raise Failure(words_of(error)) from None
    report: Report = JsonReport(sys.stdout) if options.json else ProgressReport()
    directory = Path(tempfile.mkdtemp(prefix="torchglass-"))
    try:
        with report:
            asyncio.run(Session(LocalEngine(), experiment, options, report, directory).run())
    except (TrainingFailedError, WorkerGoneError) as error:
        raise Failure(str(error)) from None
    except KeyboardInterrupt:
        print("torchglass: stopped", file=sys.stderr)
        raise SystemExit(130) from None
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def experiment_of(name: str) -> Experiment:
    """A preset by its id, or the document (or preset) in a file. Raises Failure."""
    if name in presets():
        return presets()[name].experiment
    file = Path(name)
    if not file.is_file():
        raise Failure(f"there is no file or preset {name!r}; the presets are: {', '.join(presets())}")
    try:
        if file.stat().st_size > _MAX_FILE:
            raise Failure(f"{name} is larger than an experiment can be")
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Failure(f"cannot read {name}: {error}") from None
    if isinstance(raw, dict) and isinstance(raw.get("experiment"), dict):
        raw = raw["experiment"]
    try:
        return parse_experiment(raw)
    except ExperimentError as error:
        raise Failure(words_of(error)) from None


def _as_asked(experiment: Experiment, options: argparse.Namespace) -> Experiment:
    """With the options' seed and length; without either length the experiment's own, or one epoch."""
    training = experiment.training
    seed = experiment.seed if options.seed is None else options.seed
    if experiment.stages:  # they end by their own stops; the run ends at the length asked for, or with the last
        return experiment.model_copy(update={"seed": seed})
    if options.steps or options.epochs:
        length = {"steps": options.steps, "epochs": options.epochs}
        training = training.model_copy(update={"stop": training.stop.model_copy(update=length)})
    elif training.stop == Stop():
        training = training.model_copy(update={"stop": Stop(epochs=1)})
    return experiment.model_copy(update={"seed": seed, "training": training})


def words_of(error: ExperimentError) -> str:
    lines = []
    for problem in error.problems[:10]:
        place = ".".join(part for part in (problem.node, problem.field) if part)
        lines.append(f"{place}: {problem.message}" if place else problem.message)
    return "this experiment cannot run: " + "; ".join(lines)


def _failed(problem: RunProblem | None) -> TrainingFailedError:
    if problem is None:
        return TrainingFailedError("the training failed")
    return TrainingFailedError(f"{problem.message} {problem.way_out}".strip())


class Session:
    """One worker from its start to the end of the training."""

    def __init__(
        self, engine: Engine, experiment: Experiment, options: argparse.Namespace, report: Report, directory: Path
    ) -> None:
        self._engine = engine
        self._experiment = experiment
        self._options = options
        self._report = report
        self._directory = directory
        self._metrics: dict[str, float] = {}
        #: Where a run of several stages ends before its last one does.
        self._until: int | None = None

    async def run(self) -> None:
        """Train and report. Raises TrainingFailedError, WorkerGoneError or KeyboardInterrupt."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            process = await self._engine.start()
            process.send(self._start())
            await self._follow(process)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            await self._engine.close()

    def _start(self) -> worker.Start:
        device = None if self._options.device in (None, "auto") else self._options.device
        return worker.Start(
            run="train",
            experiment=self._experiment.model_dump(mode="json"),
            directory=str(self._directory),
            device=device,
            tables=str(LIBRARY.folder),
        )

    async def _follow(self, process: Worker) -> None:
        async for header, _ in process.messages():
            message = worker.FROM_WORKER.validate_python(header)
            match message:
                case worker.Ready():
                    self._begin(process, message)
                case worker.Metrics():
                    self._metrics |= {name: s.values[-1] for name, s in message.series.items() if s.values}
                    self._report.metrics(message.series)
                case worker.Beat():
                    self._report.beat(message)
                case worker.State():
                    if self._moved(message):
                        return
                case worker.Marked():
                    self._report.said(message.mark.label)
                case _:
                    continue
        raise TrainingFailedError("the training process ended unexpectedly; perhaps the machine is out of memory")

    def _begin(self, process: Worker, ready: worker.Ready) -> None:
        stop = self._experiment.training.stop
        if self._experiment.stages:
            stop = Stop(steps=self._options.steps, epochs=self._options.epochs)
        steps = min(
            stop.steps if stop.steps is not None else 10**12,
            stop.epochs * ready.steps_per_epoch if stop.epochs is not None else 10**12,
        )
        self._report.started(self._experiment.name, ready, steps)
        if self._experiment.stages and steps < 10**12:
            self._until = steps
        process.send(worker.Go(until=self._until))

    def _moved(self, state: worker.State) -> bool:
        """Whether the training has come to its end. Raises TrainingFailedError."""
        if state.state is RunState.FAILED or state.problem is not None:
            raise _failed(state.problem)
        asked = self._until is not None and state.state is RunState.PAUSED and state.step >= self._until
        if state.state is RunState.FINISHED or asked:
            self._report.finished(state.step, state.epoch, self._metrics)
            return True
        return False
