"""One browser on a run: an ordered lane for events and one latest-wins slot per stream of pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torchglass.ids import ClientId, new_client_id
from torchglass.protocol.frames import pack_frame

#: Twice what a room keeps of the past, so that resuming always fits.
MAX_EVENTS = 4096
MAX_EVENT_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class Picture:
    """One captured picture, shared by everyone who receives it and packed once per watch number."""

    header: dict[str, Any]
    body: bytes
    packed: dict[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.body) + 256

    def message(self, watch: int, dress: Callable[[bytes], bytes] = bytes) -> bytes:
        """The binary message for a client that calls this stream ``watch``, ``dress``ed as its connection wants
        it: once for all who call it so, and so one object however many they are. Every caller dresses alike."""
        found = self.packed.get(watch)
        if found is None:
            found = self.packed[watch] = dress(pack_frame({**self.header, "watch": watch}, self.body))
        return found


class Client:
    """Filled by the room without ever waiting, emptied by the connection at the pace of its link.

    ``on_news`` is called, from wherever it was filled, whenever there is something to send or the client is to be
    closed; it must not raise.
    """

    def __init__(self, on_news: Callable[[], None] = lambda: None) -> None:
        self.id: ClientId = new_client_id()
        self.closing: tuple[int, str] | None = None
        self.skipped = 0
        self._events: deque[str] = deque()
        self._event_bytes = 0
        self._latest: dict[str, str] = {}
        self._pictures: dict[int, Picture] = {}
        self.on_news = on_news

    def tell(self, text: str) -> None:
        """Queue one ordered message; a lane that outgrows its bound closes the client (1013, try again later)."""
        if self.closing is not None:
            return
        self._events.append(text)
        self._event_bytes += len(text)
        if len(self._events) > MAX_EVENTS or self._event_bytes > MAX_EVENT_BYTES:
            self.close(1013, "too slow: the events of the run did not get through")
        self.on_news()

    def tell_latest(self, slot: str, text: str) -> None:
        """Queue a message of which only the newest counts."""
        if self.closing is None:
            self._latest[slot] = text
            self.on_news()

    def drop_latest(self, slot: str) -> None:
        """What waits there has become untrue."""
        self._latest.pop(slot, None)

    def show(self, watch: int, picture: Picture) -> None:
        """Put a picture into the slot of its stream; an older one that was not sent yet is skipped."""
        if self.closing is None:
            self.skipped += watch in self._pictures
            self._pictures[watch] = picture
            self.on_news()

    def forget(self, watch: int) -> None:
        self._pictures.pop(watch, None)

    def close(self, code: int, reason: str) -> None:
        """End the connection; what is still queued is dropped."""
        if self.closing is None:
            self.closing = (code, reason)
        self._events.clear()
        self._latest.clear()
        self._pictures.clear()
        self._event_bytes = 0
        self.on_news()

    def next_text(self) -> str | None:
        """The next ordered message, then whatever is latest; None when there is nothing."""
        if self._events:
            text = self._events.popleft()
            self._event_bytes -= len(text)
            return text
        if self._latest:
            return self._latest.pop(next(iter(self._latest)))
        return None

    def peek_picture(self) -> tuple[int, Picture] | None:
        """The picture that has waited longest; it stays in its slot, and may still be replaced."""
        if not self._pictures:
            return None
        watch = next(iter(self._pictures))
        return watch, self._pictures[watch]

    def take_picture(self, watch: int) -> None:
        self._pictures.pop(watch, None)
