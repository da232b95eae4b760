"""Where a worker process begins."""

from __future__ import annotations

import os
import signal
import socket

#: Workers step back for the server, which needs little but at once: with eight runs training on two processors,
#: pages were answered after seconds without it.
NICE = 5


def main(sock: socket.socket) -> None:
    """Serve one run over ``sock`` until told to stop or the server goes away."""
    # Ctrl-C in a terminal reaches the whole process group; only the server decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICE)
    from torchglass.worker.serving import serve

    serve(sock)
    os._exit(0)
