"""What the network is shown while it is watched: stored examples and people's own inputs."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchglass.protocol.worker import Feed

MOST_SLOTS = 64
_MOST_EXAMPLES = 256
_STORED = re.compile(r"(test|train):(\d{1,9})")


@dataclass(slots=True)
class Slot:
    """Somebody's own input: as fed, as stored, or a stored example that it stands for."""

    version: int
    given: tuple[Feed, bytes]
    alias: str | None = None
    fed: dict[str, Tensor] = field(default_factory=dict)
    raw: dict[str, np.ndarray] = field(default_factory=dict)


class Sources:
    """Examples by source (``test:5``, ``train:17``, ``slot:abc``), kept ready to be fed. Bounded."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self._slots: OrderedDict[str, Slot] = OrderedDict()
        self._stored: OrderedDict[str, tuple[dict[str, Tensor], Mapping[str, np.ndarray]]] = OrderedDict()
        self._stacks: OrderedDict[tuple[tuple[str, int], ...], dict[str, Tensor]] = OrderedDict()
        self._version = 0

    def problem(self, source: str) -> str | None:
        """Why there can never be such a source, in words."""
        if source.startswith("slot:"):
            return None
        if not (match := _STORED.fullmatch(source)):
            return f"{source!r} is no example: write test:5, train:17 or use your own input."
        count = self.data.count(match[1])
        if int(match[2]) >= count:
            return f"There is no example {source}: the {match[1]} split has {count} examples, counted from 0."
        return None

    def resolve(self, source: str) -> str | None:
        """The source to look at: a slot that stands for a stored example gives that; None for an empty slot."""
        if not source.startswith("slot:"):
            return source
        slot = self._slots.get(source[5:])
        return None if slot is None else slot.alias or source

    def version(self, source: str) -> int:
        """Changes with every new input of a slot."""
        slot = self._slots.get(source[5:]) if source.startswith("slot:") else None
        return 0 if slot is None else slot.version

    def feed(self, feed: Feed, body: bytes | memoryview) -> None:
        """Take somebody's input; ValueError in words where it does not fit the data."""
        if not feed.shape and feed.text is None and feed.sample is None:
            self._slots.pop(feed.slot, None)
            return
        self._version += 1
        slot = Slot(self._version, (feed, bytes(body)))
        if feed.sample is not None:
            if (problem := self.problem(feed.sample)) is not None or feed.sample.startswith("slot:"):
                raise ValueError(problem or "An input cannot stand for another input.")
            slot.alias = feed.sample
        elif feed.shape:
            name, raw = self._picture(feed.shape, body)
            slot.raw, slot.fed = {name: raw}, {name: self.data.prepare_input(name, raw)}
        else:
            raise ValueError("This data takes no text: draw a picture or choose an example.")
        self._slots.pop(feed.slot, None)
        self._slots[feed.slot] = slot
        while len(self._slots) > MOST_SLOTS:
            self._slots.popitem(last=False)

    def fed_by_hand(self) -> list[tuple[Feed, bytes]]:
        """Every input that somebody gave, as it arrived."""
        return [slot.given for slot in self._slots.values()]

    def _picture(self, shape: Sequence[int], body: bytes | memoryview) -> tuple[str, np.ndarray]:
        """Bytes (H, W) or (H, W, C) -> (1, ...) as stored."""
        name = self.data.picture_field
        if name is None:
            raise ValueError("This data has no pictures: nothing can be drawn for it.")
        channels, height, width = self.data.fields[name].shape.known()
        wanted = (height, width, channels)
        given = (*shape, 1) if len(shape) == 2 else tuple(shape)
        if given != wanted or len(body) != height * width * channels:
            raise ValueError(
                f"The picture must be {height}×{width} with {channels} channel(s), one byte each; "
                f"{'×'.join(map(str, shape))} and {len(body)} bytes arrived."
            )
        values = np.frombuffer(body, np.uint8).reshape(wanted).transpose(2, 0, 1)
        return name, np.array(values, order="C").reshape(self.data.raw("test", [0])[name].shape)

    def fed(self, source: str) -> dict[str, Tensor]:
        """Fields as fed, each (1, ...). What an own input leaves out is taken from the first test example."""
        if source.startswith("slot:"):
            own = self._slots[source[5:]].fed
            return {**self.fed("test:0"), **own}
        return self._example(source)[0]

    def raw(self, source: str) -> Mapping[str, np.ndarray]:
        """Fields as stored, each (1, ...)."""
        return self._slots[source[5:]].raw if source.startswith("slot:") else self._example(source)[1]

    def _example(self, source: str) -> tuple[dict[str, Tensor], Mapping[str, np.ndarray]]:
        found = self._stored.get(source)
        if found is None:
            split, _, index = source.partition(":")
            found = self.data.batch(split, [int(index)]), self.data.raw(split, [int(index)])
            self._stored[source] = found
            if len(self._stored) > _MOST_EXAMPLES:
                self._stored.popitem(last=False)
        return found

    def stacked(self, sources: Sequence[str]) -> dict[str, Tensor]:
        """Fields of several sources of equal shapes as one batch."""
        if len(sources) == 1:
            return self.fed(sources[0])
        key = tuple((source, self.version(source)) for source in sources)
        stack = self._stacks.get(key)
        if stack is None:
            rows = [self.fed(source) for source in sources]
            stack = {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
            self._stacks[key] = stack
            if len(self._stacks) > 8:
                self._stacks.popitem(last=False)
        return stack

    def layout(self, source: str) -> tuple[Any, ...]:
        """Sources with equal layouts can share a batch."""
        return tuple((name, value.shape[1:], value.dtype) for name, value in self.fed(source).items())
