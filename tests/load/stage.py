"""A server in a process of its own for a crowd to look at, and what both of them cost. Standard library only, so that
the benchmarks can use it where no test packages are."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOKEN = "a-token-of-the-tests-0123456789"


async def _lags(found: list[float]) -> None:
    """Notes by how much a sleep of 10 ms was too long: what anything else on the loop would have waited."""
    loop = asyncio.get_running_loop()
    while True:
        start = loop.time()
        await asyncio.sleep(0.01)
        found.append(loop.time() - start - 0.01)


def serve(data_dir: Path, read_within: float, max_workers: int) -> None:
    """The program of the server process: prints its address, then answers each line of standard input with the
    lags of its event loop since the last; serves until the input ends."""
    import uvicorn

    from torchglass.api.app import create_app
    from torchglass.api.settings import Settings, local_hosts
    from torchglass.api.wire import server_config
    from torchglass.cli_serve import bind
    from torchglass.engine.local import PRELOAD, LocalEngine
    from torchglass.sessions.runs import Policy
    from torchglass.store.migrate import prepare

    sock = bind("127.0.0.1", 0)
    host = f"127.0.0.1:{sock.getsockname()[1]}"
    settings = Settings(
        token=TOKEN,
        data_dir=data_dir,
        hosts=local_hosts(sock.getsockname()[1]),
        policy=Policy(max_workers=max_workers),
        read_within=read_within,
    )
    prepare(data_dir)
    engine = LocalEngine("stamped_worker:main", PRELOAD)
    server = uvicorn.Server(server_config(create_app(settings, engine), log_level="warning"))
    lags: list[float] = []

    def listen() -> None:
        for _ in sys.stdin:
            told, lags[:] = sorted(lags), []
            print(json.dumps(told), flush=True)
        server.should_exit = True

    async def both() -> None:
        watching = asyncio.create_task(_lags(lags))
        await server.serve(sockets=[sock])
        watching.cancel()

    threading.Thread(target=listen, daemon=True).start()
    print(host, flush=True)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(both())


class Program:
    """A process that answers JSON lines."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in, self._out = self.process.stdin, self.process.stdout

    def line(self) -> str:
        return self._out.readline().strip()

    def tell(self, **command: Any) -> None:
        self._in.write(json.dumps(command) + "\n")
        self._in.flush()

    def ask(self, **question: Any) -> Any:
        self.tell(**question)
        return json.loads(self.line())

    def end(self) -> None:
        self._in.close()
        self.process.wait(20)
        self._out.close()


def cpu(pid: int) -> float:
    """Processor seconds of a process so far, those of its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """What passed during some seconds: training steps per second of the clock and per second of the worker's
    processor time, the worker's and the server's share of a processor."""

    steps: float
    steps_per_cpu: float
    worker: float
    server: float


class Stage:
    """A running server, and a crowd process in front of it."""

    def __init__(self, host: str, server: Program, crowd: Program) -> None:
        self.host, self._server, self._crowd = host, server, crowd

    def crowd(self, do: str, **options: Any) -> dict[str, Any]:
        """One command to the crowd."""
        answer: dict[str, Any] = self._crowd.ask(do=do, **options)
        return answer

    @contextmanager
    def crowd_looking(self, seconds: float) -> Iterator[None]:
        """The crowd looks on by itself for so long, while the block does something else."""
        self._crowd.tell(do="linger", seconds=seconds)
        yield
        self._crowd.line()

    @contextmanager
    def crowd_measuring(self, seconds: float) -> Iterator[dict[str, Any]]:
        """The same, and what it has seen is known after the block."""
        seen: dict[str, Any] = {}
        self._crowd.tell(do="measure", seconds=seconds)
        yield seen
        seen |= json.loads(self._crowd.line())

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._server.process.pid

    def lags(self) -> list[float]:
        """Lags of the server's event loop since the last call, in seconds, sorted."""
        found: list[float] = self._server.ask()
        return found

    def http(self, path: str, body: Any = None) -> Any:
        """GET, or POST of some JSON."""
        request = urllib.request.Request(
            f"http://{self.host}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.load(answer)

    def start(self, preset: str = "mnist-cnn") -> str:
        """A run that trains."""
        run: str = self.http("/api/runs", {"preset": preset, "start": True})["id"]
        while self.step(run) < 20:
            time.sleep(0.05)
        return run

    def step(self, run: str) -> int:
        step: int = self.http(f"/api/runs/{run}")["step"]
        return step

    def during(self, run: str, act: Callable[[], Any]) -> tuple[Spent, Any]:
        """What is spent while ``act`` goes on, and what it returns."""
        worker = self.http(f"/api/runs/{run}")["worker_pid"]
        before = (time.monotonic(), self.step(run), cpu(worker), cpu(self.pid))
        result = act()
        after = (time.monotonic(), self.step(run), cpu(worker), cpu(self.pid))
        seconds, steps, worked, served = (b - a for a, b in zip(before, after, strict=True))
        return Spent(steps / seconds, steps / worked, worked / seconds, served / seconds), result


@contextmanager
def stage(folder: Path, read_within: float = 12.0, max_workers: int = 4) -> Iterator[Stage]:
    """Serve until the block ends."""
    server = Program(str(HERE / "stage.py"), str(folder), str(read_within), str(max_workers))
    host = server.line()
    crowd = Program(str(HERE / "crowd.py"), host, TOKEN)
    held = Stage(host, server, crowd)
    try:
        while True:
            try:
                held.http("/api/health")
                break
            except OSError:
                time.sleep(0.05)
        yield held
    finally:
        crowd.end()
        server.end()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
