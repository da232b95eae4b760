"""A process that studies a run as it stands, and ends."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from torchglass.protocol.base import Message
from torchglass.protocol.studies import DreamRequest, MapRequest, RobustnessRequest, Study, StudyBegun, StudyEnded
from torchglass.training.checkpoints import CheckpointError
from torchglass.training.trainer import Trainer
from torchglass.worker.dreaming import NoStudyError, dream
from torchglass.worker.job import Send, carry_out
from torchglass.worker.mapping import mapped
from torchglass.worker.robustness import robustness
from torchglass.worker.snapshot import standing


def main(sock: socket.socket) -> None:
    """Do what is ordered over ``sock``."""
    carry_out(sock, Study, _work)


def _work(order: Study, send: Send) -> None:
    try:
        trainer = standing(order)
        send(StudyBegun(step=trainer.step))
        for line in study(trainer, order):
            send(line)
        send(StudyEnded())
    except (NoStudyError, CheckpointError) as error:
        send(StudyEnded(message=str(error)))
    except MemoryError:
        send(StudyEnded(message="There is not enough memory for this study of the network."))


def study(trainer: Trainer, order: Study) -> Iterator[Message]:
    """What is found, piece by piece. Raises NoStudyError in words."""
    match order.wanted:
        case DreamRequest():
            yield from dream(trainer, order.wanted)
        case RobustnessRequest():
            yield from robustness(trainer, order.wanted)
        case MapRequest():
            yield from mapped(trainer, order.wanted)
