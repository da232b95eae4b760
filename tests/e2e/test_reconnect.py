"""A page whose network, server or own clock stops: it says so, comes back by itself, and misses nothing."""

from __future__ import annotations

import csv
import io
import itertools
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_mnist import PATIENCE, api, step, until_step

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))

from proxy import ThreadedProxy, threaded_proxy

pytestmark = pytest.mark.timeout(240)
#: Seconds: within which a page says that something is wrong, is back once the network is, and is there when opened.
SAYS_WITHIN, BACK_WITHIN, OPEN_WITHIN = 6.0, 3.0, 1.0
FULL = os.environ.get("TORCHGLASS_TEST_TIER") == "full"
#: A closed lid, in seconds.
ASLEEP = 60.0 if FULL else 8.0
LOST = ".banners .warn"
#: Asks until there is an answer: the browser may hold connections that a test has stranded.
ASK = """async (path) => {
  for (;;) {
    try { return await (await fetch(path, {signal: AbortSignal.timeout(2000)})).json(); } catch { /* again */ }
  }
}"""


@pytest.fixture(scope="module")
def proxy() -> Iterator[ThreadedProxy]:
    with threaded_proxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, proxy: ThreadedProxy) -> Iterator[Server]:
    """A server that is reached through the proxy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        proxy.proxy.target = free.getsockname()[1]
    published = f"127.0.0.1:{proxy.port}"
    server = Server(tmp_path_factory.mktemp("data"), proxy.proxy.target, "--published-on", published)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def training(context: BrowserContext, server: Server, proxy: ThreadedProxy) -> Page:
    """A page on a run of its own that trains at a speed whose curve is kept point by point."""
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_url("**/runs/*")
    run = api(page, "/api/runs", "POST", {"preset": "circle-mlp"})["id"]
    page.goto(f"http://127.0.0.1:{proxy.port}/runs/{run}")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    slowly(page)
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 30")
    return page


def slowly(page: Page) -> None:
    """About 60 steps a second, so that every step is a point of the curve."""
    limit = page.get_by_role("slider", name="speed limit").first
    for place in ("60", "55"):  # whatever it shows: one of the two is a change, and is sent
        limit.fill(place)


def back(page: Page, since: float, within: float = BACK_WITHIN) -> None:
    """The page is live again ``within`` seconds after ``since``. On a machine that is busy with other tests it may take
    as many times longer as a page does that is opened beside it."""
    live(page, step(page))
    took = time.monotonic() - since
    if took <= within:
        return
    browser = page.context.browser
    assert browser is not None
    # In a context of its own: this one may still hold connections that were stranded.
    context = browser.new_context(bypass_csp=True, storage_state=page.context.storage_state())
    beside, opened = context.new_page(), time.monotonic()
    beside.goto(page.url)
    live(beside, -1)
    slowness = max(1.0, (time.monotonic() - opened) / OPEN_WITHIN)
    context.close()
    assert took <= within * slowness, f"{took:.1f} s, where {within:g} s times {slowness:.1f} were allowed"


def live(page: Page, shown: int) -> None:
    """Wait until there is no banner, the controls are at work and another step is shown."""
    page.wait_for_function(
        """([lost, shown]) => !document.querySelector(lost) &&
          [...document.querySelectorAll('.play button')].every((button) => !button.disabled) &&
          +document.querySelector('[data-testid=step]').textContent.replace(/\\D/g, '') !== shown""",
        arg=[LOST, shown],
        timeout=PATIENCE,
        polling=50,
    )


def says(page: Page, words: str) -> None:
    expect(page.locator(LOST)).to_contain_text(words, timeout=1000 * SAYS_WITHIN)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_disabled()


def pause(page: Page) -> None:
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)


def run_of(page: Page) -> str:
    return page.url.rsplit("/", 1)[1]


def own_curves(page: Page) -> dict[str, list[tuple[int, float]]]:
    """As the page would save them."""
    page.keyboard.press("Control+k")
    page.keyboard.type("save the curves")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    names = [name for name in rows[0] if name != "step"]
    return {name: [(int(row["step"]), float(row[name])) for row in rows if row[name]] for name in names}


def same_curve(page: Page) -> None:
    """The page's own curves are those of the server, point by point, without a hole: where the machine is busy one
    point may stand for some steps, never for the seconds of a fault."""
    end = time.monotonic() + PATIENCE / 1000
    while True:
        mine, series = own_curves(page), page.evaluate(ASK, f"/api/runs/{run_of(page)}/metrics?points=10000")["series"]
        theirs = {name: list(zip(curve["steps"], curve["values"], strict=True)) for name, curve in series.items()}
        # What a run that pauses is tested for may be on its way to the page while the server has it.
        if mine == theirs or time.monotonic() > end:
            break
        page.wait_for_timeout(50)
    assert mine == theirs
    steps = [0, *series["train.loss"]["steps"]]
    gaps = [(before, after) for before, after in itertools.pairwise(steps) if after - before > 25]
    assert not gaps, (gaps, len(steps), steps[-5:])


def pictures_move(page: Page) -> None:
    """Every picture of the network pane is drawn, and the plane changes while it trains."""
    read = """() => [...document.querySelectorAll('#pane-output canvas')].map((canvas) => canvas.toDataURL()).join()"""
    before = page.evaluate(read)
    page.wait_for_function(f"(before) => ({read})() !== before", arg=before, timeout=PATIENCE)


def test_a_network_that_drops_every_frame_for_ten_seconds(training: Page, proxy: ThreadedProxy) -> None:
    proxy.do("hold")
    says(training, "Nothing is heard from the server")
    training.wait_for_timeout(10_000 - 1000 * SAYS_WITHIN)
    proxy.do("release")
    back(training, time.monotonic())
    pictures_move(training)
    pause(training)
    same_curve(training)


def test_a_connection_that_dies_without_a_word(training: Page, proxy: ThreadedProxy) -> None:
    """Half-open: the network is there for new connections all the time."""
    gone = time.monotonic()
    proxy.do("strand")
    training.wait_for_timeout(500)  # what was on its way arrives
    back(training, gone, SAYS_WITHIN + BACK_WITHIN)
    pictures_move(training)
    pause(training)
    same_curve(training)


def test_a_network_that_is_cut_and_refuses_for_a_while(training: Page, proxy: ThreadedProxy) -> None:
    proxy.stop()
    says(training, "The connection to the server is lost")
    training.wait_for_timeout(4000)
    proxy.start()
    back(training, time.monotonic())
    pause(training)
    same_curve(training)


def test_a_closed_lid(training: Page, chromium: Browser, proxy: ThreadedProxy) -> None:
    """Every process of the browser sleeps and its connections die meanwhile; awake, the page is live at once."""
    devtools = chromium.new_browser_cdp_session()
    sleepers = [one["id"] for one in devtools.send("SystemInfo.getProcessInfo")["processInfo"]]
    devtools.detach()
    for pid in sleepers:
        os.kill(pid, signal.SIGSTOP)
    proxy.do("strand")
    time.sleep(ASLEEP)  # what is asleep has no event
    for pid in reversed(sleepers):
        os.kill(pid, signal.SIGCONT)
    back(training, time.monotonic())
    pictures_move(training)
    pause(training)
    same_curve(training)


@pytest.mark.parametrize(
    ("how", "words"), [(signal.SIGKILL, "The connection to the server is lost"), (signal.SIGTERM, "stopping")]
)
def test_a_server_that_starts_again(training: Page, server: Server, how: int, words: str) -> None:
    """The same page, the same run; it goes on from its last checkpoint."""
    address = training.url
    while not api(training, f"/api/runs/{address.rsplit('/', 1)[1]}/checkpoints"):
        training.wait_for_timeout(100)
    reached = step(training)
    server.stop(how)
    says(training, words)
    server.start()
    expect(training.get_by_text("the run is back")).to_be_visible(timeout=PATIENCE)
    expect(training.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    assert training.url == address
    kept = step(training)
    assert kept > 0
    if how is signal.SIGTERM:
        assert kept >= reached
    same_curve(training)
    training.get_by_role("button", name="Run", exact=True).click()
    until_step(training, f"> {kept + 20}")
    pictures_move(training)
    pause(training)
    same_curve(training)
