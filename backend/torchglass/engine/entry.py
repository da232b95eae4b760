"""First code that runs inside a worker process; imports nothing heavy itself."""

from __future__ import annotations

import importlib
import signal
import socket


def enter(sock: socket.socket, entry: str) -> None:
    """Call ``package.module:function`` with the socket to the server.

    Ctrl-C belongs to the server, which then ends its workers in order.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, _, function = entry.partition(":")
    getattr(importlib.import_module(module), function)(sock)
