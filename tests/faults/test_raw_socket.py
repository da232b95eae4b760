"""What no library would send: broken frames, floods, requests that never end. One connection ends, no other."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest
from tests.serving import TOKEN, Server

from torchglass.api import wire

MOST_MEMORY = 64 * 1024 * 1024


def frame(
    opcode: int, data: bytes = b"", *, fin: bool = True, masked: bool = True, rsv: int = 0, length: int | None = None
) -> bytes:
    """One frame, with whatever is wrong with it."""
    size = len(data) if length is None else length
    flag = 0x80 if masked else 0
    head = bytes([(fin << 7) | (rsv << 4) | opcode])
    if size < 126:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + struct.pack(">H", size)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", size)
    return head + (bytes(4) if masked else b"") + data


async def upgraded(server: Server, run: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = server.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET /api/runs/{run}/live HTTP/1.1\r\nHost: {server.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Authorization: Bearer {TOKEN}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def ending(reader: asyncio.StreamReader, patience: float = 8.0) -> bytes:
    """Everything until the server cuts the connection."""
    received = b""
    async with asyncio.timeout(patience):
        while True:
            try:
                piece = await reader.read(65536)
            except ConnectionError:
                return received
            if not piece:
                return received
            received = (received + piece)[-65536:]


async def pour(writer: asyncio.StreamWriter, data: bytes) -> None:
    while True:
        writer.write(data)
        await writer.drain()


def memory() -> int:
    """Resident bytes of this process, in which the server runs."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


BROKEN = {
    "unmasked": (frame(1, b"{}", masked=False), 1002),
    "reserved bits": (frame(1, b"{}", rsv=4), 1002),
    "unknown opcode": (frame(3, b"x"), 1002),
    "bad utf-8": (frame(1, b"\xff\xfe"), 1007),
    "bad utf-8 in pieces": (frame(1, b"\xe2\x82", fin=False) + frame(0, b"\x28"), 1007),
    "2^63 bytes": (frame(1, length=2**63), 1009),
    "2^40 bytes": (frame(1, b"x" * 100, length=2**40), 1009),
    "long ping": (frame(9, b"x" * 126), 1002),
    "ping in pieces": (frame(9, b"x", fin=False), 1002),
    "continues nothing": (frame(0, b"x"), 1002),
    "close of one byte": (frame(8, b"x"), 1002),
    "close with a forbidden code": (frame(8, struct.pack(">H", 1005)), 1002),
    "http within": (b"GET / HTTP/1.1\r\n\r\n", 1002),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_frame_ends_its_connection(server: Server, name: str, caplog: pytest.LogCaptureFixture) -> None:
    sent, code = BROKEN[name]
    run = await server.create()
    async with server.live(run["id"]) as other:
        reader, writer = await upgraded(server, run["id"])
        writer.write(sent)
        assert struct.pack(">H", code) in (await ending(reader))[-200:]
        writer.close()
        assert (await other.ask("pause"))["type"] == "ack"
    assert "Traceback" not in caplog.text


FLOODS = {
    "empty pieces": (frame(1, b"x", fin=False), frame(0, fin=False) * 5000),
    "pieces of one byte": (frame(1, b"x", fin=False), frame(0, b"x", fin=False) * 5000),
    "pieces that add up": (frame(1, b"x", fin=False), frame(0, b"x" * 4000, fin=False) * 50),
    "pings that nobody reads the answers of": (b"", frame(9, b"x" * 125) * 1000),
    "pongs": (b"", frame(10, b"x") * 1000),
    "commands": (b"", frame(1, b'{"type":"pause"}') * 1000),
    "no commands": (b"", frame(1, b"nonsense") * 1000),
    "binary": (b"", frame(2, b"\0\1\2") * 1000),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_is_cut_off(server: Server, name: str) -> None:
    first, again = FLOODS[name]
    run = await server.create()
    async with server.live(run["id"]) as other:
        reader, writer = await upgraded(server, run["id"])
        before = memory()
        writer.write(first)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(pour(writer, again), 10)
        await ending(reader)
        assert memory() - before < MOST_MEMORY
        async with asyncio.timeout(2):
            assert (await other.ask("pause"))["type"] == "ack"


async def test_people_who_draw_fast_are_no_flood(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        for _ in range(300):
            assert (await client.ask("speed", steps_per_second=None))["type"] == "ack"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_request_that_never_ends_is_cut(server: Server, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEADERS_WITHIN", 0.5)
    host, port = server.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    drops = asyncio.create_task(ending(reader, 5))
    while not drops.done():
        writer.write(sent[:1] and b"X-More: 1\r\n" if sent.endswith(b"\r\n") else sent)
        sent = sent if sent.endswith(b"\r\n") else b""
        await asyncio.sleep(0.05)
    assert b"200" not in await drops
    writer.close()
    assert (await server.http.get("/api/health")).status_code == 200


async def test_headers_without_end_are_refused(server: Server) -> None:
    host, port = server.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + (b"X-More: " + b"x" * 8000 + b"\r\n") * 100)
    answer = await ending(reader)
    assert answer == b"" or b" 400 " in answer
    writer.close()


async def test_a_body_that_never_ends_is_cut(server: Server) -> None:
    host, port = server.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /api/runs HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    before = memory()
    async with asyncio.timeout(10):
        received = b""
        while b"\r\n\r\n" not in received:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await asyncio.sleep(0)
            try:
                received += await asyncio.wait_for(reader.read(4096), 0.02)
            except TimeoutError:
                continue
    assert b" 413 " in received
    assert memory() - before < MOST_MEMORY
    writer.close()
