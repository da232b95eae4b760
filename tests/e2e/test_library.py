"""Experiments of one's own: kept, found, renamed, deleted, never overwritten unseen, there after a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE, fresh

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that is started again."""
    server = Server(tmp_path_factory.mktemp("data"))
    yield server
    server.stop()


def opened(page: Page) -> Locator:
    """The window of the library."""
    page.keyboard.press("e")
    window = page.get_by_role("dialog", name="My experiments")
    expect(window.get_by_label("Keep what is on the page")).to_be_visible(timeout=PATIENCE)
    return window


def keep(window: Locator, name: str) -> None:
    window.get_by_label("Keep what is on the page").fill(name)
    window.get_by_role("button", name="Keep", exact=True).click()
    expect(window.get_by_role("status")).to_have_text(f"Kept as “{name}”.")


def test_an_experiment_is_kept_found_changed_and_opened_after_a_restart(page: Page, server: Server) -> None:
    fresh(page, "xor-mlp")
    window = opened(page)
    expect(window.get_by_text("Nothing is kept yet.")).to_be_visible()
    keep(window, "Corners <i>")
    keep(window, "Wide")
    window.get_by_role("button", name="Duplicate Wide").click()
    expect(window.get_by_role("status")).to_have_text("Kept as “Wide (copy)”.")
    window.get_by_role("button", name="Rename Wide (copy)").click()
    field = window.get_by_label("New name of Wide (copy)")
    expect(field).to_be_focused()
    field.fill("Narrow")
    field.press("Enter")
    expect(window.get_by_role("status")).to_have_text("Renamed to “Narrow”.")
    expect(window.locator("li b")).to_have_text(["Narrow", "Wide", "Corners <i>"])
    window.get_by_role("button", name="Delete Wide").click()
    expect(window.get_by_role("button", name="No, keep it")).to_be_focused()
    assert complaints(page, "dialog") == []
    window.get_by_role("button", name="Yes, delete").click()
    expect(window.get_by_role("status")).to_have_text("“Wide” is deleted.")
    window.get_by_label("Find an experiment by its name").fill("corn")
    expect(window.locator("li b")).to_have_text(["Corners <i>"])
    page.keyboard.press("Escape")
    server.stop()
    server.start()
    page.goto(server.url)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    page.get_by_role("button", name="Choose an experiment").click()
    expect(page.get_by_role("menuitem", name="Narrow")).to_be_visible()
    assert complaints(page, "[role=menu]") == []
    page.get_by_role("menuitem", name="Corners <i>").click()
    expect(page.locator(".top .title")).to_have_text("Corners <i>", timeout=PATIENCE)


def test_two_tabs_never_overwrite_each_other(page: Page, server: Server) -> None:
    fresh(page, "xor-mlp")
    mine = opened(page)
    keep(mine, "Shared")
    other = page.context.new_page()
    other.goto(page.url)
    fresh(other, "circle-mlp")
    theirs = opened(other)
    theirs.get_by_label("Keep what is on the page").fill("Shared")
    theirs.get_by_role("button", name="Replace").click()
    expect(theirs.get_by_role("status")).to_have_text("“Shared” is now what is on the page.")
    rows = mine.get_by_role("listitem").filter(has_text="Shared")
    mine.get_by_role("button", name="Delete Shared").click()
    mine.get_by_role("button", name="Yes, delete").click()
    clash = mine.get_by_role("alert").filter(has_text="changed elsewhere")
    expect(clash).to_contain_text("nothing is overwritten")
    expect(rows).to_contain_text("Circle")
    mine.get_by_role("button", name="Leave theirs").click()
    expect(clash).to_have_count(0)
    theirs.get_by_role("button", name="Rename Shared").click()
    theirs.get_by_label("New name of Shared").fill("Theirs")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_role("status")).to_have_text("Renamed to “Theirs”.")
    mine.get_by_role("button", name="Rename Shared").click()
    mine.get_by_label("New name of Shared").fill("Mine")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(clash).to_contain_text("Theirs")
    mine.get_by_role("button", name="Rename it all the same").click()
    expect(mine.get_by_role("status")).to_have_text("Renamed to “Mine”.")
    expect(mine.get_by_role("button", name=re.compile("^Rename Theirs"))).to_have_count(0)
