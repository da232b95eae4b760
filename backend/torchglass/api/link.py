"""How much of a connection's data is still under way, and how much may be: the byte budget of one client."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from typing import Any

_SMALLEST = 32 * 1024
_LARGEST = 8 * 1024 * 1024
_FIRST = 512 * 1024
#: A picture that waited longer than this for the link was too much for it.
_SLOW = 0.2


class Budget:
    """Lets a picture go while few enough bytes are under way; learns from how long pictures have to wait.

    It grows by a tenth with each picture that goes at once and shrinks by a third with each that waits too long,
    so that the queue on a slow link stays short and text gets through.
    """

    def __init__(self, transport: asyncio.Transport | None) -> None:
        self._transport = transport
        self._window = _FIRST
        self._since: float | None = None
        self._seen = 0
        self._moved = time.monotonic()

    def stalled(self) -> float:
        """Seconds since bytes under way were last seen to arrive; to be asked again and again."""
        waiting = self.under_way()
        if waiting == 0 or waiting < self._seen:
            self._moved = time.monotonic()
        self._seen = waiting
        return time.monotonic() - self._moved

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

    def under_way(self) -> int:
        """Bytes written but not yet known to have arrived."""
        if self._transport is None or self._transport.is_closing():
            return 0
        return self._transport.get_write_buffer_size() + _unacknowledged(self._transport)

    def abort(self) -> None:
        """Cut the connection without waiting for the other side."""
        if self._transport is not None:
            self._transport.abort()


def _unacknowledged(transport: Any) -> int:
    """Bytes in the kernel that the other side has not acknowledged; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    import fcntl
    import struct
    import termios

    sock = transport.get_extra_info("socket")
    if sock is None:
        return 0
    with contextlib.suppress(OSError, ValueError):
        raw = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
        return int(struct.unpack("i", raw)[0])
    return 0
