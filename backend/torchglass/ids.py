"""Identifiers as distinct types, so that a run id cannot be passed where a node id is meant."""

from __future__ import annotations

import secrets
from typing import NewType

RunId = NewType("RunId", str)
NodeId = NewType("NodeId", str)
PartName = NewType("PartName", str)
ClientId = NewType("ClientId", str)
#: Names one ordered stream of events of one run; a new one is drawn whenever sequence numbers start again.
StreamId = NewType("StreamId", str)

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def _draw(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_run_id() -> RunId:
    return RunId("r" + _draw(11))


def new_bookmark_id() -> str:
    return "b" + _draw(11)


def new_client_id() -> ClientId:
    return ClientId("c" + _draw(9))


def new_stream_id() -> StreamId:
    return StreamId("s" + _draw(9))
