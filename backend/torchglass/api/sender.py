"""Sends what waits for a client: straight to the connection, without a task per client to wake.

A picture for 300 clients is framed once and written 300 times by whoever brings it; only a client whose link is
busy waits, in its slots, and all of those are looked at together, every few milliseconds.
"""

from __future__ import annotations

import asyncio

from torchglass.api.link import Budget
from torchglass.api.wire import LiveProtocol, framed_binary, framed_text
from torchglass.protocol.events import Alive
from torchglass.sessions.client import Client

#: How often clients with something waiting are looked at, in seconds.
_AGAIN = 0.01
#: Texts wait while the system has not taken this many bytes.
_MOST_BUFFERED = 256 * 1024
#: How often, in seconds, all clients are asked whether anything of what was sent arrives.
_ROUND = 1.0
_ALIVE = Alive().model_dump_json()


class Sender:
    """One client's connection. ``patience``: seconds in which what was sent must arrive."""

    def __init__(self, client: Client, wire: LiveProtocol, pump: Pump, patience: float) -> None:
        self.ended = asyncio.Event()
        self._client = client
        self._wire = wire
        self._pump = pump
        self._patience = patience
        self._budget = Budget(wire.transport)
        self._quiet = False
        client.on_news = self.flush
        pump.join(self)

    def flush(self) -> None:
        """Send what may go now: texts in their order, then the pictures that have waited longest."""
        if self._client.closing is not None:
            self.ended.set()
        elif self._texts() and self._pictures():
            self._pump.done(self)
        else:
            self._pump.again(self)

    def _texts(self) -> bool:
        """Whether all of them went."""
        client, budget = self._client, self._budget
        while budget.buffered() < _MOST_BUFFERED:
            text = client.next_text()
            if text is None:
                return True
            self._post(framed_text(text))
        return False

    def _pictures(self) -> bool:
        client, budget = self._client, self._budget
        while (waiting := client.peek_picture()) is not None:
            watch, picture = waiting
            if not budget.admits(picture.size):
                return False
            client.take_picture(watch)
            self._post(picture.message(watch, framed_binary))
        return True

    def _post(self, framed: bytes) -> None:
        self._quiet = False
        if self._wire.post(framed):
            self._budget.wrote(len(framed))
        else:
            self.ended.set()

    def inspect(self) -> None:
        """Send a client away that takes nothing; tell one that heard nothing since the last round that all is well."""
        if self._budget.oldest() > self._patience:
            self._client.close(1013, "nothing was read for too long")
        elif self._quiet:
            self._client.tell_latest("alive", _ALIVE)
        self._quiet = True

    def leave(self) -> None:
        """The connection is over."""
        self._client.on_news = lambda: None
        self._pump.leave(self)
        if self._client.closing is not None and self._client.closing[0] == 1013:
            self._budget.abort()


class Pump:
    """Looks at every client that has something waiting, and now and then at all of them."""

    def __init__(self) -> None:
        self._senders: set[Sender] = set()
        self._waiting: set[Sender] = set()
        self._look_at: asyncio.TimerHandle | None = None
        self._next_round: asyncio.TimerHandle | None = None

    def join(self, sender: Sender) -> None:
        self._senders.add(sender)
        if self._next_round is None:
            self._next_round = asyncio.get_running_loop().call_later(_ROUND, self._go_round)

    def leave(self, sender: Sender) -> None:
        self._senders.discard(sender)
        self._waiting.discard(sender)

    def again(self, sender: Sender) -> None:
        """Look at this one soon."""
        self._waiting.add(sender)
        if self._look_at is None:
            self._look_at = asyncio.get_running_loop().call_later(_AGAIN, self._look)

    def done(self, sender: Sender) -> None:
        """Nothing waits any more."""
        self._waiting.discard(sender)

    def _look(self) -> None:
        self._look_at = None
        for sender in list(self._waiting):
            sender.flush()

    def _go_round(self) -> None:
        self._next_round = None
        for sender in list(self._senders):
            sender.inspect()
        if self._senders:
            self._next_round = asyncio.get_running_loop().call_later(_ROUND, self._go_round)
