"""Do 64 live feature maps at 30 Hz leave the page at 60 frames a second?

Builds ``frontend/bench/maps.html`` (the real decoder, store and atlas, fed with synthetic frames), opens it in
headless Chromium and compares the frame rate without and with the stream, in alternating blocks of which the median
counts, so that other programs on the machine slow both alike. Needs ``frontend/node_modules``.
Usage: python benchmarks/frontend_maps.py
"""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from figures import row, written

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
#: Headless Chromium draws at 60 Hz; a page that keeps this share of its idle rate holds 60 fps.
BAR = 0.97
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
MORE = ("--disable-component-update", "--disable-sync")


def build(folder: Path) -> None:
    """Build the page into ``folder`` with the node that the project brings; CalledProcessError if that fails."""
    sys.path.insert(0, str(ROOT / "tools"))
    from nodejs import node_binary

    vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
    command = [node_binary(), vite, "build", "--config", "bench/vite.config.ts", "--outDir", folder]
    command += ["--logLevel", "warn"]
    subprocess.run([str(part) for part in command], cwd=FRONTEND, check=True)


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which ``folder`` is served, for as long as the context lasts."""
    handler = functools.partial(Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def measure(address: str) -> dict[str, Any]:
    """What the page measured: ``idle`` and ``live`` frames a second, and their ``ratio``."""
    from ensure_chromium import find

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=[*QUIET, *MORE])
        page = browser.new_page(viewport={"width": 900, "height": 700})
        page.goto(f"{address}/maps.html")
        page.wait_for_function("() => window.result", timeout=60_000)
        result: dict[str, Any] = page.evaluate("() => window.result")
        browser.close()
    return result


def main() -> int:
    """Print the figures; status 1 below the bar."""
    with tempfile.TemporaryDirectory(prefix="torchglass-bench-") as name:
        build(Path(name))
        with served(Path(name)) as address:
            result = measure(address)
    idle, live = result["idle"], result["live"]
    return written(
        "frontend_maps",
        [
            row("64 live maps of 28x28 at 30 Hz in headless Chromium: frames", live["fps"], "/s"),
            row("the same page at rest: frames", idle["fps"], "/s"),
            row("64 live maps / at rest, frames", result["ratio"], "×", bar=f">= {BAR}", quoted=True),
            row("64 live maps: 95 % of frames within", live["p95"], "ms"),
            row("decoding and drawing one picture", live["busy"], "ms"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
