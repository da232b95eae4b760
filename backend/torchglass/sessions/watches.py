"""Turns what many clients watch into the set that the worker captures: equal wishes share one stream."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from torchglass.ids import ClientId
from torchglass.protocol.commands import Watch
from torchglass.protocol.worker import WatchSpec
from torchglass.sessions.errors import RefusedError

PER_CLIENT = 64
PER_RUN = 256
#: Earlier steps that are looked at at the same time.
LOOKED_AT = 4
_MAX_OPTIONS = 16 * 1024


@dataclass(slots=True)
class Stream:
    """One captured stream and who receives it: (client, its own number for the watch) -> asked rate."""

    number: int
    key: str
    source: str
    watch: Watch
    #: A kept step; None: now.
    at: int | None = None
    receivers: dict[tuple[ClientId, int], float] = field(default_factory=dict)
    #: How often somebody has come to it.
    asked: int = 0
    #: Why it can never show anything, once the worker has said so.
    problem: str | None = None

    def spec(self) -> WatchSpec:
        watch = self.watch
        return WatchSpec(
            stream=self.number,
            at=self.at,
            probe=watch.probe,
            node=watch.node,
            tap=watch.tap,
            source=self.source,
            options=watch.options,
            rate=max(self.receivers.values()),
            asked=self.asked,
        )


class Watches:
    """Everything watched on one run."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._by_number: dict[int, Stream] = {}
        self._by_client: dict[ClientId, dict[int, Stream]] = {}
        self._commands: dict[tuple[ClientId, int], int | None] = {}
        #: Clients that look at a kept step, and which.
        self.looking: dict[ClientId, int] = {}
        self._next = 1

    def add(self, client: ClientId, watch: Watch) -> Stream:
        """Start or change one watch of a client. Raises RefusedError beyond the bounds."""
        own = self._by_client.setdefault(client, {})
        if watch.watch not in own and len(own) >= PER_CLIENT:
            raise RefusedError(
                "too-many-watches", f"At most {PER_CLIENT} pictures can be open at once; close one first."
            )
        source = f"slot:{client}" if watch.source == "mine" else watch.source
        at = self.looking.get(client)
        key = _key(watch, source, at)
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= PER_RUN:
                raise RefusedError("too-many-watches", f"This run already shows {PER_RUN} different pictures.")
            stream = Stream(self._next, key, source, watch, at)
            self._next += 1
        if own.get(watch.watch) is not stream:
            self.remove(client, watch.watch)
        self._streams[key] = self._by_number[stream.number] = stream
        self._by_client.setdefault(client, {})[watch.watch] = stream
        stream.asked += (client, watch.watch) not in stream.receivers
        stream.receivers[client, watch.watch] = watch.rate
        self._commands[client, watch.watch] = watch.id
        return stream

    def remove(self, client: ClientId, watch: int) -> bool:
        """Forget one watch; whether there was one."""
        stream = self._by_client.get(client, {}).pop(watch, None)
        if stream is None:
            return False
        self._commands.pop((client, watch), None)
        stream.receivers.pop((client, watch), None)
        if not stream.receivers:
            self._streams.pop(stream.key, None)
            self._by_number.pop(stream.number, None)
        return True

    def remove_client(self, client: ClientId) -> bool:
        """Forget everything that a client watched; whether that was anything."""
        numbers = list(self._by_client.get(client, {}))
        for number in numbers:
            self.remove(client, number)
        self._by_client.pop(client, None)
        self.looking.pop(client, None)
        return bool(numbers)

    def look(self, client: ClientId, step: int | None) -> None:
        """Everything that a client watches is of a kept step from now on (None: of now). Raises RefusedError while
        too many different steps are looked at."""
        others = {at for other, at in self.looking.items() if other != client}
        if step is not None and len(others | {step}) > LOOKED_AT:
            raise RefusedError(
                "too-many-looks", f"Others look at {LOOKED_AT} earlier steps; wait until somebody is back to now."
            )
        if step is None:
            self.looking.pop(client, None)
        else:
            self.looking[client] = step
        for number, stream in list(self._by_client.get(client, {}).items()):
            rate, command = stream.receivers[client, number], self._commands.get((client, number))
            self.add(client, stream.watch.model_copy(update={"watch": number, "rate": rate, "id": command}))

    def stream(self, number: int) -> Stream | None:
        return self._by_number.get(number)

    def command_of(self, client: ClientId, watch: int) -> int | None:
        """The id of the command that asked for this watch."""
        return self._commands.get((client, watch))

    def specs(self) -> list[WatchSpec]:
        """The complete set for the worker."""
        return [stream.spec() for stream in self._streams.values()]

    def __len__(self) -> int:
        return len(self._streams)


def _key(watch: Watch, source: str, at: int | None) -> str:
    parts: list[Any] = [watch.probe, watch.node, watch.tap, source, at, watch.options]
    try:
        key = json.dumps(parts, sort_keys=True, allow_nan=False)
    except ValueError as error:
        raise RefusedError("malformed", "The options of a picture hold a number that is not finite.") from error
    if len(key) > _MAX_OPTIONS:
        raise RefusedError("malformed", "The options of a picture may hold at most 16 kB.")
    return key
