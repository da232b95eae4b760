"""Usable by everyone: what axe finds, the keyboard alone, a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.test_mnist import PATIENCE, api, fresh, step, until_step

pytestmark = pytest.mark.timeout(120)

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PANES = ("Network", "Output", "Data & learning", "Curve")
#: Opacity that is on its way would count as poor contrast.
NO_MOTION = {"reduced_motion": "reduce"}


def complaints(page: Page, where: str) -> list[str]:
    """What axe finds that hinders somebody seriously, one line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{where}: {one['id']} ({one['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def everywhere(page: Page, state: str, panes: tuple[str, ...] = ("Network",)) -> list[str]:
    """The complaints of both sizes and both themes; on the phone, of the panes named."""
    found = []
    for theme in ("Dark theme", "Light theme"):
        page.get_by_role("button", name=theme).click()
        page.set_viewport_size(DESK)
        found += complaints(page, f"{state}, {DESK['width']}, {theme}")
        page.set_viewport_size(PHONE)
        for pane in panes:
            page.get_by_role("button", name=pane, exact=True).click()
            page.wait_for_timeout(100)
            found += complaints(page, f"{state}, {PHONE['width']} {pane}, {theme}")
    page.set_viewport_size(DESK)
    return found


def running(page: Page) -> None:
    """Wait until the run trains."""
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible(timeout=PATIENCE)


@pytest.fixture
def still(page: Page) -> Page:
    """The page of somebody who asked for no motion, on a run of its own."""
    page.emulate_media(**NO_MOTION)
    fresh(page)
    page.wait_for_function("() => document.querySelectorAll('canvas').length > 8", timeout=PATIENCE)
    return page


def test_axe_finds_nothing_serious_before_and_while_training(still):
    found = everywhere(still, "ready", PANES)
    still.keyboard.press("Space")
    until_step(still, "> 20")
    found += everywhere(still, "training", ("Network", "Output"))
    assert found == [], "\n".join(found)


def test_axe_finds_nothing_serious_in_a_diverged_run(still):
    experiment = api(still, "/api/presets/mnist-cnn")["experiment"]
    experiment["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 100}}
    made = api(still, "/api/runs", "POST", {"experiment": experiment, "start": True})
    still.goto(still.url.rsplit("/", 1)[0] + "/" + made["id"])
    expect(still.get_by_text(re.compile("diverged")).first).to_be_visible(timeout=PATIENCE)
    found = everywhere(still, "diverged", ("Network", "Output"))
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(("key", "title"), [("?", "Keys"), ("Control+k", "Commands")])
def test_axe_finds_nothing_serious_in_the_windows(still, key, title):
    still.keyboard.press(key)
    expect(still.get_by_role("dialog", name=title)).to_be_visible()
    found = complaints(still, title)
    assert found == [], "\n".join(found)


def test_the_keyboard_alone_runs_steps_finds_and_looks_inside(page):
    fresh(page)
    page.keyboard.press("ArrowRight")
    until_step(page, "=== 1")
    page.keyboard.press("Space")
    running(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=PATIENCE)
    assert step(page) >= 1

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("look into conv 2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-id=conv2] button[aria-pressed=true]").first).to_be_visible()

    page.get_by_role("button", name="All keys").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => !!document.activeElement.closest('[data-id=pool1], [data-id=conv1]')"):
            break
    reached = page.evaluate("() => document.activeElement.closest('[data-id]')?.dataset.id")
    assert reached in ("conv1", "pool1"), "Tab reaches no card of the network"
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-id={reached}] button[aria-pressed=true]").first).to_be_visible()


def test_a_phone_shows_every_pane_and_never_scrolls_sideways(page):
    page.set_viewport_size(PHONE)
    fresh(page)
    for pane in PANES:
        page.get_by_role("button", name=pane, exact=True).click()
        expect(page.get_by_role("button", name=pane, exact=True)).to_have_attribute("aria-current", "page")
        page.wait_for_timeout(150)
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("heading", level=1, name="Torchglass")).to_have_count(1)
        wide = page.evaluate(
            """() => [...document.querySelectorAll('html, body, aside, aside > *, main, main > *')]
              .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'hidden')
              .map((one) => one.tagName + '.' + one.className + ' ' + one.scrollWidth)"""
        )
        assert wide == [], pane
