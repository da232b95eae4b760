"""What every process shares that carries out one order, tells how it goes, and ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable
from typing import TypeVar

import msgpack

from torchglass.protocol.base import Message
from torchglass.protocol.packing import PREFIX, lengths, pack
from torchglass.worker.main import NICE

Order = TypeVar("Order", bound=Message)
#: Tells the server one message.
Send = Callable[[Message], None]


def carry_out(sock: socket.socket, kind: type[Order], work: Callable[[Order, Send], None], nice: int = NICE) -> None:
    """Read the one order that comes over ``sock``, do the work, end the process; whoever leaves ends it as well."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if nice and hasattr(os, "nice"):
        os.nice(nice)

    def send(message: Message) -> None:
        sock.sendall(pack(message))

    with contextlib.suppress(ConnectionError, EOFError):  # nobody waits for it any more
        work(_read(sock, kind), send)
    os._exit(0)


def _read(sock: socket.socket, kind: type[Order]) -> Order:
    header, _ = lengths(_exactly(sock, PREFIX.size))
    return kind.model_validate(msgpack.unpackb(_exactly(sock, header)))


def _exactly(sock: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        piece = sock.recv(count - len(received))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
