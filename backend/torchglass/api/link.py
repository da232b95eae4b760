"""How much of a connection's data is still under way, and how much may be: the byte budget of one client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
import time

_SMALLEST = 32 * 1024
_LARGEST = 8 * 1024 * 1024
_FIRST = 128 * 1024
#: A picture that waited longer than this for the link was too much for it.
_SLOW = 0.2


class Budget:
    """Lets a picture go while few enough bytes are under way; learns from how long pictures have to wait.

    It grows by a tenth with each picture that goes at once and shrinks by a third with each that waits too long,
    so that the queue on a slow link stays short and text gets through.
    """

    def __init__(self, transport: asyncio.Transport | None) -> None:
        self._transport = transport
        sock = transport.get_extra_info("socket") if transport is not None else None
        self._fd = sock.fileno() if sock is not None and sys.platform == "linux" else None
        self._window = _FIRST
        self._since: float | None = None
        self._written = 0
        self._mark: tuple[int, float] | None = None

    def wrote(self, size: int) -> None:
        """So many bytes more were handed over."""
        self._written += size
        if self._mark is None:
            self._mark = (self._written, time.monotonic())

    def oldest(self) -> float:
        """Seconds for which some bytes have been under way, to be asked now and then; 0 when all have arrived."""
        if self._mark is None:
            return 0.0
        waiting = self.under_way()
        now = time.monotonic()
        if self._written - waiting >= self._mark[0]:
            self._mark = (self._written, now) if waiting else None
        return now - self._mark[1] if self._mark is not None else 0.0

    def admits(self, size: int) -> bool:
        """Whether a picture of ``size`` bytes may go now; one alone always may."""
        waiting = self.under_way()
        now = time.monotonic()
        if waiting and waiting + size > self._window:
            self._since = now if self._since is None else self._since
            return False
        waited = now - self._since if self._since is not None else 0.0
        self._since = None
        if waited > _SLOW:
            self._window = max(_SMALLEST, self._window * 2 // 3)
        elif waited == 0.0:
            self._window = min(_LARGEST, self._window + self._window // 10)
        return True

    def buffered(self) -> int:
        """Bytes that the system has not even taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def under_way(self) -> int:
        """Bytes written but not yet known to have arrived."""
        if self._transport is None or self._transport.is_closing():
            return 0
        return self._transport.get_write_buffer_size() + _unacknowledged(self._fd)

    def abort(self) -> None:
        """Cut the connection without waiting for the other side, and drop what it did not take."""
        if self._transport is None or self._transport.is_closing():
            return
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _unacknowledged(fd: int | None) -> int:
    """Bytes in the kernel that the other side has not acknowledged; 0 where the system does not say."""
    if fd is None:
        return 0
    import fcntl
    import termios

    with contextlib.suppress(OSError, ValueError):
        raw = fcntl.ioctl(fd, termios.TIOCOUTQ, b"\0\0\0\0")
        return int.from_bytes(raw, sys.byteorder)
    return 0
