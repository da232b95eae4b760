"""A real server and a real Chromium."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: Milliseconds in which what a page is expected to show must come: the machine may be busy with the other tests.
expect.set_options(timeout=30_000)


class Server:
    """``torchglass serve`` on a free port; can be killed and started again on the same one."""

    def __init__(self, folder: Path, port: int = 0, *options: str, **env: str) -> None:
        self.folder, self.port, self.options, self.env = folder, port, options, {**os.environ, **env}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(self.folder), *self.options], stdout=subprocess.PIPE, text=True, env=self.env
        )
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, "serve printed no address"
        self.url = found.group()
        self.port = self.port or urlsplit(self.url).port or 80

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("data"))
    yield server
    if server.process.poll() is None:
        server.stop()


# Of this package: its event loop must be gone before an asynchronous test elsewhere starts one.
@pytest.fixture(scope="package")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    """The page as a person opens it from the printed address; anything thrown in it fails the test."""
    page = context.new_page()
    page.on("pageerror", _raise)
    page.goto(server.url)
    return page


def _raise(error: object) -> None:
    raise AssertionError(f"the page threw: {error}")
