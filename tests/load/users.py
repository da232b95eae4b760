"""People who use the pages and the API of a server: every second a request, each in turn of another kind."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

Requests = list[tuple[str, Any]]


async def user(host: str, token: str, requests: Requests, seconds: float, number: int) -> list[float]:
    """One person on one connection; how long each answer took, in seconds."""
    name, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port), limit=8 << 20)
    end, took = time.monotonic() + seconds, []
    await asyncio.sleep(random.Random(number).random())
    while time.monotonic() < end:
        path, body = requests[(number + len(took)) % len(requests)]
        start = time.monotonic()
        content = b"" if body is None else json.dumps(body).encode()
        writer.write(
            f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head[:15], head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        took.append(time.monotonic() - start)
        await asyncio.sleep(max(0.0, 1.0 - took[-1]))
    writer.close()
    return took


async def many(host: str, token: str, requests: Requests, users: int, seconds: float) -> list[float]:
    """Everybody at once; all answers' times, sorted."""
    found = await asyncio.gather(*(user(host, token, requests, seconds, number) for number in range(users)))
    return sorted(time for times in found for time in times)
