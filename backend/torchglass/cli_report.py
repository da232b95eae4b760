"""How ``torchglass train`` tells where it stands: a progress bar for people, JSON lines for programs."""

from __future__ import annotations

import json
import time
from types import TracebackType
from typing import Any, Protocol, TextIO

from torchglass.protocol.run import Series
from torchglass.protocol.worker import Beat, Ready


class Report(Protocol):
    """Hears of everything that happens in a training."""

    def __enter__(self) -> Report: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def started(self, name: str, ready: Ready, steps: int) -> None:
        """The network is built; ``steps`` will be trained."""

    def metrics(self, series: dict[str, Series]) -> None:
        """New points of the curves."""

    def beat(self, beat: Beat) -> None:
        """Some times a second: where the training stands."""

    def said(self, words: str) -> None:
        """Something worth a line."""

    def finished(self, step: int, epoch: float, metrics: dict[str, float]) -> None:
        """The end, with the last value of every curve."""


class JsonReport:
    """One JSON object a line: started, metrics (at most ten a second), note, finished."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._pending: dict[str, list[float]] = {}
        self._last = 0.0

    def __enter__(self) -> JsonReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _line(self, event: str, **fields: Any) -> None:
        print(json.dumps({"event": event, **fields}), file=self._out, flush=True)

    def started(self, name: str, ready: Ready, steps: int) -> None:
        resolved = ready.resolved
        self._line(
            "started",
            name=name,
            steps=steps,
            steps_per_epoch=ready.steps_per_epoch,
            parameters=ready.parameters,
            device=resolved.device,
            stepper=resolved.stepper,
            resolved=resolved.model_dump(mode="json"),
        )

    def metrics(self, series: dict[str, Series]) -> None:
        for name, points in series.items():
            if points.steps:
                self._pending[name] = [points.steps[-1], points.values[-1]]
        if self._pending and time.monotonic() - self._last >= 0.1:
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            step = int(max(point[0] for point in self._pending.values()))
            self._line("metrics", step=step, metrics={name: point[1] for name, point in self._pending.items()})
        self._pending = {}
        self._last = time.monotonic()

    def beat(self, beat: Beat) -> None:
        return None

    def said(self, words: str) -> None:
        self._line("note", message=words)

    def finished(self, step: int, epoch: float, metrics: dict[str, float]) -> None:
        self._flush()
        self._line("finished", step=step, epoch=epoch, metrics=metrics)


class ProgressReport:
    """A bar with the newest losses on a terminal; without one, a line at the start and one at the end."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[readings]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("building", total=None, speed="", readings="")
        self._readings: dict[str, float] = {}

    def __enter__(self) -> ProgressReport:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, name: str, ready: Ready, steps: int) -> None:
        self._console.print(
            f"{name}: {ready.parameters:,} parameters on {ready.resolved.device}, {steps:,} steps", markup=False
        )
        self._progress.update(self._task, description="training", total=steps)

    def metrics(self, series: dict[str, Series]) -> None:
        newest = 0
        for name, points in series.items():
            if points.steps:
                self._readings[name] = points.values[-1]
                newest = max(newest, points.steps[-1])
        readings = "  ".join(f"{name} {value:.4g}" for name, value in sorted(self._readings.items()))
        self._progress.update(self._task, completed=newest, readings=readings)

    def beat(self, beat: Beat) -> None:
        self._progress.update(self._task, completed=beat.step, speed=f"{beat.steps_per_second:,.0f} steps/s")

    def said(self, words: str) -> None:
        self._console.print(words, markup=False)

    def finished(self, step: int, epoch: float, metrics: dict[str, float]) -> None:
        self._progress.update(self._task, completed=step)
        self._progress.stop()
        readings = ", ".join(f"{name} {value:.4g}" for name, value in sorted(metrics.items()))
        self._console.print(f"finished after {step:,} steps ({epoch:.2f} epochs): {readings}", markup=False)
