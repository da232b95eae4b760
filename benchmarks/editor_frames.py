"""Does the editor keep 60 frames a second with 200 layers? Pans, zooms and drags a card in headless Chromium.

``python benchmarks/editor_frames.py`` starts a server of its own, pastes a network of 200 layers with shortcuts into an
empty canvas and counts frames; the measure is the share of the rate of the same page while nothing moves, the best of
three rounds, since other work on the machine takes frames from both.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from figures import row, written

NODES, SECONDS, ROUNDS = 200, 2, 3
#: Headless Chromium draws at 60 Hz; what keeps this share of the rate while nothing moves holds 60 fps.
BAR = 0.97
STILL = "all 200 in sight, still"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
MORE = ("--disable-component-update", "--disable-sync")
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
}"""
COUNT = """(seconds) => new Promise((done) => {
  let frames = 0;
  const begin = performance.now();
  const next = (now) => {
    frames += 1;
    if (now - begin < 1000 * seconds) requestAnimationFrame(next);
    else done((1000 * frames) / (now - begin));
  };
  requestAnimationFrame(next);
})"""


def network(nodes: int) -> dict[str, Any]:
    """Convolutions with a shortcut around every third one."""
    conv = {"out_channels": 8, "kernel_size": 3, "padding": 1}
    layers: list[dict[str, Any]] = [{"id": "image", "kind": "input", "config": {"field": "image"}}]
    edges = []
    before = "image"
    while len(layers) < nodes:
        number = len(layers)
        join = number % 4 == 0
        layer = {"id": f"n{number}", "kind": "add" if join else "conv2d", "config": {} if join else conv}
        layers.append(layer)
        edges.append({"source": before, "target": layer["id"]})
        if join:
            edges.append({"source": f"n{number - 3}", "target": layer["id"]})
        before = layer["id"]
    return {"torchglass": "layers", "version": 1, "nodes": layers, "edges": edges}


def rate(page: Page, act: Any = None) -> float:
    """Frames a second while ``act`` keeps the page busy."""
    page.evaluate(
        f"(seconds) => {{ window.counted = null; ({COUNT})(seconds).then((n) => window.counted = n) }}", SECONDS
    )
    while page.evaluate("() => window.counted") is None:
        if act:
            act()
        else:
            page.wait_for_timeout(50)
    return float(page.evaluate("() => window.counted"))


@contextmanager
def opened() -> Iterator[Page]:
    """A page of a server of its own, as it opens; both are ended afterwards."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", "0", "--data-dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *MORE])
        try:
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found, "serve printed no address"
            page = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True).new_page()
            page.goto(found.group())
            page.wait_for_function("() => document.querySelectorAll('[data-card]').length > 3", timeout=60_000)
            yield page
        finally:
            browser.close()
            server.terminate()
            server.wait(20)


def composed(page: Page, nodes: int) -> None:
    """An empty canvas, then a network of that many layers pasted into it, all in sight."""
    page.evaluate("() => document.activeElement?.blur()")
    page.keyboard.press("n")
    page.get_by_role("heading", name="A network from nothing").wait_for()
    page.evaluate(PASTE, json.dumps(network(nodes)))
    there = "(nodes) => document.querySelectorAll('.canvas.ready [data-card]').length >= nodes"
    page.wait_for_function(there, arg=nodes, timeout=60_000)
    page.keyboard.press("Escape")  # what was pasted is selected, and would be dragged as a whole


def busy(page: Page, act: Any = None) -> tuple[float, float]:
    """Frames a second, and the milliseconds that the page's own thread worked for each, while ``act`` keeps it busy."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = worked(session)
    frames = rate(page, act)
    spent = worked(session) - before
    session.detach()
    return frames, 1000 * spent / (frames * SECONDS)


def worked(session: CDPSession) -> float:
    """Seconds that the page's thread has spent in its tasks."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def measure(page: Page) -> dict[str, tuple[float, float]]:
    """What is asked for by what is done: (frames a second, milliseconds of work for each)."""
    found = {STILL: busy(page)}
    page.mouse.move(700, 400)
    found["panning"] = busy(page, lambda: page.mouse.wheel(9, 4))
    page.keyboard.down("Control")
    found["zooming"] = busy(page, lambda: page.mouse.wheel(0, -3))
    page.keyboard.up("Control")
    box = page.locator("[data-card]").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 8, box["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    place = iter(range(10_000))
    found["dragging a card"] = busy(page, lambda: page.mouse.move(x + next(place) % 200, y + 20))
    page.mouse.up()
    return found


def main() -> int:
    with opened() as page:
        composed(page, NODES)
        page.wait_for_timeout(2000)
        rounds = [measure(page) for _ in range(ROUNDS)]
    rows = []
    for name in rounds[0]:
        share, frames, work = max((one[name][0] / one[STILL][0], *one[name]) for one in rounds)
        what = f"editor with {NODES} layers, {name}"
        rows.append(row(f"{what}: frames", frames, "/s"))
        rows.append(row(f"{what}: work for a frame", work, "ms"))
        if name != STILL:
            rows.append(row(f"{what}: frames / standing still (best)", share, "×", bar=f">= {BAR}"))
    return written("editor_frames", rows)


if __name__ == "__main__":
    sys.exit(main())
