"""A worker's real session in this process: a thread of its own, and a link of which the other end is the test."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from torchglass.protocol import worker as wire
from torchglass.protocol.base import Message
from torchglass.training.trainer import Trainer
from torchglass.worker.session import Session

PATIENCE = 30.0


class KilledError(BaseException):
    """The process is gone, in the middle of whatever it did."""


class DeskLink:
    """Both directions, in order; after ``kill`` nothing comes and nothing goes."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, Any], bytes]] = []
        self._mailbox: deque[tuple[wire.ToWorker, bytes]] = deque()
        self._news = threading.Condition()
        self._killed = False
        self.idle = 0.0

    def send(self, header: Message | dict[str, Any], body: bytes = b"") -> None:
        raw = header.model_dump(mode="json") if isinstance(header, Message) else header
        with self._news:
            if self._killed:
                return
            self.heard.append((raw, bytes(body)))
            self._news.notify_all()

    @contextmanager
    def together(self) -> Iterator[None]:
        yield

    def take(self, timeout: float = 0.0) -> list[tuple[wire.ToWorker, bytes]]:
        with self._news:
            if not self._mailbox and not self._killed:
                self._news.wait(timeout)
            if self._killed:
                raise KilledError
            taken = list(self._mailbox)
            self._mailbox.clear()
        return taken

    def put(self, message: wire.ToWorker) -> None:
        with self._news:
            self._mailbox.append((message, b""))
            self._news.notify_all()

    def kill(self) -> None:
        with self._news:
            self._killed = True
            self._news.notify_all()

    def until(self, wanted: Callable[[], Any]) -> Any:
        with self._news:
            assert self._news.wait_for(lambda: wanted() or self._killed, PATIENCE), "nothing came of it"
            return wanted()


class SessionDesk:
    """One session. ``of`` is what it has said; commands that are answered return the answer."""

    def __init__(self, experiment: dict[str, Any], folder: Path | None = None, **more: Any) -> None:
        self.link = DeskLink()
        directory = str(folder) if folder is not None else None
        start = wire.Start(run="r1", experiment=experiment, directory=directory).model_copy(update=more)
        with patch("torchglass.worker.session.beat", lambda session: None):  # nobody listens to it here
            self.session = Session(self.link, start)  # type: ignore[arg-type]  # the same methods
        self._asked = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.session.run([])
        except KilledError:
            return

    @property
    def trainer(self) -> Trainer:
        assert self.session.trainer is not None
        return self.session.trainer

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [header for header, _ in list(self.link.heard) if header["type"] == kind]

    def tell(self, *messages: wire.ToWorker) -> None:
        for message in messages:
            self.link.put(message)

    def train(self, steps: int) -> None:
        """So many steps, then paused."""
        before = len(self.of("state"))
        self.tell(wire.Advance(n=steps, unit="step"))
        self.link.until(lambda: any(header["state"] == "paused" for header in self.of("state")[before:]))

    def obeyed(self) -> None:
        """Every command so far was carried out: a question after them is answered."""
        self.ask(lambda ask: wire.Fork(ask=ask, step=-1, directory=""))

    def save(self) -> None:
        """Everything so far is on the disk."""
        self.tell(wire.Save())
        self.obeyed()

    def ask(self, make: Callable[[int], wire.ToWorker]) -> dict[str, Any]:
        """A question with a number, and its answer."""
        self._asked += 1
        number = self._asked
        self.tell(make(number))
        answer: dict[str, Any] = self.link.until(
            lambda: next((h for h, _ in list(self.link.heard) if h.get("ask") == number), None)
        )
        return answer

    def kept(self, *, branches: dict[str, int] | None = None) -> list[int]:
        """The kept steps, once these branches were said to be set aside."""
        return list(
            self.link.until(lambda: [k for k in self.of("kept") if k["branches"] == (branches or {})])[-1]["steps"]
        )

    def kill(self) -> None:
        """As kill -9 does: nothing is written any more."""
        self.link.kill()
        self._thread.join(PATIENCE)
        self.session.saver.settle()
        self.session.stepping.close()
