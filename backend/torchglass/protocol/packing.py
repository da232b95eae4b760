"""The bytes between the server and a worker: ``u32 header length | u32 body length | msgpack header | raw body``.

Lengths are bounded. The same bytes run over a socketpair and over TCP.
"""

from __future__ import annotations

import struct
from typing import Any

import msgpack

from torchglass.protocol.base import Message

PREFIX = struct.Struct("<II")
MAX_HEADER = 32 * 1024 * 1024
MAX_BODY = 64 * 1024 * 1024


def pack(header: Message | dict[str, Any], body: bytes | memoryview = b"") -> bytes:
    """One message as bytes."""
    raw = msgpack.packb(header.model_dump(mode="json") if isinstance(header, Message) else header)
    return b"".join((PREFIX.pack(len(raw), len(body)), raw, body))


def lengths(prefix: bytes) -> tuple[int, int]:
    """(header, body) lengths; ValueError beyond the bounds."""
    header, body = PREFIX.unpack(prefix)
    if header > MAX_HEADER or body > MAX_BODY:
        raise ValueError(f"message of {header} + {body} bytes is over the bound")
    return header, body
