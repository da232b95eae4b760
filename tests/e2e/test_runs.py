"""The Runs window: find, rename, compare, delete one, delete what nobody will miss."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stored_runs import Stored, store

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE, api

pytestmark = pytest.mark.timeout(120)

KEPT = [
    Stored("rlong", "A long one", 20_000),
    Stored("rother", "Another long one", 12_000, broken=True),
]
JUNK = [Stored(f"rjunk{n}", steps=n, checkpoint=4096) for n in range(5)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With runs from before it started."""
    folder = tmp_path_factory.mktemp("data")
    store(folder, [*JUNK, Stored("rtrained", steps=100, checkpoint=4096), *KEPT])
    server = Server(folder)
    yield server
    server.stop()


@pytest.fixture
def window(page: Page, server: Server) -> Locator:
    """The window, open over the newest run."""
    page.goto(f"{server.origin}/runs/rother")
    page.get_by_role("button", name="Runs", exact=True).click()
    window = page.get_by_role("dialog", name="Runs")
    expect(window.get_by_role("listitem").first).to_contain_text("Another long one", timeout=PATIENCE)
    return window


def folders(server: Server) -> set[str]:
    return {folder.name for folder in (Path(server.folder) / "runs").iterdir()}


def test_find_rename_compare_and_delete_one(window: Locator, page: Page) -> None:
    rows = window.get_by_role("listitem")
    expect(rows).to_have_count(8)
    expect(rows.first).to_contain_text("open here")
    window.get_by_label("Find a run by its name").fill("one LONG")
    expect(rows).to_have_count(2)

    window.get_by_role("button", name="Rename A long one").click()
    page.keyboard.press("Escape")
    expect(window.get_by_role("button", name="Rename A long one")).to_be_focused()
    page.keyboard.press("Enter")
    window.get_by_label("New name of A long one").fill("The long one to keep")
    page.keyboard.press("Enter")
    expect(window.get_by_role("button", name="Rename The long one to keep")).to_be_focused()
    assert api(page, "/api/runs/rlong")["name"] == "The long one to keep"

    window.get_by_label("Choose The long one to keep").check()
    window.get_by_label("Choose Another long one").check()
    window.get_by_role("button", name="Compare").click()
    figure = window.get_by_role("figure")
    expect(figure.locator("polyline")).to_have_count(2)
    expect(figure).to_contain_text("step 0 to 20,000")
    expect(figure).to_contain_text(re.compile(r"Another long one: 0\.\d+ at step\s+12,000"))
    figure.get_by_label("Curve").select_option("test.loss")
    expect(figure.get_by_role("img")).to_have_accessible_name("test loss of the chosen runs")
    assert complaints(page, "comparing") == []
    window.get_by_role("button", name="Close the comparison").click()

    # The run on the page is not deleted with the others.
    window.get_by_role("button", name="Delete…").click()
    expect(window.get_by_role("alert")).to_contain_text("Delete 1 run for good")
    expect(window.get_by_role("button", name="No, keep them")).to_be_focused()
    page.keyboard.press("Enter")
    expect(window.get_by_role("alert")).to_have_count(0)
    window.get_by_role("button", name="Delete…").click()
    window.get_by_role("button", name="Yes, delete").click()
    expect(window.get_by_role("status")).to_contain_text("1 run deleted.")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Another long one")


def test_junk_is_shown_before_it_is_deleted_and_frees_the_disk(window: Locator, page: Page, server: Server) -> None:
    assert {one.id for one in JUNK} <= folders(server)
    other = page.context.new_page()
    other.goto(f"{server.origin}/runs/rjunk3")  # somebody looks at one of them
    expect(other.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    window.get_by_role("button", name="Find junk").click()
    expect(window.get_by_text("trained for fewer than 100 steps")).to_be_visible()
    rows = window.get_by_role("list", name="Junk runs").get_by_role("listitem")
    expect(rows).to_have_count(4)
    assert complaints(page, "junk") == []
    window.get_by_label(re.compile(r"Choose .*, step 2$")).uncheck()
    other.goto(f"{server.origin}/runs/rjunk4")  # and comes to look at another one meanwhile
    expect(other.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    window.get_by_role("button", name="Delete 3 junk runs…").click()
    expect(window.get_by_role("alert")).to_contain_text("Delete 3 runs for good, with curves and checkpoints")
    window.get_by_role("button", name="Yes, delete").click()
    expect(window.get_by_role("status")).to_contain_text("2 runs deleted.")
    expect(window.get_by_role("status")).to_contain_text("It is open in a page")
    assert folders(server).isdisjoint({"rjunk0", "rjunk1"})
    assert {"rjunk2", "rjunk3", "rjunk4", "rtrained"} <= folders(server)
    left = api(page, "/api/runs")
    assert {one["id"] for one in left} >= {"rjunk2", "rjunk3", "rjunk4", "rtrained", "rother"}
    window.get_by_role("button", name="All runs").click()
    expect(window.get_by_role("list", name="Runs", exact=True).get_by_role("listitem")).to_have_count(len(left))
