"""A wire between a client and a server that can be held, stranded and cut."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Wire:
    """One connection. ``flows`` is clear while nothing gets through; a stranded one stays so for good."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    #: What the client said first: the head of its first request.
    opening: bytes = b""
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stranded: bool = False

    def cut(self) -> None:
        self.ended.set()
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """Forwards a port of 127.0.0.1 to another one. What is held is delivered later, as TCP does it."""

    def __init__(self, target: int = 0) -> None:
        self.target = target
        self.port = 0
        self._held: bytes | None = None
        self._wires: set[_Wire] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut every wire and refuse new ones."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold(self, who: bytes = b"") -> None:
        """Nothing gets through any more; connections stay open, and new ones are made and hear nothing. ``who``: only
        for the client whose requests say this (in their User-Agent)."""
        self._held = who
        for wire in self._wires:
            if who in wire.opening:
                wire.flows.clear()

    def release(self) -> None:
        """Everything gets through again, but for stranded wires."""
        self._held = None
        for wire in self._wires:
            if not wire.stranded:
                wire.flows.set()

    def strand(self) -> None:
        """The wires of now never carry anything again, and neither side hears of it: half-open. New ones work."""
        for wire in self._wires:
            wire.stranded = True
            wire.flows.clear()

    def cut(self) -> None:
        """Reset every connection."""
        for wire in list(self._wires):
            wire.cut()

    async def _ask(self, wire: _Wire, reader: asyncio.StreamReader) -> None:
        """The way from the client, which shows first who it is."""
        wire.opening = await reader.read(1 << 14)
        if self._held is not None and self._held in wire.opening:
            wire.flows.clear()
        await _pump(wire, reader, wire.writers[1], wire.opening)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        wire = _Wire((writer, there_writer))
        if self._held != b"":
            wire.flows.set()
        self._wires.add(wire)
        pumps = {
            asyncio.create_task(self._ask(wire, reader)),
            asyncio.create_task(_pump(wire, there_reader, writer)),
            asyncio.create_task(wire.ended.wait()),
        }
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        self._wires.discard(wire)
        wire.cut()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(
    wire: _Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, piece: bytes | None = None
) -> None:
    with contextlib.suppress(OSError):
        piece = piece or await reader.read(1 << 14)
        while piece:
            await wire.flows.wait()
            if writer.is_closing():
                return
            writer.write(piece)
            await writer.drain()
            piece = await reader.read(1 << 14)
    await wire.flows.wait()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class ThreadedProxy:
    """The same for tests without an event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self.proxy = Proxy()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self.start()

    @property
    def port(self) -> int:
        return self.proxy.port

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.start(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.stop(), self._loop).result(10)

    def do(self, what: str, *arguments: object) -> None:
        """``hold``, ``release``, ``strand`` or ``cut``."""

        async def act() -> None:
            getattr(self.proxy, what)(*arguments)

        asyncio.run_coroutine_threadsafe(act(), self._loop).result(10)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@contextlib.contextmanager
def threaded_proxy() -> Iterator[ThreadedProxy]:
    proxy = ThreadedProxy()
    try:
        yield proxy
    finally:
        proxy.close()
