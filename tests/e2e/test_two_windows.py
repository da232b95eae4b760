"""Two windows on the same run: both live, one document, and what both changed is decided by a person."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_mnist import PATIENCE, step, until_step

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))

from proxy import ThreadedProxy, threaded_proxy

pytestmark = pytest.mark.timeout(240)
LOST = ".banners .warn"
HERE, THERE = "window-here", "window-there"
#: A tick on the curve for every step that is kept.
KEPT = ".time > i"


@pytest.fixture(scope="module")
def proxy() -> Iterator[ThreadedProxy]:
    with threaded_proxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, proxy: ThreadedProxy) -> Iterator[Server]:
    """A server that both windows reach through the proxy, which tells them apart by what they call themselves."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        proxy.proxy.target = free.getsockname()[1]
    published = f"127.0.0.1:{proxy.port}"
    server = Server(tmp_path_factory.mktemp("data"), proxy.proxy.target, "--published-on", published)
    yield server
    server.stop()


def ask(server: Server, method: str, path: str, body: object = None) -> Any:
    """What a program without a page asks of the server."""
    address, token = server.url.split("/?token=")
    answer = httpx.request(method, address + path, json=body, headers={"authorization": f"Bearer {token}"}, timeout=60)
    answer.raise_for_status()
    return answer.json() if answer.content else None


@pytest.fixture
def run(server: Server) -> Iterator[str]:
    """A run of its own, paused; it is deleted at the end with all that was made beside it."""
    yield ask(server, "POST", "/api/runs", {"preset": "circle-mlp"})["id"]
    for made in ask(server, "GET", "/api/runs"):
        # The server may not have heard yet that the windows are closed.
        ask(server, "DELETE", f"/api/runs/{made['id']}?force=true")


Opening = Callable[[str], Page]


@pytest.fixture
def window(chromium: Browser, server: Server, run: str) -> Iterator[Opening]:
    """Opens the run in a browser of that name."""
    contexts = []

    def open_as(name: str) -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True, user_agent=name)
        contexts.append(context)
        page = context.new_page()
        page.goto(server.url.replace("/?", f"/runs/{run}?"))
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
        return page

    yield open_as
    for context in contexts:
        context.close()


@pytest.fixture
def here(window: Opening, proxy: ThreadedProxy) -> Iterator[Page]:
    """The window whose network the test holds up."""
    yield window(HERE)
    proxy.do("release")


@pytest.fixture
def there(here: Page, window: Opening) -> Page:
    return window(THERE)


def rate(page: Page) -> Locator:
    return page.get_by_role("slider", name="Learning rate")


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Changed in two windows")


def rate_of(server: Server, run: str) -> float:
    """The learning rate that the server has."""
    return float(
        ask(server, "GET", f"/api/runs/{run}")["experiment"]["training"]["optimizers"]["model"]["config"]["lr"]
    )


def both_change_the_rate(here: Page, there: Page, proxy: ThreadedProxy) -> tuple[str, str]:
    """Up here while nothing gets through, down there; what the two sliders then show."""
    rate(here).focus()
    proxy.do("hold", HERE.encode())
    here.keyboard.press("ArrowRight")
    rate(there).press("ArrowLeft")
    shown = rate(here).input_value(), rate(there).input_value()
    until_marked(there, "learning rate")
    proxy.do("release")
    expect(question(here)).to_be_visible(timeout=PATIENCE)
    return shown


def until_marked(page: Page, words: str) -> None:
    """A change is a mark on the curve, so the server has it."""
    expect(page.get_by_test_id("mark").last).to_contain_text(words, timeout=PATIENCE)


def test_both_are_live_and_what_one_does_the_other_shows(here: Page, there: Page) -> None:
    for one, two in ((here, there), (there, here)):
        rate(one).press("ArrowRight")
        expect(rate(two)).to_have_value(rate(one).input_value(), timeout=PATIENCE)
    here.get_by_role("button", name="Run", exact=True).click()
    for page in (here, there):
        until_step(page, f"> {step(page) + 30}")
    there.get_by_role("button", name="Pause", exact=True).click()
    expect(here.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    for page in (here, there):
        expect(question(page)).to_be_hidden()


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_one_setting_changed_by_both_is_decided_by_a_person(
    here: Page, there: Page, server: Server, run: str, proxy: ThreadedProxy, choice: str
) -> None:
    """Put off, the question waits; theirs holds until it is answered."""
    before = rate_of(server, run)
    mine, theirs = both_change_the_rate(here, there, proxy)
    assert rate_of(server, run) < before
    section = question(here).get_by_role("region", name="Learning rate")
    for words in ("Mine", "Theirs", "before"):
        expect(section).to_contain_text(words)
    here.keyboard.press("Escape")
    expect(question(here)).to_be_hidden()
    expect(rate(here)).to_have_value(theirs)
    here.get_by_role("button", name="Choose", exact=True).click()
    question(here).get_by_role("button", name=choice).click()
    expect(question(here)).to_be_hidden()
    for page in (here, there):
        expect(rate(page)).to_have_value(mine if choice == "Keep mine" else theirs, timeout=PATIENCE)
    assert (rate_of(server, run) > before) is (choice == "Keep mine")
    expect(question(there)).to_be_hidden()
    expect(here.locator(LOST)).to_have_count(0)


def test_both_are_kept_in_two_runs(here: Page, there: Page, server: Server, run: str, proxy: ThreadedProxy) -> None:
    here.keyboard.press("ArrowRight")
    until_step(here, "=== 1")
    here.wait_for_function(f"() => document.querySelectorAll('{KEPT}').length > 1", timeout=PATIENCE)
    mine, theirs = both_change_the_rate(here, there, proxy)
    question(here).get_by_role("button", name="Keep both").click()
    here.wait_for_url(lambda address: not address.endswith(run), timeout=PATIENCE)
    expect(here).to_have_title("Circle (mine) · Torchglass", timeout=PATIENCE)
    expect(rate(here)).to_have_value(mine)
    expect(rate(there)).to_have_value(theirs)
    own = here.url.rsplit("/", 1)[1]
    assert rate_of(server, run) < rate_of(server, own)
    parent = ask(server, "GET", f"/api/runs/{own}")["parent"]
    assert (parent["run"], parent["step"]) == (run, 1)  # the newest step that is kept, not the first


def neurons(page: Page, change: str) -> Locator:
    return page.get_by_role("button", name=f"One neuron {change} in Hidden", exact=True)


def hidden(server: Server, run: str) -> dict[str, int]:
    """Units of the hidden layers that the server trains."""
    nodes = ask(server, "GET", f"/api/runs/{run}")["experiment"]["network"]["nodes"]
    return {node["id"]: node["config"]["out_features"] for node in nodes if node["id"].startswith("hidden")}


def test_changes_of_different_parts_are_put_together(
    here: Page, there: Page, server: Server, run: str, proxy: ThreadedProxy
) -> None:
    """A setting, and two layers of one network, without a question."""
    expect(neurons(here, "more")).to_be_enabled(timeout=PATIENCE)
    proxy.do("hold", HERE.encode())
    neurons(here, "more").dispatch_event("click")
    there.get_by_role("button", name="One hidden layer more").click()
    expect(there.get_by_text("2 hidden layers")).to_be_visible(timeout=PATIENCE)
    rate(there).press("ArrowLeft")
    until_marked(there, "learning rate")
    proxy.do("release")
    expect(here.get_by_text("Put together with a change from another window")).to_be_visible(timeout=PATIENCE)
    for page in (here, there):
        until_marked(page, "5")
        expect(page.get_by_text("2 hidden layers")).to_be_visible(timeout=PATIENCE)
        expect(rate(page)).to_have_value(rate(there).input_value(), timeout=PATIENCE)
        expect(question(page)).to_be_hidden()
    found = hidden(server, run)
    assert len(found) == 2
    assert found["hidden1"] == 5


@pytest.mark.parametrize(("choice", "units"), [("Keep mine", 5), ("Take theirs", 3)])
def test_one_layer_changed_by_both_is_decided_by_a_person(
    here: Page, there: Page, server: Server, run: str, proxy: ThreadedProxy, choice: str, units: int
) -> None:
    expect(neurons(here, "more")).to_be_enabled(timeout=PATIENCE)
    proxy.do("hold", HERE.encode())
    neurons(here, "more").dispatch_event("click")
    neurons(there, "less").click()
    until_marked(there, "3")
    proxy.do("release")
    expect(question(here)).to_contain_text("Units 4 → 5", timeout=PATIENCE)
    expect(question(here)).to_contain_text("Units 4 → 3")
    assert hidden(server, run) == {"hidden1": 3}
    here.keyboard.press("Escape")
    here.get_by_role("button", name="Choose", exact=True).click()
    question(here).get_by_role("button", name=choice).click()
    expect(question(here)).to_be_hidden()
    for page in (here, there):
        expect(page.get_by_role("group", name="Hidden", exact=True)).to_contain_text(str(units), timeout=PATIENCE)
    expect(here.get_by_text("Not applied yet")).to_have_count(0, timeout=PATIENCE)
    assert hidden(server, run) == {"hidden1": units}


def test_a_name_typed_while_another_window_renames_the_run(here: Page, there: Page, run: str, server: Server) -> None:
    """What was seen when typing began counts, not what stands there at its end."""
    for page, text in ((here, "Mine"), (there, "Theirs")):
        page.get_by_role("button", name="Circle: rename").click()
        page.get_by_label("Name of the experiment").fill(text)
    there.keyboard.press("Enter")
    expect(here).to_have_title("Theirs · Torchglass", timeout=PATIENCE)
    here.keyboard.press("Enter")
    expect(question(here)).to_contain_text("“Mine”", timeout=PATIENCE)
    question(here).get_by_role("button", name="Keep both").click()
    for page in (here, there):
        expect(page).to_have_title("Theirs / Mine · Torchglass", timeout=PATIENCE)
    assert ask(server, "GET", f"/api/runs/{run}")["name"] == "Theirs / Mine"


def test_a_number_typed_while_another_window_changes_it(here: Page, there: Page) -> None:
    """Who only looked into the field changes nothing; who typed is asked."""
    field = here.get_by_label("Learning rate, exact value")
    for typed in ("", "0.5"):
        field.click()
        here.keyboard.type(typed)
        rate(there).press("ArrowLeft")
        theirs = rate(there).input_value()
        expect(rate(here)).to_have_value(theirs, timeout=PATIENCE)
        field.press("Enter")
        if typed:
            question(here).get_by_role("button", name="Take theirs").click(timeout=PATIENCE)
        expect(question(here)).to_be_hidden()
        for page in (here, there):
            expect(rate(page)).to_have_value(theirs)
