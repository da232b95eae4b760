"""``torchglass serve``: binds, prints the address, serves until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import socket
import sys
import threading
import webbrowser
from pathlib import Path

import uvicorn

from torchglass.api.app import create_app
from torchglass.api.settings import Settings, local_hosts
from torchglass.api.wire import server_config
from torchglass.auth.token import load_or_draw
from torchglass.cli import DEFAULT_PORT, Failure
from torchglass.store.errors import StoreError
from torchglass.store.lock import hold
from torchglass.store.migrate import prepare

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TRIES = 20
#: Unacknowledged bytes of a vanished client are given up after this many milliseconds.
_USER_TIMEOUT = 15_000


def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises Failure with one line for what a person can mend."""
    data_dir = prepare_data_dir(options.data_dir or Path.home() / ".torchglass")
    try:
        with hold(data_dir):
            prepare(data_dir)
            _serve_from(data_dir, options)
    except StoreError as error:
        raise Failure(str(error)) from None


def _serve_from(data_dir: Path, options: argparse.Namespace) -> None:
    _check_bind(options.host, options.published_on)
    sock = bind(options.host, options.port)
    port = int(sock.getsockname()[1])
    hosts = (options.published_on.lower(),) if options.published_on else local_hosts(port)
    settings = Settings(
        token=_token(data_dir),
        data_dir=data_dir,
        hosts=hosts,
        device=None if options.device in (None, "auto") else options.device,
        dev_assets=options.dev_assets,
    )
    shown = hosts[0] if options.published_on or options.host != "localhost" else f"localhost:{port}"
    if options.host == "::1":
        shown = f"[::1]:{port}"
    url = f"http://{shown}/?token={settings.token}"
    config = server_config(
        create_app(settings), timeout_graceful_shutdown=5, timeout_keep_alive=65, log_level="warning"
    )
    # uvicorn's choice: uvloop where there is one. `asyncio.run` would take the standard loop.
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(config, sock, url, browser=not options.no_browser))


async def _serve(config: uvicorn.Config, sock: socket.socket, url: str, *, browser: bool) -> None:
    server = Announcing(config, url, browser=browser)
    await server.serve(sockets=[sock])


class Announcing(uvicorn.Server):
    """Prints the address once the server is ready to answer."""

    def __init__(self, config: uvicorn.Config, url: str, *, browser: bool) -> None:
        super().__init__(config)
        self._url = url
        self._browser = browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._url, flush=True)
            if self._browser:
                threading.Thread(target=_open, args=(self._url,), daemon=True).start()


def _open(url: str) -> None:
    """A machine without a browser is no reason to stop."""
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(url)


def prepare_data_dir(folder: Path) -> Path:
    """The folder, made if need be. Raises Failure where it cannot be written."""
    folder = folder.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Failure(f"cannot write to {folder} ({reason}); choose another folder with --data-dir") from None
    return folder


def _token(data_dir: Path) -> str:
    try:
        return load_or_draw(data_dir)
    except OSError as error:
        raise Failure(f"cannot keep the access token in {data_dir} ({error.strerror})") from None


def _check_bind(host: str, published_on: str | None) -> None:
    if published_on is not None:
        name, _, port = published_on.rpartition(":")
        if not name or not port.isdigit() or not 0 < int(port) <= 65535:
            raise Failure(f"--published-on takes HOST:PORT, such as 127.0.0.1:8000, not {published_on!r}")
    elif host not in _LOOPBACK:
        raise Failure(
            f"will not listen on {host}: anybody on the network could reach it. Use --host 127.0.0.1; inside a "
            "container, say with --published-on HOST:PORT where the port is published"
        )


def bind(host: str, port: int | None) -> socket.socket:
    """A listening socket. Without a port: the default one, or the next that is free. Raises Failure."""
    if port is not None:
        return _bind(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + _TRIES):
        try:
            sock = _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Failure(f"cannot listen on {host}:{candidate} ({error.strerror})") from None
            continue
        if candidate != DEFAULT_PORT:
            print(f"torchglass: port {DEFAULT_PORT} is taken, using {candidate}", file=sys.stderr)
        return sock
    raise Failure(f"the ports {DEFAULT_PORT} to {DEFAULT_PORT + _TRIES - 1} are all taken; choose one with --port")


def _bind(host: str, port: int) -> socket.socket:
    try:
        return _listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(f"port {port} is already taken; choose another with --port, or leave it out") from None
        raise Failure(f"cannot listen on {host}:{port} ({error.strerror or error})") from None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP outright: only then does asyncio switch Nagle's algorithm off, which delays answers by 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT)
        sock.bind((host, port))
        sock.listen(512)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
