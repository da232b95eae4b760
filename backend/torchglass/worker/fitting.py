"""A process that fits classical models to the data of a run, and ends."""

from __future__ import annotations

import os
import signal
import socket
import threading
from pathlib import Path

from torchglass.protocol.base import Message
from torchglass.protocol.baselines import Baselines, BaselinesEnded
from torchglass.protocol.worker import pack
from torchglass.spec.experiment import Experiment
from torchglass.tables.library import LIBRARY
from torchglass.training.baselines import NoBaselineError, fitted
from torchglass.worker.exporting import read_order
from torchglass.worker.main import NICE

#: Seconds after which it gives up.
LIMIT = 60.0


def main(sock: socket.socket) -> None:
    """Read the one order that comes over ``sock``, fit, tell; whoever leaves ends it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICE)

    def send(message: Message) -> None:
        sock.sendall(pack(message))

    def give_up() -> None:
        send(BaselinesEnded(message=f"The rest was stopped after {LIMIT:.0f} seconds."))
        os._exit(0)

    try:
        order = read_order(sock, Baselines)
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
    except (ConnectionError, EOFError):
        pass  # nobody waits for it any more
    os._exit(0)
