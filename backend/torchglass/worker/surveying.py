"""A process that measures the landscape of the loss around a run as it stands, and ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
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
    steps, weights = _path(trainer, Path(order.directory))
    wanted = order.wanted
    plane = surveyor.plane(wanted.directions, weights, wanted.seed)
    path = [PathPoint(step=step, x=x, y=y) for step, (x, y) in zip(steps, plane.points.tolist(), strict=True)]
    begun = LandscapeBegun(
        step=trainer.step,
        size=wanted.size,
        centre=plane.centre,
        span=plane.span,
        path=path,
        share=plane.share,
        examples=surveyor.examples,
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


def _path(trainer: Trainer, directory: Path) -> tuple[list[int], list[torch.Tensor]]:
    """The kept steps of the branch of now whose weights have the shapes of now, ascending."""
    steps, found = [], []
    for checkpoint in written(directory / KEPT):
        flat = _flat(trainer, checkpoint) if checkpoint.step <= trainer.step else None
        if flat is not None:
            steps.append(checkpoint.step)
            found.append(flat)
    return steps, found


def _flat(trainer: Trainer, checkpoint: Checkpoint) -> torch.Tensor | None:
    flat = torch.zeros_like(trainer.storage.flat)
    for name, slot in trainer.storage.slots.items():
        kept = checkpoint.tensors.get(f"parameter/{name}")
        if kept is None or kept.shape != slot.parameter.shape:
            return None
        trainer.storage.write(flat, name, kept.to(flat))
    return flat
