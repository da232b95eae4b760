"""What the clients of one run have drawn or typed: one slot each, kept so that a restored worker gets it again."""

from __future__ import annotations

import base64
import binascii
import math

from torchglass.ids import ClientId
from torchglass.protocol.commands import Input
from torchglass.protocol.worker import Feed
from torchglass.sessions.errors import RefusedError

MAX_SLOTS = 256


class Inputs:
    """The newest input of every client."""

    def __init__(self) -> None:
        self._slots: dict[ClientId, tuple[Feed, bytes]] = {}

    def fill(self, client: ClientId, command: Input) -> tuple[Feed, bytes]:
        """Put an input into the client's slot and return it as the worker's message. Raises RefusedError."""
        given = [value is not None for value in (command.pixels, command.text, command.sample)]
        if sum(given) != 1:
            raise RefusedError("malformed", "An input is either pixels, a text or a sample.", field="pixels")
        if client not in self._slots and len(self._slots) >= MAX_SLOTS:
            raise RefusedError("too-many-inputs", f"{MAX_SLOTS} people already feed this run; wait for one to leave.")
        content = _decoded(command)
        shape = command.shape if command.pixels is not None else []
        feed = Feed(slot=client, shape=shape, text=command.text, sample=command.sample)
        self._slots[client] = (feed, content)
        return feed, content

    def forget(self, client: ClientId) -> bool:
        """Whether there was anything to forget."""
        return self._slots.pop(client, None) is not None

    def all(self) -> list[tuple[Feed, bytes]]:
        return list(self._slots.values())


def _decoded(command: Input) -> bytes:
    if command.pixels is None:
        return b""
    try:
        content = base64.b64decode(command.pixels, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("malformed", "The pixels are not valid base64.", field="pixels") from error
    if not command.shape or len(content) != math.prod(command.shape):
        size = "×".join(map(str, command.shape)) or "nothing"
        raise RefusedError("malformed", f"{len(content)} bytes of pixels do not fill {size}.", field="shape")
    return content
