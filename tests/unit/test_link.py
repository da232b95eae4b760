"""The worker's end of the wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import msgpack
import pytest

from torchglass.protocol.packing import PREFIX, lengths
from torchglass.protocol.worker import Staged
from torchglass.worker.link import Link


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Link, socket.socket]]:
    """A link and the server's end. It reads nothing: a worker whose server is gone would end this process."""
    monkeypatch.setattr(Link, "_read", lambda self: None)
    ours, server = socket.socketpair()
    with ours, server:
        yield Link(ours), server


def arrived(sock: socket.socket) -> list[bytes]:
    """Bodies of everything that can be read now."""
    sock.setblocking(False)
    data, bodies = b"", []
    while True:
        try:
            data += sock.recv(1 << 16)
        except BlockingIOError:
            break
    while data:
        header, body = lengths(data[: PREFIX.size])
        start = PREFIX.size + header
        bodies.append(data[start : start + body])
        data = data[start + body :]
    return bodies


def test_what_is_sent_together_leaves_at_the_end(
    ends: tuple[Link, socket.socket],
) -> None:
    link, server = ends
    with link.together():
        link.send({"type": "a"}, b"first")
        link.send({"type": "b"}, b"second")
        other = threading.Thread(target=link.send, args=({"type": "beat"}, b"beat"))
        other.start()
        other.join()
        assert arrived(server) == [b"beat"]
    assert arrived(server) == [b"first", b"second"]
    link.send({"type": "c"}, b"third")
    assert arrived(server) == [b"third"]
    with link.together():
        pass
    assert arrived(server) == []


def test_what_was_held_leaves_even_when_the_look_fails(ends: tuple[Link, socket.socket]) -> None:
    link, server = ends
    together = link.together()
    together.__enter__()
    link.send({"type": "a"}, b"kept")
    assert together.__exit__(RuntimeError, RuntimeError("the look failed"), None) is False
    assert arrived(server) == [b"kept"]


def test_what_is_told_of_now_is_not_older_than_what_left_before(ends: tuple[Link, socket.socket]) -> None:
    """A beat that was read before a pause and leaves after its word would show an earlier step on every page."""
    link, server = ends
    stands = {"at": 7}
    link._sending.acquire()  # as while the word of the pause leaves
    beat = threading.Thread(target=link.tell, args=(lambda: Staged(stage=stands["at"]),))
    beat.start()
    stands["at"] = 8
    link._sending.release()
    beat.join()
    header, _ = lengths(server.recv(PREFIX.size))
    assert msgpack.unpackb(server.recv(header))["stage"] == 8
