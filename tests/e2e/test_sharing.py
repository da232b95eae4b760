"""Links that hold an experiment, opened on this server and on a fresh one; what is no such link changes nothing."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from torchglass.presets import load_preset

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE, api, fresh, run_id

pytestmark = pytest.mark.timeout(120)

NAME = "<b>Ours</b> & 网络 " + "long " * 30
DOCUMENT = load_preset("xor-mlp").model_dump(mode="json") | {"name": NAME, "seed": 4711}


def fragment(document: object) -> str:
    """The end of a link as the page writes it, without the page."""
    data = base64.urlsafe_b64encode(zlib.compress(json.dumps(document).encode(), 9)).decode().rstrip("=")
    return f"#experiment=1.{len(data)}.{data}"


@pytest.fixture
def ours(page: Page, server: Server) -> Page:
    """The page with a run of that document, and a clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run_id(page)
    made = api(page, "/api/runs", "POST", {"experiment": DOCUMENT})
    page.goto(f"{server.origin}/runs/{made['id']}")
    expect(page.locator(".top .title")).to_have_text(NAME.strip(), timeout=PATIENCE)
    return page


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another server, on which nothing was ever opened."""
    server = Server(tmp_path_factory.mktemp("fresh"))
    yield server
    server.stop()


def test_a_link_reproduces_the_experiment_on_a_fresh_server(
    ours: Page, elsewhere: Server, chromium: Browser, server: Server
) -> None:
    ours.keyboard.press("s")
    window = ours.get_by_role("dialog", name="Share")
    expect(window.get_by_role("status")).to_have_text(re.compile(r"Copied\. [\d,]+ characters\."), timeout=PATIENCE)
    assert complaints(ours, "dialog") == []
    link = ours.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{server.origin}/#experiment=1.")
    assert f"{len(link):,} characters" in (window.get_by_role("status").text_content() or "")
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
        page.goto(elsewhere.url + "#" + link.partition("#")[2])
        opened = api(page, f"/api/runs/{run_id(page)}")
        assert opened["experiment"] == DOCUMENT
        assert [one["id"] for one in api(page, "/api/runs")] == [opened["id"]]
        assert not any(link.partition("#")[2][20:60] in one for one in asked)
        expect(page.locator(".top .title")).to_have_text(NAME.strip(), timeout=PATIENCE)


def test_beside_a_run_it_is_shown_first(ours: Page, server: Server) -> None:
    address = ours.url
    ours.goto(f"{server.origin}/{fragment(DOCUMENT | {'name': 'Another', 'seed': 99})}")
    window = ours.get_by_role("dialog", name="An experiment from a link")
    expect(window).to_contain_text("Another", timeout=PATIENCE)
    expect(window).to_contain_text("99")
    assert complaints(ours, "dialog") == []
    assert ours.url == address
    window.get_by_role("button", name="Not now").click()
    expect(window).not_to_be_visible()
    expect(ours.locator(".top .title")).to_have_text(NAME.strip(), timeout=PATIENCE)
    # The same by pasting the link anywhere on the page: that is asked for.
    link = f"http://127.0.0.1:1/{fragment(DOCUMENT | {'name': 'Pasted'})}"
    ours.evaluate("text => navigator.clipboard.writeText(text)", link)
    ours.keyboard.press("Control+v")
    expect(ours.locator(".top .title")).to_have_text("Pasted", timeout=PATIENCE)
    assert ours.url != address


def test_a_link_on_a_page_elsewhere_leads_on_with_its_experiment(ours: Page, server: Server) -> None:
    end = fragment(DOCUMENT | {"name": "From elsewhere"})
    ours.route(
        "http://elsewhere.example/*",
        lambda route: route.fulfill(content_type="text/html", body=f"<a href='{server.origin}/{end}'>a network</a>"),
    )
    ours.goto("http://elsewhere.example/")
    ours.get_by_role("link", name="a network").click()
    on = ours.get_by_role("button", name="Open in Torchglass")
    expect(on).to_be_visible(timeout=PATIENCE)
    assert complaints(ours, "a link from elsewhere") == []
    on.click()
    window = ours.get_by_role("dialog", name="An experiment from a link")
    expect(window).to_contain_text("From elsewhere", timeout=PATIENCE)


def test_what_holds_no_experiment_says_so_and_changes_nothing(ours: Page, server: Server) -> None:
    address, whole = ours.url, fragment(DOCUMENT)
    before = len(api(ours, "/api/runs"))
    unfinished = DOCUMENT["network"] | {"edges": DOCUMENT["network"]["edges"][1:]}
    said = ours.get_by_role("dialog", name="Open an experiment").get_by_role("alert")
    for end, words in (
        (whole[: len(whole) // 2], "cut off"),
        (whole.replace("=1.", "=2."), "newer Torchglass"),
        (fragment(DOCUMENT | {"version": 7}), "newer Torchglass"),
        (fragment(DOCUMENT | {"name": "x" * 10_000}), "longer than 200 characters"),
        (fragment({"hello": "<img src=x onerror=alert(1)>"}), "not an experiment"),
        (fragment("a" * 30_000_000), "more than an experiment"),
    ):
        ours.goto(f"{server.origin}/{end}")
        expect(said).to_contain_text(words, timeout=PATIENCE)
        assert len(said.text_content() or "") < 300
        assert ours.url == address
        expect(ours.locator(".top .title")).to_have_text(NAME.strip(), timeout=PATIENCE)
    assert len(api(ours, "/api/runs")) == before
    # One that is sound but unfinished can be built upon.
    ours.goto(f"{server.origin}/{fragment(DOCUMENT | {'name': 'Unfinished', 'network': unfinished})}")
    ours.get_by_role("button", name="Open it in the builder").click()
    expect(ours.get_by_text("Not ready to train.")).to_be_visible(timeout=PATIENCE)
    expect(ours.locator(".top .title")).to_have_text("Unfinished")


def layers(*ids: str, wires: tuple[tuple[str, str], ...] = ()) -> str:
    """Copied layers as text, however they are wired."""
    nodes = [{"id": one, "kind": "relu", "config": {}, "label": None, "tied": {}} for one in ids]
    return json.dumps(
        {
            "torchglass": "layers",
            "nodes": nodes,
            "edges": [dict(zip(("source", "target"), wire, strict=True)) for wire in wires],
        }
    )


def test_layers_travel_between_tabs_and_bad_pastes_change_nothing(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fresh(page, "mnist-softmax")
    cards = page.locator("[data-card]")
    expect(cards.first).to_be_visible(timeout=PATIENCE)
    before = cards.count()
    address, undo = page.url, page.get_by_role("button", name=re.compile("^Undo"))
    for text, words in (
        ("good morning", "no experiment"),
        (layers(*(f"relu{n}" for n in range(100_000))), "100,000 layers are too many"),
        (layers("a", wires=(("a", "gone"),)), "no such layer"),
        (layers("a", "b", "c", wires=(("a", "c"), ("b", "c"))), "which takes one"),
        (layers("a", "b", wires=(("a", "b"), ("b", "a"))), "circle"),
        (json.dumps({"version": 9, "network": {"nodes": []}}), "newer version"),
    ):
        page.evaluate("text => navigator.clipboard.writeText(text)", text)
        page.keyboard.press("Control+v")
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible(timeout=PATIENCE)
        assert (cards.count(), page.url) == (before, address)
    expect(undo).to_be_disabled()
    page.locator("[data-card=dense]").click()
    page.keyboard.press("Control+c")
    other = page.context.new_page()
    other.goto(address)
    fresh(other, "mnist-mlp")
    theirs = other.locator("[data-card]")
    expect(theirs.first).to_be_visible(timeout=PATIENCE)
    count = theirs.count()
    other.keyboard.press("Control+v")
    expect(theirs).to_have_count(count + 1, timeout=PATIENCE)
    other.keyboard.press("Control+z")
    expect(theirs).to_have_count(count, timeout=PATIENCE)
