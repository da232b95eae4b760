"""``make shots``: pictures of the page in every state, three sizes, two themes, from a real server in real Chromium.

Writes shots/<state>-<width>x<height>-<theme>.png (git-ignored) and lists what the browser's console complained about.
States: ready (nothing trained yet), training, paused, layer (looking inside one), plane (the playground, a point's path
lit), emoji (colour pictures, read well), failed (a run that diverged), disconnected (the server is gone).

    .venv/bin/python tools/take_shots.py [STATE ...]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

import ensure_chromium
from house import ROOT, SCRIPTS, ToolError, fail, say

SHOTS = ROOT / "shots"
SIZES = ((1440, 900), (1024, 640), (390, 844))
THEMES = ("light", "dark")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Server:
    """A running ``torchglass serve`` and the address that it printed, token included."""

    process: subprocess.Popen[str]
    address: str
    #: Where the page was once it had opened: the first run.
    first_run: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


@contextmanager
def serving(data_dir: Path, port: int) -> Iterator[Server]:
    """Start a server with its own data directory; kill it at the end."""
    command = [str(SCRIPTS / "torchglass"), "serve", "--no-browser", "--port", str(port), "--data-dir", str(data_dir)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if not found:
            raise ToolError("torchglass serve printed no address")
        yield Server(process, found.group())
    finally:
        process.kill()
        process.wait()


def ready(page: Page, server: Server) -> None:
    """The page as it opens."""
    page.wait_for_timeout(2500)
    server.first_run = page.url


def training(page: Page, server: Server) -> None:
    """A few seconds after ▶."""
    page.keyboard.press("Space")
    page.wait_for_timeout(8000)


def paused(page: Page, server: Server) -> None:
    """Trained for a while, then held."""
    page.keyboard.press("Space")
    page.wait_for_timeout(1500)


def layer(page: Page, server: Server) -> None:
    """Looking inside the first convolution."""
    page.locator("[data-testid='node-conv1'], [data-id='conv1']").first.click()
    page.wait_for_timeout(1500)


def preset_until(page: Page, server: Server, preset: str, step: int) -> None:
    """Train that preset beyond a step, then hold it."""
    script = """async preset => {
      const answer = await fetch('/api/runs', {method: 'POST', headers: {'content-type': 'application/json'},
                                               body: JSON.stringify({preset, start: true})});
      return (await answer.json()).id;
    }"""
    page.goto(f"{server.origin}/runs/{page.evaluate(script, preset)}")
    for _ in range(1200):  # ten minutes, on a machine that is busy
        page.wait_for_timeout(500)
        if int(re.sub(r"\D", "", page.get_by_test_id("step").inner_text()) or 0) > step:
            break
    else:
        raise ToolError(f"{preset} did not come to step {step} in time")
    page.keyboard.press("Space")


def plane(page: Page, server: Server) -> None:
    """The spiral, trained until its border winds around the middle, with the path of one point lit."""
    preset_until(page, server, "spiral-mlp", 8000)
    page.get_by_role("button", name="Light the path of").click()
    page.wait_for_timeout(1500)


def emoji(page: Page, server: Server) -> None:
    """A convolutional network on colour pictures, looking at a bird that it reads right."""
    preset_until(page, server, "emoji-cnn", 1200)
    page.get_by_role("group", name="Test images with what the network says").get_by_role("button").nth(5).click()
    page.wait_for_timeout(2500)


def failed(page: Page, server: Server) -> None:
    """A run whose learning rate is far too large: it diverges, pauses and says so."""
    script = """async () => {
      const preset = await (await fetch('/api/presets/mnist-cnn')).json();
      const experiment = preset.experiment ?? preset;
      experiment.training.optimizers = {model: {kind: 'sgd', config: {lr: 100}}};
      const answer = await fetch('/api/runs', {method: 'POST', headers: {'content-type': 'application/json'},
                                               body: JSON.stringify({experiment, start: true})});
      return [answer.status, await answer.json()];
    }"""
    status, answer = page.evaluate(script)
    if status != 201:
        raise ToolError(f"The run that is to diverge was not taken: {status} {json.dumps(answer)[:500]}")
    page.goto(f"{server.origin}/runs/{answer['id']}")
    page.wait_for_timeout(5000)


def disconnected(page: Page, server: Server) -> None:
    """The server is gone while the page is open."""
    page.goto(server.first_run)
    page.wait_for_timeout(2500)
    server.process.kill()
    server.process.wait()
    page.wait_for_timeout(3000)


#: In this order, in one browser page: each state starts from the one before, those APART from nothing.
STATES: dict[str, Callable[[Page, Server], None]] = {
    "ready": ready,
    "training": training,
    "paused": paused,
    "layer": layer,
    "plane": plane,
    "emoji": emoji,
    "failed": failed,
    "disconnected": disconnected,
}
APART = ("plane", "emoji", "failed")


def switch_theme(page: Page, theme: str) -> None:
    """Through the page's own button, so that pictures drawn with theme colours are drawn again."""
    button = page.get_by_role("button", name=f"{theme} theme")
    if button.count():
        button.first.click()
    page.mouse.move(1, 1)


def take(page: Page, state: str) -> list[Path]:
    """Pictures of what is on the page now, in every size and theme."""
    taken = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            switch_theme(page, theme)
            page.wait_for_timeout(400)
            path = SHOTS / f"{state}-{width}x{height}-{theme}.png"
            page.screenshot(path=path)
            taken.append(path)
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    return taken


def drive(browser: Browser, server: Server, wanted: list[str]) -> list[str]:
    """Go through the states in order and take the wanted ones; gives what the console complained about."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": SIZES[0][0], "height": SIZES[0][1]})
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.address)
    last = max(list(STATES).index(name) for name in wanted)
    for name, reach in list(STATES.items())[: last + 1]:
        if name in APART and name not in wanted:
            continue
        before = len(complaints)
        reach(page, server)
        if name in wanted:
            say(f"{name}: {len(take(page, name))} pictures")
        if name == "disconnected":
            del complaints[before:]  # a lost connection may well be an error on the console
    page.close()
    return complaints


def main() -> None:
    """Take the pictures; status 1 when a state cannot be reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("states", nargs="*", metavar="STATE", help=f"any of: {', '.join(STATES)}")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    options = parser.parse_args()
    if unknown := set(options.states) - set(STATES):
        parser.error(f"no such state: {', '.join(sorted(unknown))}")
    begin = time.monotonic()
    if not options.states:
        shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(exist_ok=True)
    try:
        chromium = ensure_chromium.ensure()
        with tempfile.TemporaryDirectory(prefix="torchglass-shots-") as folder, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            with serving(Path(folder), options.port) as server:
                complaints = drive(browser, server, options.states or list(STATES))
            browser.close()
    except ToolError as error:
        fail(str(error))
    for complaint in complaints:
        say(f"console: {complaint}")
    say(f"Pictures are in {SHOTS} ({time.monotonic() - begin:.0f} s)")


if __name__ == "__main__":
    main()
