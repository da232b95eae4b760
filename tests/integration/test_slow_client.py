"""A slow client beside a fast one: it skips pictures, loses no event, slows nobody, and is let go if it never reads."""

from __future__ import annotations

import asyncio
import json
import socket

from tests.serving import TOKEN, Server, Serving, reached
from websockets.asyncio.client import connect

SIZE = 60_000
WATCH = {"watch": 1, "probe": "filters", "node": "conv1", "options": {"size": SIZE}, "rate": 60}


async def _half_deaf(server: Server, run: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that asks for large pictures and whose receive buffer is tiny."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    host, port = server.host.split(":")
    await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=sock, limit=4096)
    request = (
        f"GET /api/runs/{run}/live HTTP/1.1\r\nHost: {server.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Authorization: Bearer {TOKEN}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    )
    writer.write(request.encode())
    assert b"101" in await reader.readline()
    text = json.dumps({"type": "watch", **WATCH}).encode()
    mask = b"\x01\x02\x03\x04"
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text))
    assert len(text) <= 125 or len(text) < 65536
    length = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0x80 | 126]) + len(text).to_bytes(2, "big")
    writer.write(b"\x81" + length + mask + masked)
    await writer.drain()
    return reader, writer


async def test_a_client_that_never_reads_changes_nothing_and_is_let_go(serving: Serving) -> None:
    async with serving(read_within=1.0) as server:
        run = await server.create(preset="mnist-cnn", start=True)
        held = server.runs.get(run["id"])
        assert held is not None
        async with server.live(run["id"]) as fast:
            await fast.ask("watch", **WATCH)
            await fast.until(lambda c: len(c.frames) > 20)
            _, writer = await _half_deaf(server, run["id"])
            await fast.until(lambda c: len(held.room.clients) == 2)
            before = len(fast.frames)
            await reached(lambda: len(held.room.clients) == 1)
            assert len(fast.frames) - before > 50
            assert fast.steps == list(range(1, len(fast.steps) + 1))
            writer.close()


async def test_a_slow_client_skips_pictures_and_loses_no_event(server: Server) -> None:
    run = await server.create(preset="mnist-cnn", start=True)
    url = f"ws://{server.host}/api/runs/{run['id']}/live"
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with (
        server.live(run["id"]) as fast,
        connect(url, additional_headers=headers, max_queue=1, compression=None) as slow,
    ):
        await fast.ask("watch", **WATCH)
        await slow.send(json.dumps({"type": "watch", **WATCH}))
        pictures, sequence = 0, []
        while pictures < 15:
            message = await slow.recv()
            if isinstance(message, bytes):
                pictures += 1
                await asyncio.sleep(0.1)
            else:
                event = json.loads(message)
                sequence += [event["seq"]] if "seq" in event else []
        assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))
        assert len(fast.frames) > 3 * pictures


async def test_a_phone_on_a_slow_link_keeps_its_place(serving: Serving) -> None:
    """Two pictures a second: far from all, but what was sent arrives in time, so nobody sends it away."""
    async with serving(read_within=2.5) as server:
        run = await server.create(preset="mnist-cnn", start=True)
        held = server.runs.get(run["id"])
        assert held is not None
        reader, writer = await _half_deaf(server, run["id"])
        loop = asyncio.get_running_loop()
        received, end = 0, loop.time() + 6.0
        while loop.time() < end:
            received += len(await asyncio.wait_for(reader.read(4096), 2.0))
            await asyncio.sleep(4096 / 120_000)
        assert received > 4 * SIZE
        assert len(held.room.clients) == 1
        writer.close()
