"""A process that fits classical models to the data of a run, and ends."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

from torchglass.protocol.baselines import Baselines, BaselinesEnded
from torchglass.spec.experiment import Experiment
from torchglass.tables.library import LIBRARY
from torchglass.training.baselines import NoBaselineError, fitted
from torchglass.worker.job import Send, carry_out

#: Seconds after which it gives up.
LIMIT = 60.0


def main(sock: socket.socket) -> None:
    """Fit what is ordered over ``sock``."""
    carry_out(sock, Baselines, _work)


def _work(order: Baselines, send: Send) -> None:
    def give_up() -> None:
        send(BaselinesEnded(message=f"The rest was stopped after {LIMIT:.0f} seconds."))
        os._exit(0)

    watch = threading.Timer(LIMIT, give_up)
    watch.daemon = True
    watch.start()
    if order.tables is not None:
        LIBRARY.use(Path(order.tables))
    try:
        for line in fitted(Experiment.model_validate(order.experiment)):
            send(line)
        send(BaselinesEnded())
    except NoBaselineError as error:
        send(BaselinesEnded(message=str(error)))
    except MemoryError:
        send(BaselinesEnded(message="There is not enough memory to fit these models."))
