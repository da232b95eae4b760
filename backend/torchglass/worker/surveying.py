"""A process that measures the landscape of the loss around a run as it stands, and ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from torchglass.protocol.base import Message
from torchglass.protocol.landscape import Landscape, LandscapeBegun, LandscapeEnded, LandscapeRows, PathPoint
from torchglass.training.checkpoints import Checkpoint, CheckpointError
from torchglass.training.landscape import NoLandscapeError, Surveyor
from torchglass.training.ring import written
from torchglass.training.trainer import Trainer
from torchglass.worker.job import Send, carry_out
from torchglass.worker.snapshot import standing

#: Seconds between two pieces of news.
EVERY = 0.15
#: Steps that are taken from here on, and the most examples at once: above, the noise is gone and the time is not.
AHEAD, MOST_TOGETHER = 60, 2048
KEPT = "kept"


def main(sock: socket.socket) -> None:
    """Measure what is ordered over ``sock``."""
    carry_out(sock, Landscape, _work)


def _work(order: Landscape, send: Send) -> None:
    try:
        survey(order, send)
        send(LandscapeEnded())
    except (NoLandscapeError, CheckpointError) as error:
        send(LandscapeEnded(message=str(error)))
    except MemoryError:
        send(LandscapeEnded(message="There is not enough memory for the landscape of this network."))


def survey(order: Landscape, send: Callable[[Message], None]) -> None:
    """Sends the plane, then the losses row by row. Raises NoLandscapeError in words."""
    trainer = standing(order)
    surveyor = Surveyor(trainer)
    wanted = order.wanted
    whole: Trace | None = None
    if wanted.directions == "batches":
        path, whole = _ahead(order, trainer.experiment.data.batch_size), _ahead(order, MOST_TOGETHER)
        plane = surveyor.plane("path", path.weights + whole.weights, wanted.seed)
    else:
        path = _path(trainer, Path(order.directory))
        plane = surveyor.plane(wanted.directions, path.weights, wanted.seed)
    points = [(x, y) for x, y in plane.points.tolist()]
    begun = LandscapeBegun(
        step=trainer.step,
        size=wanted.size,
        centre=plane.centre,
        span=plane.span,
        path=path.points(points),
        share=plane.share,
        examples=surveyor.examples,
        whole=whole.points(points[len(path.steps) :]) if whole else [],
        together=whole.batch if whole else 0,
        batch=path.batch,
    )
    send(begun)
    rows: list[list[float | None]] = []
    first, told = 0, time.perf_counter()
    for row in surveyor.rows(plane, wanted.size):
        rows.append(row)
        if time.perf_counter() - told >= EVERY:
            send(LandscapeRows(first=first, rows=rows))
            first, rows, told = first + len(rows), [], time.perf_counter()
    send(LandscapeRows(first=first, rows=rows))


@dataclass(slots=True)
class Trace:
    """Steps and their flat weights (P,), ascending; ``batch``: examples of each step, where that is known."""

    batch: int = 0
    steps: list[int] = field(default_factory=list)
    weights: list[torch.Tensor] = field(default_factory=list)

    def points(self, places: list[tuple[float, float]]) -> list[PathPoint]:
        """Its steps, the first of these places each."""
        return [PathPoint(step=step, x=x, y=y) for step, (x, y) in zip(self.steps, places, strict=False)]


def _path(trainer: Trainer, directory: Path) -> Trace:
    """The kept steps of the branch of now whose weights have the shapes of now."""
    found = Trace()
    for checkpoint in written(directory / KEPT):
        flat = _flat(trainer, checkpoint) if checkpoint.step <= trainer.step else None
        if flat is not None:
            found.steps.append(checkpoint.step)
            found.weights.append(flat)
    return found


def _ahead(order: Landscape, batch: int) -> Trace:
    """The next steps of the run as it stands, with batches of that many examples; the run itself stays."""
    trainer = standing(order)
    batch = min(batch, trainer.data.count("train"))
    data = trainer.experiment.data.model_copy(update={"batch_size": batch})
    trainer.change(trainer.experiment.model_copy(update={"data": data}))
    found = Trace(batch)
    for _ in range(AHEAD):
        trainer.run(1)
        flat = trainer.storage.flat.detach().clone()
        if not bool(flat.isfinite().all()):
            break
        found.steps.append(trainer.step)
        found.weights.append(flat)
    return found


def _flat(trainer: Trainer, checkpoint: Checkpoint) -> torch.Tensor | None:
    flat = torch.zeros_like(trainer.storage.flat)
    for name, slot in trainer.storage.slots.items():
        kept = checkpoint.tensors.get(f"parameter/{name}")
        if kept is None or kept.shape != slot.parameter.shape:
            return None
        trainer.storage.write(flat, name, kept.to(flat))
    return flat
