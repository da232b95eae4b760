"""Pictures over the plane in a real browser while a network trains at full speed, and what they cost.

A real server trains ``spiral-mlp``; headless Chromium shows its page. Blocks alternate: the page is open (watched), or
the browser is on an empty page (unwatched); the medians count. Printed are the pictures that arrived and that were
drawn each second (the boundary, and all neurons in one), the cost of one look by the training thread's own clock, and
the steps a second of both, which share the machine with browser and server.
Usage: python benchmarks/plane_pictures.py [--seconds 24] [--preset spiral-mlp]
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from figures import row, written
from torchglass.presets import load_preset
from torchglass.protocol.worker import WatchSpec
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import INITIAL_CREDIT, WatchingService

sys.path.insert(0, str(Path(__file__).resolve().parent))
from frontend_maps import MORE, QUIET, ROOT

sys.path.insert(0, str(ROOT / "tools"))

PAIRS = 4
#: Counts binary messages by probe, and pictures by the size of what is put onto a canvas.
COUNTING = """
window.received = {}; window.drawn = {};
const count = (table, key) => { table[key] = (table[key] ?? 0) + 1; };
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', ({data}) => {
      if (!(data instanceof ArrayBuffer)) return;
      const head = new TextDecoder('latin1').decode(new Uint8Array(data, 0, Math.min(2000, data.byteLength)));
      const probe = /probe[^](neurons|plane|wiring|points|flow)/.exec(head);
      if (probe) count(window.received, probe[1]);
    });
  }
};
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (image, ...more) {
  count(window.drawn, image.width === image.height ? 'plane' : 'neurons');
  return put.call(this, image, ...more);
};
"""
FPS = """() => new Promise((resolve) => {
  const start = performance.now(); let frames = 0;
  const tick = () => { frames++; if (performance.now() - start < 1500) requestAnimationFrame(tick);
                       else resolve(1000 * frames / (performance.now() - start)); };
  requestAnimationFrame(tick);
})"""


@contextmanager
def serving(folder: str) -> Iterator[str]:
    """The address that a server of its own printed."""
    command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", "0", "--data-dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "serve printed no address"
        yield found.group()
    finally:
        process.terminate()
        process.wait()


def step_of(page: Page, run: str) -> int:
    """The step that the run stands at, asked over the API, so that nothing must be watched."""
    return int(page.request.get(run).json()["step"])


def block(page: Page, api: str, address: str | None, seconds: float) -> dict[str, Any]:
    """Steps a second, and with an address pictures a second, over one block."""
    page.goto(address or "about:blank")
    if address:
        page.wait_for_function("() => (window.received.neurons ?? 0) > 5", timeout=60_000)
        page.wait_for_timeout(1000)
    counts = "() => ({received: {...window.received}, drawn: {...window.drawn}})"
    before = page.evaluate(counts) if address else {}
    start, first = time.perf_counter(), step_of(page, api)
    page.wait_for_timeout(1000 * seconds)
    spent, last = time.perf_counter() - start, step_of(page, api)
    result: dict[str, Any] = {"steps": (last - first) / spent}
    if address:
        after = page.evaluate(counts)
        for what in ("received", "drawn"):
            for kind in ("plane", "neurons"):
                result[f"{what} {kind}"] = (after[what].get(kind, 0) - before[what].get(kind, 0)) / spent
        result["fps"] = page.evaluate(FPS)
    return result


def alone(preset: str, seconds: float = 1.5) -> tuple[float, float, float]:
    """The training thread by its own clock, as if it had a processor to itself: milliseconds of one look (boundary
    and all neurons), pictures of each kind a second, and steps watched / unwatched."""
    trainer = Trainer(load_preset(preset), device="cpu", threads=1)
    sent: list[int] = []
    service = WatchingService(trainer, lambda header, body: sent.append(len(body)), clock=time.thread_time)
    dense = [node.id for node in trainer.subject.network.nodes if node.kind not in ("input", "features")]
    asked = [("plane", {"size": 40}), ("neurons", {"nodes": dense, "size": 40, "every": 2})]
    service.set_watches(
        [
            WatchSpec(stream=i, probe=probe, source="test:0", options=options, rate=30)
            for i, (probe, options) in enumerate(asked)
        ]
    )

    def run(watched: bool) -> tuple[float, float]:
        """(steps a second, seconds of looking in one second), all in seconds of this thread."""
        start, first, looking = time.thread_time(), trainer.step, 0.0
        while (now := time.thread_time()) < start + seconds:
            trainer.run(100)
            if watched:
                now = time.thread_time()
                service.serve(True)
                service.credit(INITIAL_CREDIT)
                looking += time.thread_time() - now
        spent = time.thread_time() - start
        return (trainer.step - first) / spent, looking / spent

    run(True)
    sent.clear()
    pairs = [(run(False), run(True)) for _ in range(PAIRS)]
    rate = len(sent) / len(asked) / (PAIRS * seconds)
    share = statistics.median(watched[1] for _, watched in pairs)
    return 1000 * share / rate, rate, statistics.median(watched[0] / plain[0] for plain, watched in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=24.0, help="time for all blocks together")
    parser.add_argument("--preset", default="spiral-mlp")
    options = parser.parse_args()
    from ensure_chromium import find

    each = options.seconds / (2 * PAIRS)
    with tempfile.TemporaryDirectory() as folder, serving(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=[*QUIET, *MORE])
        page = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True).new_page()
        page.add_init_script(COUNTING)
        page.goto(address)
        page.wait_for_url(re.compile(r"/runs/r\w+$"))
        origin = address.split("/?")[0].rstrip("/")
        body = {"preset": options.preset, "start": True}
        made = page.request.post(f"{origin}/api/runs", data=body, headers={"origin": origin}).json()
        run, api = f"{origin}/runs/{made['id']}", f"{origin}/api/runs/{made['id']}"
        block(page, api, run, 3.0)
        pairs = [(block(page, api, None, each), block(page, api, run, each)) for _ in range(PAIRS)]
        browser.close()
    look, rate, kept = alone(options.preset)

    def seen(key: str) -> list[float]:
        return [watched[key] for _, watched in pairs]

    ratios = [watched["steps"] / plain["steps"] for plain, watched in pairs]
    rows = [
        row("plane: a look for boundary and all neurons", look, "ms"),
        row("plane: pictures that the training thread takes by its own clock", rate, "/s"),
        row("watched / unwatched: plane with boundary and neurons, by the thread's own clock", kept, "×"),
        row("plane: steps of a run that no page watches", [plain["steps"] for plain, _ in pairs], "/s"),
        row("plane: steps before a page in a browser on the same processors / unwatched", ratios, "×"),
        row("plane in headless Chromium: frames", seen("fps"), "/s"),
    ]
    for kind, what in (("plane", "the boundary"), ("neurons", "all neurons")):
        rows.append(row(f"pictures of {what} that a browser receives", seen(f"received {kind}"), "/s"))
        rows.append(row(f"pictures of {what} that it draws", seen(f"drawn {kind}"), "/s"))
    return written("plane_pictures", rows)


if __name__ == "__main__":
    sys.exit(main())
