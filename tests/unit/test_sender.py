"""Sending without a task per client: at once where the link is free, later where it is not, never to the deaf."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from torchglass.api import link, sender
from torchglass.api.sender import Pump, Sender
from torchglass.protocol.frames import unpack_frame
from torchglass.sessions.client import Client, Picture

HEADER: dict[str, Any] = {
    "probe": "filters",
    "source": "test:0",
    "step": 1,
    "dtype": "uint8",
    "shape": [1],
    "axes": ["D"],
    "lo": 0.0,
    "hi": 1.0,
    "signed": False,
}


class FakeTransport:
    """A link that holds what was written until somebody takes it."""

    def __init__(self) -> None:
        self.held = 0
        self.aborted = False

    def get_extra_info(self, name: str) -> None:
        return None

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return self.held

    def abort(self) -> None:
        self.aborted = True


class FakeWire:
    """Stands for a websocket: keeps what was sent."""

    def __init__(self) -> None:
        self.transport = FakeTransport()
        self.sent: list[bytes] = []
        self.third = asyncio.Event()

    def post(self, framed: bytes) -> bool:
        self.sent.append(framed)
        self.transport.held += len(framed)
        if len(self.sent) == 3:
            self.third.set()
        return True

    def messages(self) -> list[bytes | str]:
        """What arrived, without the frames around it."""
        found: list[bytes | str] = []
        for framed in self.sent:
            assert framed[1] < 126 or framed[1] in (126, 127)
            start = {126: 4, 127: 10}.get(framed[1], 2)
            assert framed == Frame(Opcode(framed[0] & 15), framed[start:]).serialize(mask=False)
            found.append(framed[start:].decode() if framed[0] & 15 == Opcode.TEXT else framed[start:])
        return found


def _joined(pump: Pump, patience: float = 5.0) -> tuple[Client, FakeWire, Sender]:
    client, wire = Client(), FakeWire()
    return client, wire, Sender(client, wire, pump, patience)  # type: ignore[arg-type]


async def test_what_comes_goes_at_once_and_is_the_same_object_for_all() -> None:
    pump, picture = Pump(), Picture(HEADER, b"\x07" * 500)
    wires = []
    for _ in range(3):
        client, wire, _ = _joined(pump)
        client.tell('{"type":"mark"}')
        client.show(4, picture)
        wires.append(wire)
    text, frame = wires[0].messages()
    assert text == '{"type":"mark"}'
    assert isinstance(frame, bytes)
    header, body = unpack_frame(frame)
    assert (header.watch, bytes(body)) == (4, picture.body)
    assert len({id(wire.sent[0]) for wire in wires}) == len({id(wire.sent[1]) for wire in wires}) == 1


async def test_a_busy_link_gets_the_newest_picture_when_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_AGAIN", 0.001)
    client, wire, _ = _joined(Pump())
    client.show(1, Picture(HEADER, bytes(100_000)))
    for step in (2, 3, 4):
        client.show(1, Picture({**HEADER, "step": step}, bytes(100_000)))
    client.tell("first")
    assert (len(wire.sent), client.skipped) == (2, 2)
    wire.transport.held = 0
    await asyncio.wait_for(wire.third.wait(), 5)
    newest = wire.messages()[2]
    assert isinstance(newest, bytes)
    assert unpack_frame(newest)[0].step == 4


async def test_texts_wait_for_a_link_that_takes_nothing() -> None:
    client, wire, _ = _joined(Pump())
    wire.transport.held = 10**6
    client.tell("a")
    client.tell("b")
    assert wire.sent == []
    wire.transport.held = 0
    client.tell("c")
    assert wire.messages() == ["a", "b", "c"]


async def test_who_takes_nothing_is_sent_away_and_who_takes_a_little_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(link.time, "monotonic", lambda: now)
    pump = Pump()
    deaf, deaf_wire, deaf_sender = _joined(pump)
    slow, slow_wire, slow_sender = _joined(pump)
    for _ in range(20):
        now += 1.0
        deaf.tell("x" * 1000)
        slow.tell("x" * 1000)
        slow_wire.transport.held = max(0, slow_wire.transport.held - 1000)
        for one in (deaf_sender, slow_sender):
            one.inspect()
    assert deaf.closing is not None
    assert deaf_sender.ended.is_set()
    assert slow.closing is None
    deaf_sender.leave()
    assert deaf_wire.transport.aborted
    assert not slow_wire.transport.aborted
