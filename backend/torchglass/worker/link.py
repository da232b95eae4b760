"""The worker's end of the wire: a reader thread fills the mailbox, anyone may send."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgpack

from torchglass.protocol.base import Message
from torchglass.protocol.packing import PREFIX, lengths, pack
from torchglass.protocol.worker import TO_WORKER, ToWorker

SEND_BUFFER = 4 * 1024 * 1024


class Link:
    """Messages in order, both ways. When the server is gone the process ends at once: no orphans."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        sock.setblocking(True)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._sending = threading.Lock()
        self._held: list[bytes] | None = None
        self._holder = 0
        self._arrived = threading.Condition()
        self._mailbox: deque[tuple[ToWorker, bytes]] = deque()
        #: Seconds that were waited for messages, on purpose.
        self.idle = 0.0
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def send(self, header: Message | dict[str, Any], body: bytes | memoryview = b"") -> None:
        """Blocks while the server does not read."""
        packed = pack(header, body)
        if self._held is not None and threading.get_ident() == self._holder:
            self._held.append(packed)
        else:
            self._write(packed)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What this thread sends inside leaves in one piece at the end: every piece wakes the server, and on a busy
        machine the waking costs more than the sending. For one thread, not nested."""
        assert self._held is None, "together is not nested"
        self._held, self._holder = [], threading.get_ident()
        try:
            yield
        finally:
            held, self._held = self._held, None
            if held:
                self._write(b"".join(held))

    def tell(self, of_now: Callable[[], Message]) -> None:
        """Sends what ``of_now`` says, asked while nothing else leaves: it is never older than what left before it."""
        with self._sending:
            self._put(pack(of_now(), b""))

    def _write(self, packed: bytes) -> None:
        with self._sending:
            self._put(packed)

    def _put(self, packed: bytes) -> None:
        try:
            self._sock.sendall(packed)
        except OSError:
            os._exit(0)

    def take(self, timeout: float = 0.0) -> list[tuple[ToWorker, bytes]]:
        """Everything that has arrived; waits up to ``timeout`` seconds for a first message."""
        if not self._mailbox and timeout <= 0:
            return []
        with self._arrived:
            if not self._mailbox:
                began = time.perf_counter()
                self._arrived.wait(timeout)
                self.idle += time.perf_counter() - began
            taken = list(self._mailbox)
            self._mailbox.clear()
        return taken

    @property
    def waiting(self) -> bool:
        return bool(self._mailbox)

    def _read(self) -> None:
        try:
            while True:
                header_length, body_length = lengths(self._exactly(PREFIX.size))
                header = self._exactly(header_length)
                body = self._exactly(body_length)
                message = TO_WORKER.validate_python(msgpack.unpackb(header))
                with self._arrived:
                    self._mailbox.append((message, body))
                    self._arrived.notify()
        except (EOFError, OSError):
            os._exit(0)

    def _exactly(self, count: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < count:
            piece = self._sock.recv(min(count - len(pieces), 1 << 20))
            if not piece:
                raise EOFError
            pieces += piece
        return bytes(pieces)
