"""Pictures on the wire: ``u32 header length | msgpack header | raw body``, little-endian.

The body holds the values in C order: uint8 (quantised: value = lo + byte/255·(hi − lo)) or float32. Its offset
is not aligned; a reader slices before it makes a Float32Array.
"""

from __future__ import annotations

import struct
from typing import Annotated, Any, Literal

import msgpack
from pydantic import Field

from torchglass.protocol.base import Message

MAX_HEADER = 64 * 1024
MAX_BODY = 8 * 1024 * 1024
_LENGTH = struct.Struct("<I")


class FrameHeader(Message):
    """Describes one picture. ``watch`` is the receiving client's own name for the stream."""

    watch: int
    probe: str
    node: str | None = None
    tap: str | None = None
    source: str
    step: int
    dtype: Literal["uint8", "float32"]
    shape: Annotated[list[int], Field(max_length=8)]
    axes: Annotated[list[str], Field(max_length=8)]
    lo: float
    hi: float
    signed: bool
    extra: dict[str, Any] = {}


def pack_frame(header: dict[str, Any], body: bytes | memoryview) -> bytes:
    """One binary websocket message from a header (fields of FrameHeader) and the raw values."""
    packed = msgpack.packb(header)
    return b"".join((_LENGTH.pack(len(packed)), packed, body))


def unpack_frame(message: bytes) -> tuple[FrameHeader, memoryview]:
    """Inverse of ``pack_frame``; ValueError for anything malformed."""
    if len(message) < _LENGTH.size:
        raise ValueError("frame shorter than its length field")
    (length,) = _LENGTH.unpack_from(message)
    if length > MAX_HEADER or _LENGTH.size + length > len(message):
        raise ValueError("frame header longer than the frame")
    raw = msgpack.unpackb(message[_LENGTH.size : _LENGTH.size + length])
    return FrameHeader.model_validate(raw), memoryview(message)[_LENGTH.size + length :]
