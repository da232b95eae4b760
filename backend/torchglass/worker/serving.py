"""One connection to the server, from its Start to the end of the session."""

from __future__ import annotations

import socket
from pathlib import Path

from torchglass.protocol import worker as wire
from torchglass.protocol.run import RunState
from torchglass.tables.library import LIBRARY
from torchglass.worker.explain import explain
from torchglass.worker.link import Link
from torchglass.worker.session import Session


def serve(sock: socket.socket) -> None:
    """Wait for Start, then run the session to its end."""
    link = Link(sock)
    early: list[tuple[wire.ToWorker, bytes]] = []
    while True:
        early += link.take(timeout=60.0)
        if early:
            break
    start, _ = early.pop(0)
    assert isinstance(start, wire.Start), f"the first message must be start, not {start.type}"
    if start.tables is not None:
        LIBRARY.use(Path(start.tables))
    try:
        session = Session(link, start)
    except Exception as error:
        link.send(wire.State(state=RunState.FAILED, step=0, epoch=0, problem=explain(error)))
        return
    try:
        at_once = [(start.go, b"")] if start.go is not None else []
        session.run([*at_once, *early, *link.take()])
    except Exception as error:
        session.fail(error)
