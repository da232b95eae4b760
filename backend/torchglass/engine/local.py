"""Workers on this machine: forked from a warm forkserver, or one warm spare where only spawn exists."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable
from multiprocessing.process import BaseProcess
from typing import Any

from torchglass.engine.base import Envelope, WorkerGoneError
from torchglass.engine.entry import enter
from torchglass.protocol.base import Message
from torchglass.protocol.packing import PREFIX, lengths, pack

ENTRY = "torchglass.worker.main:main"
#: The last one ends with a tidied memory, which the workers share.
PRELOAD = ("torchglass.engine.entry", "torchglass.worker.main", "torchglass.worker.preload")
#: A worker that leaves this many bytes unread no longer works.
MAX_UNREAD = 64 * 1024 * 1024
_STREAM_LIMIT = 4 * 1024 * 1024
#: Seconds in which a closing engine waits for processes that are being launched, to end them itself. The forkserver
#: may still be loading torch, which takes long on a busy machine; a later process ends with our end of its socket.
_CLOSING = 1.0
_START_LOCK = threading.Lock()
Launched = tuple[BaseProcess, socket.socket]


class LocalWorker:
    """A worker process at the other end of a socketpair."""

    def __init__(self, process: BaseProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._dead = False

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def dead(self) -> bool:
        return self._dead

    def send(self, header: Message | dict[str, Any], body: bytes = b"") -> None:
        """Queue one message; WorkerGoneError when the worker is dead or has stopped reading."""
        if self._dead or self._writer.is_closing():
            raise WorkerGoneError("the worker process has ended")
        if self._writer.transport.get_write_buffer_size() > MAX_UNREAD:
            self.kill()
            raise WorkerGoneError("the worker process has stopped reading its messages")
        self._writer.write(pack(header, body))

    async def messages(self) -> AsyncIterator[Envelope]:
        """Messages in order; ends at end of file, and on a malformed message, which also kills the worker."""
        import msgpack

        try:
            while True:
                header_size, body_size = lengths(await self._reader.readexactly(PREFIX.size))
                header = msgpack.unpackb(await self._reader.readexactly(header_size))
                yield header, await self._reader.readexactly(body_size)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, msgpack.UnpackException):
            return
        finally:
            self._dead = True
            self.kill()

    def kill(self) -> None:
        """SIGKILL, then close the socket."""
        self._dead = True
        with contextlib.suppress(ValueError, OSError):
            if self._process.is_alive():
                self._process.kill()
        with contextlib.suppress(RuntimeError):
            self._writer.close()

    async def gone(self, patience: float) -> bool:
        """Wait up to ``patience`` seconds for the process to end by itself; whether it did."""
        return await asyncio.to_thread(self._join, patience)

    def _join(self, patience: float) -> bool:
        self._process.join(patience)
        return not self._process.is_alive()


class LocalEngine:
    """Starts worker processes on this machine."""

    def __init__(self, entry: str = ENTRY, preload: tuple[str, ...] = PRELOAD, method: str | None = None) -> None:
        available = multiprocessing.get_all_start_methods()
        self.method = method or ("forkserver" if "forkserver" in available else "spawn")
        self.entry = entry
        # The children inherit it: OpenMP starts single-threaded, each training thread asks for its own number.
        os.environ["OMP_NUM_THREADS"] = "1"
        self._context = multiprocessing.get_context(self.method)
        if self.method == "forkserver":
            self._context.set_forkserver_preload(list(preload))
        self._workers: list[LocalWorker] = []
        self._spare: tuple[BaseProcess, socket.socket] | None = None
        self._launching: set[asyncio.Future[Launched]] = set()

    async def warm_up(self) -> None:
        """Start the forkserver (its preload takes seconds) or the warm spare, in a thread."""
        if self.method == "forkserver":
            await asyncio.to_thread(self._ensure_forkserver)
        elif self._spare is None:
            self._spare = await asyncio.to_thread(self._launch)

    async def start(self) -> LocalWorker:
        """A fresh process with its socket connected. Raises WorkerGoneError where none can be started."""
        try:
            spare, self._spare = self._spare, None
            process, ours = spare if spare is not None else await self._launched()
            reader, writer = await _connected(process, ours)
        except (OSError, EOFError) as error:
            raise WorkerGoneError(f"no worker process could be started: {error}") from error
        worker = LocalWorker(process, reader, writer)
        self._workers = [known for known in self._workers if not known.dead]
        self._workers.append(worker)
        if self.method == "spawn":
            self._spare = await asyncio.to_thread(self._launch)
        return worker

    async def close(self) -> None:
        """Kill what still lives; the forkserver ends with this process."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.kill()
        if self._spare is not None:
            process, ours = self._spare
            self._spare = None
            process.kill()
            ours.close()
        # Whoever no longer waits for one of these has it discarded, which takes a loop.
        if self._launching:
            await asyncio.wait(self._launching, timeout=_CLOSING)
        await asyncio.gather(*(worker.gone(2.0) for worker in workers))

    def _ensure_forkserver(self) -> None:
        from multiprocessing import forkserver

        with _START_LOCK:
            forkserver.ensure_running()

    async def _launched(self) -> Launched:
        """Launch in a thread. Whoever no longer waits for the process leaves nothing behind."""
        launching = _in_thread(self._launch)
        self._launching.add(launching)
        launching.add_done_callback(self._launching.discard)
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            launching.add_done_callback(_discard)
            raise

    def _launch(self) -> Launched:
        """Start one process; blocks until it exists."""
        ours, theirs = socket.socketpair()
        try:
            with _START_LOCK:
                process = self._context.Process(target=enter, args=(theirs, self.entry), daemon=True)  # type: ignore[attr-defined]
                process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        return process, ours


async def _connected(process: BaseProcess, ours: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The streams of our end; a process that nobody waits for any more ends with it."""
    try:
        return await asyncio.open_connection(sock=ours, limit=_STREAM_LIMIT)
    except BaseException:
        process.kill()
        ours.close()
        raise


def _in_thread(launch: Callable[[], Launched]) -> asyncio.Future[Launched]:
    """What ``launch`` gives or raises. Its thread is one that nobody has to wait for, neither loop nor interpreter."""
    loop = asyncio.get_running_loop()
    launching: asyncio.Future[Launched] = loop.create_future()

    def settle(found: Launched | None, error: BaseException | None) -> None:
        if found is not None:
            launching.set_result(found)
        else:
            launching.set_exception(error or WorkerGoneError("no worker process was started"))

    def work() -> None:
        found, error = None, None
        try:
            found = launch()
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, found, error)
        except RuntimeError:  # the loop has ended meanwhile
            if found is not None:
                _end(*found)

    threading.Thread(target=work, name="launch", daemon=True).start()
    return launching


def _discard(launching: asyncio.Future[Launched]) -> None:
    """End a process that nobody waits for."""
    if not launching.cancelled() and launching.exception() is None:
        _end(*launching.result())


def _end(process: BaseProcess, ours: socket.socket) -> None:
    process.kill()
    ours.close()
