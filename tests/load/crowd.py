"""Hundreds of spectators in one cheap process: raw sockets, one epoll loop, frame headers only.

Of a picture it reads the first kilobyte (frame header, our header, the time stamp in the body) and lets the kernel
throw the rest away (``MSG_TRUNC``): what a client does with a picture costs its own machine, not the server's.

A program of its own: reads one JSON command a line from standard input, answers each with one JSON line.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
from typing import Any

TRUNCATE = getattr(socket, "MSG_TRUNC", 0)
_WINDOW = memoryview(bytearray(1 << 20))
#: So much is read of a message at first, and so much of it is looked at.
_HEAD, _ENOUGH = 1024, 512
#: Seconds to wait for first pictures.
_PATIENCE = 30.0
_MASK = b"\1\2\3\4"
_UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Authorization: Bearer {token}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n"
)


def masked(opcode: int, data: bytes) -> bytes:
    """One frame as a client sends it."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack(">H", size)
    body = bytes(byte ^ _MASK[index % 4] for index, byte in enumerate(data))
    return bytes([0x80 | opcode]) + length + _MASK + body


class Spectator:
    """One connection. ``kind``: ``fast`` reads all at once, ``slow`` ``pace`` bytes ten times a second, ``dead``
    nothing once it is in."""

    def __init__(self, address: tuple[str, int], hello: bytes, kind: str, watch: bytes, pace: int) -> None:
        self.kind, self.pace, self._watch = kind, pace, watch
        self.sock = socket.socket()
        if kind != "fast":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.connect(address)
        self.sock.setblocking(False)
        self.sock.sendall(hello)
        self.open = False
        self.begun = time.monotonic()
        self.live: float | None = None
        self.gone: float | None = None
        self.pictures = self.texts = 0
        self.late: list[float] = []
        self._data = b""
        self._skip = self._opcode = 0
        self._stamp: float | None = None

    def read(self, most: int = 1 << 20) -> None:
        """Take what is there, at most so many bytes; the end and errors mark it as gone."""
        try:
            if self._skip:
                self._skip -= self._took(self.sock.recv_into(_WINDOW, min(self._skip, most, len(_WINDOW)), TRUNCATE))
                if not self._skip:
                    self._whole()
            else:
                piece = self.sock.recv(min(_HEAD, most))
                self._took(len(piece))
                self._data += piece
                if self.open or self._opens():
                    while self._frame():
                        pass
        except BlockingIOError:
            return
        except OSError:
            self.gone = time.monotonic()

    @staticmethod
    def _took(count: int) -> int:
        if not count:
            raise ConnectionError
        return count

    def _opens(self) -> bool:
        head, end, self._data = self._data.partition(b"\r\n\r\n")
        if not end:
            self._data = head
            return False
        assert b" 101 " in head[:20], head
        self.open = True
        self.sock.sendall(self._watch)
        return True

    def _frame(self) -> bool:
        """Take one frame off ``_data``, or as much as is there of one whose rest does not matter."""
        if len(self._data) < 10:
            return False
        opcode, size = self._data[0] & 15, self._data[1] & 127
        start = {126: 4, 127: 10}.get(size, 2)
        if start > 2:
            size = int.from_bytes(self._data[2:start], "big")
        missing = start + size - len(self._data)
        if missing > 0 and len(self._data) < _ENOUGH:
            return False
        self._opcode, payload = opcode, self._data[start : start + min(size, _ENOUGH)]
        self._data = self._data[start + size :]
        if opcode == 2:
            self._stamp = _stamp(payload)
        elif opcode == 9:
            self.sock.sendall(masked(10, payload))
        self._skip = max(0, missing)
        if not self._skip:
            self._whole()
        return not self._skip

    def _whole(self) -> None:
        """One message has come to its end."""
        self.texts += self._opcode == 1
        if self._opcode == 2:
            now = time.monotonic()
            self.pictures += 1
            self.live = self.live or now
            if self._stamp is not None:
                self.late.append(now - self._stamp)


def _stamp(payload: bytes) -> float | None:
    """The time in the first 8 bytes of a picture's body."""
    start = 4 + int.from_bytes(payload[:4], "little")
    return struct.unpack_from("<d", payload, start)[0] if len(payload) >= start + 8 else None


class Crowd:
    """The spectators of one run."""

    def __init__(self, host: str, token: str) -> None:
        self.host, self.token = host, token
        self.members: list[Spectator] = []
        self._by_fd: dict[int, Spectator] = {}
        self._poll = select.epoll()

    def gather(
        self,
        run: str,
        watch: dict[str, Any],
        fast: int = 0,
        slow: int = 0,
        dead: int = 0,
        over: float = 0.0,
        pace: int = 100,
    ) -> dict[str, Any]:
        """Let more in, evenly over ``over`` seconds; returns once every fast one has its first picture."""
        name, _, port = self.host.rpartition(":")
        hello = _UPGRADE.format(path=f"/api/runs/{run}/live", host=self.host, token=self.token).encode()
        command = masked(1, json.dumps({"type": "watch", **watch}).encode())
        kinds = ["fast"] * fast + ["slow"] * slow + ["dead"] * dead
        begun = time.monotonic()
        fresh = []
        for number, kind in enumerate(kinds):
            self._run_until(begun + over * number / len(kinds))
            fresh.append(Spectator((name, int(port)), hello, kind, command, pace))
            self._by_fd[fresh[-1].sock.fileno()] = fresh[-1]
            self._poll.register(fresh[-1].sock, select.EPOLLIN)
        self.members += fresh
        while time.monotonic() < begun + _PATIENCE and any(m.kind == "fast" and not m.live for m in fresh):
            self._run_until(time.monotonic() + 0.02)
        live = [member.live for member in fresh if member.kind == "fast" and member.live]
        return {"live": len(live), "all_live_after": max(live, default=begun) - begun}

    def measure(self, seconds: float) -> dict[str, Any]:
        """Look on for so long. Rates in pictures per second, lateness in seconds from making to having it."""
        fast = [member for member in self.members if member.kind == "fast"]
        before = {member: (member.pictures, member.texts) for member in self.members}
        for member in self.members:
            member.late.clear()
        start, cpu = time.monotonic(), time.process_time()
        self._run_until(start + seconds)
        taken = time.monotonic() - start
        late = sorted(value for member in fast for value in member.late) or [float("inf")]
        rates = sorted((member.pictures - before[member][0]) / taken for member in fast)
        return {
            "rate_min": rates[0],
            "rate_median": rates[len(rates) // 2],
            "late_p50": late[len(late) // 2],
            "late_p99": late[int(len(late) * 0.99)],
            "texts_per_second": sum(member.texts - before[member][1] for member in fast) / taken / len(fast),
            "own_cpu": (time.process_time() - cpu) / taken,
            "lost": sum(member.gone is not None for member in fast),
        }

    def linger(self, seconds: float) -> dict[str, Any]:
        """Go on as it is for so long."""
        self._run_until(time.monotonic() + seconds)
        return {}

    def patience(self, within: float) -> dict[str, Any]:
        """After how many seconds the server sent the slow and the dead away; None for one that is still there."""
        others = [member for member in self.members if member.kind != "fast"]
        end = time.monotonic() + within
        while time.monotonic() < end and any(member.gone is None for member in others):
            self._run_until(time.monotonic() + 0.05)
        return {
            kind: [member.gone and member.gone - member.begun for member in others if member.kind == kind]
            for kind in ("slow", "dead")
        }

    def disperse(self) -> dict[str, Any]:
        """Everybody leaves, at once and without a word."""
        for member in self.members:
            self._forget(member)
        self.members, self._by_fd = [], {}
        return {}

    def _run_until(self, end: float) -> None:
        now, tick = time.monotonic(), 0.0
        while True:
            for fd, what in self._poll.poll(max(0.0, min(end - now, 0.1)), 512):
                self._serve(self._by_fd[fd], what)
            now = time.monotonic()
            if now >= tick:
                tick = now + 0.1
                self._trickle()
            if now >= end:
                return

    def _serve(self, member: Spectator, what: int) -> None:
        if what & (select.EPOLLHUP | select.EPOLLERR):
            member.gone = time.monotonic()
        elif member.kind == "fast" or not member.open:
            member.read()
            if member.open and member.kind != "fast":
                self._poll.modify(member.sock, 0)  # the end and errors are still told
        if member.gone is not None:
            self._forget(member)

    def _forget(self, member: Spectator) -> None:
        if member.sock.fileno() >= 0:
            self._poll.unregister(member.sock)
            member.sock.close()

    def _trickle(self) -> None:
        for member in self.members:
            if member.kind == "slow" and member.open and member.gone is None:
                member.read(member.pace)
                if member.gone is not None:
                    self._forget(member)


def main() -> None:
    """Serve commands from standard input."""
    crowd = Crowd(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(crowd, command.pop("do"))(**command)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
