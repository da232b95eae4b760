"""Fan-out without waiting: numbered events, a bounded past, pictures of which the newest counts."""

from __future__ import annotations

import json
from typing import Any

from torchglass.protocol.events import MarkEvent, Pulse, Resumed
from torchglass.protocol.frames import unpack_frame
from torchglass.protocol.run import Mark
from torchglass.sessions.client import MAX_EVENTS, Client
from torchglass.sessions.room import RING_EVENTS, Room

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


def _room() -> Room:
    """A room whose greeting is short: any message does."""
    return Room(lambda stream, seq, client: Resumed(stream="full", seq=seq, client=client))  # type: ignore[arg-type,return-value]


def _mark(room: Room, step: int) -> None:
    room.emit(MarkEvent, mark=Mark(step=step, kind="set", label="x"))


def _drain(client: Client) -> list[dict[str, Any]]:
    found = []
    while (text := client.next_text()) is not None:
        found.append(json.loads(text))
    return found


def test_events_are_numbered_and_resumed_without_a_hole() -> None:
    room, first, again = _room(), Client(), Client()
    room.join(first)
    for step in range(5):
        _mark(room, step)
    assert [event["seq"] for event in _drain(first)] == [0, 1, 2, 3, 4, 5]
    room.join(again, room.stream, 3)
    assert [(event["type"], event["seq"]) for event in _drain(again)] == [("resumed", 3), ("mark", 4), ("mark", 5)]


def test_a_past_that_is_gone_or_to_come_gets_everything() -> None:
    room = _room()
    for step in range(RING_EVENTS + 10):
        _mark(room, step)
    for seq in (1, 8, room.seq + 1, -1):
        client = Client()
        room.join(client, room.stream, seq)
        assert [event["stream"] for event in _drain(client)] == ["full"]
    client = Client()
    room.join(client, room.stream, 10)
    assert len(_drain(client)) == RING_EVENTS + 1


def test_a_client_that_cannot_follow_is_sent_away_and_others_are_not() -> None:
    room, slow, fast = _room(), Client(), Client()
    room.join(slow)
    room.join(fast)
    for step in range(MAX_EVENTS + 1):
        _mark(room, step)
        _drain(fast)
    assert slow.closing is not None
    assert slow.closing[0] == 1013
    assert fast.closing is None


def test_only_the_newest_picture_waits_and_each_stream_gets_its_turn() -> None:
    room, client = _room(), Client()
    room.join(client)
    for step in range(3):
        room.show([(client.id, 1)], {**HEADER, "step": step}, b"a")
        room.show([(client.id, 2)], {**HEADER, "step": step}, b"b")
    assert client.skipped == 4
    seen = []
    while (waiting := client.peek_picture()) is not None:
        watch, picture = waiting
        client.take_picture(watch)
        header, body = unpack_frame(picture.message(watch))
        seen.append((header.watch, header.step, bytes(body)))
    assert seen == [(1, 2, b"a"), (2, 2, b"b")]


def test_only_the_newest_pulse_waits() -> None:
    room, client = _room(), Client()
    room.join(client)
    for step in range(3):
        room.pulse(Pulse(step=step, epoch=0, steps_per_second=1))
    assert [event["step"] for event in _drain(client) if event["type"] == "pulse"] == [2]


def test_a_pulse_that_waits_does_not_follow_the_word_of_a_later_step() -> None:
    room, client = _room(), Client()
    room.join(client)
    room.pulse(Pulse(step=7, epoch=0, steps_per_second=1))
    room.drop_pulse()
    assert [event["type"] for event in _drain(client)].count("pulse") == 0
