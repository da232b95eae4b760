"""The desk of ``session_desk`` with the session in a real worker process, which a real kill -9 ends."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tests.fakes.session_desk import PATIENCE, DeskLink, SessionDesk

from torchglass.engine.base import Worker
from torchglass.engine.local import LocalEngine
from torchglass.protocol import worker as wire


class Engine:
    """Starts workers from a thread of its own, for tests that know nothing of event loops."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.local = LocalEngine()
        self.do(self.local.warm_up())

    def do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(PATIENCE)

    def close(self) -> None:
        self.do(self.local.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()


class ProcessDesk(SessionDesk):
    """One worker process."""

    def __init__(self, engine: Engine, experiment: dict[str, Any], folder: Path, **more: Any) -> None:
        self.link = DeskLink()
        self._asked = 0
        self._engine = engine
        self._worker: Worker = engine.do(engine.local.start())
        self._listening = asyncio.run_coroutine_threadsafe(self._listen(), engine.loop)
        self.tell(wire.Start(run="r1", experiment=experiment, directory=str(folder)).model_copy(update=more))
        self.link.until(lambda: self.of("ready"))

    async def _listen(self) -> None:
        async for header, body in self._worker.messages():
            self.link.send(header, body)

    def tell(self, *messages: wire.ToWorker) -> None:
        for message in messages:
            self._engine.loop.call_soon_threadsafe(self._worker.send, message)

    def kill(self) -> None:
        assert self._worker.pid is not None
        os.kill(self._worker.pid, signal.SIGKILL)
        self._listening.result(PATIENCE)
        self._worker.kill()
