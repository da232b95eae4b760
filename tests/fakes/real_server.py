"""``torchglass serve`` as a process of its own, for tests that kill it, start it again or measure it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx


class RealServer:
    """On a free port at first; ``start`` again takes the same one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self.port = folder, port
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(self.folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, "serve printed no address"
        self.url = found.group()
        self.port = urlsplit(self.url).port or 80

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return self.url.partition("token=")[2]

    @property
    def memory(self) -> float:
        """Resident megabytes of the server process alone."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def client(self) -> httpx.Client:
        """Speaks to it with its token."""
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.origin, headers=headers, timeout=60)


def reaches(client: httpx.Client, run: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The run as soon as it fulfils a condition; a minute at most."""
    deadline = time.monotonic() + 60
    while True:
        told: dict[str, Any] = client.get(f"/api/runs/{run}").json()
        if condition(told):
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
