"""Time in one's hands: look at an earlier step, go on from there, undo that, fork; with the mouse and with the keys."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .test_access import NO_MOTION, PHONE, complaints
from .test_building import Held
from .test_mnist import PATIENCE, api, fresh, run_id, step, until_run, until_step

pytestmark = pytest.mark.timeout(240)


def trained(page: Page, steps: int) -> int:
    """So many steps, by the key for one, and the newest of them kept; where the run stands."""
    for _ in range(steps):
        before = step(page)
        page.keyboard.press("ArrowRight")
        expect(page.get_by_test_id("step")).to_contain_text(str(before + 1), timeout=PATIENCE)
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=PATIENCE)
    return step(page)


def handle(page: Page) -> Locator:
    return page.get_by_role("slider", name="Step that the pictures show")


def weights(page: Page) -> str:
    """The pictures of the first layer, as they are on the page."""
    return page.evaluate("[...document.querySelectorAll('#pane-network canvas')].map((c) => c.toDataURL()).join()")


def test_look_back_go_on_and_undo(page: Page) -> None:
    run = fresh(page, "spiral-mlp")
    trained(page, 3)
    expect(handle(page)).to_be_visible(timeout=PATIENCE)
    handle(page).focus()
    page.keyboard.press("Home")
    bar = page.get_by_role("region", name="Looking back")
    expect(bar).to_contain_text("Looking at step 0", timeout=PATIENCE)
    expect(handle(page)).to_have_attribute("aria-valuetext", "step 0")
    page.keyboard.press("ArrowRight")
    expect(bar).not_to_contain_text("step 0", timeout=PATIENCE)
    looked = int(re.findall(r"\d+", bar.inner_text())[0])
    assert complaints(page, "looking back") == []
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.keyboard.press("[")
    expect(bar).to_contain_text("Looking at step")

    before = api(page, f"/api/runs/{run}")
    handle(page).focus()
    page.keyboard.press("Home")
    expect(bar).to_contain_text("Looking at step 0")
    bar.get_by_role("button", name="Go on from here").click()
    expect(page.get_by_test_id("step")).to_contain_text("0", timeout=PATIENCE)
    back = page.get_by_role("region", name="What was set aside")
    expect(back).to_contain_text("up to step 3", timeout=PATIENCE)
    assert step(page) == 0
    assert complaints(page, "gone back") == []
    page.reload()
    expect(page.get_by_test_id("mark").last).to_contain_text("back from step 3", timeout=PATIENCE)
    expect(back.get_by_role("button", name="Bring it back")).to_be_enabled(timeout=PATIENCE)
    assert step(page) == 0

    # Somebody trains on, and comes back to what was set aside all the same.
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    trained(page, 1)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a command").fill("bring back")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("step")).to_contain_text("3", timeout=PATIENCE)
    assert api(page, f"/api/runs/{run}")["experiment"]["training"] == before["experiment"]["training"]
    assert looked in (1, 2)


def test_going_back_is_undone_like_everything_else(page: Page) -> None:
    fresh(page, "spiral-mlp")
    trained(page, 2)
    handle(page).focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("region", name="Looking back")).to_contain_text("step 0", timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="What was set aside")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("step")).to_contain_text("2", timeout=PATIENCE)


def test_a_pause_while_the_run_goes_back_is_not_overruled(page: Page) -> None:
    held = Held(page, "state", "reset")
    run = fresh(page, "spiral-mlp")
    trained(page, 2)
    page.keyboard.press("Space")
    until_step(page, "> 20")
    page.keyboard.press("[")
    expect(page.get_by_role("region", name="Looking back")).to_be_visible(timeout=PATIENCE)
    held.holding = True
    page.get_by_role("button", name="Go on from here").click()
    until_run(page, run, lambda info: info["state"] == "paused")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()  # all that the page knows
    page.keyboard.press("Space")
    held.deliver()
    expect(page.get_by_role("region", name="What was set aside")).to_be_visible(timeout=PATIENCE)
    stands = api(page, f"/api/runs/{run}")["step"]
    for _ in range(10):
        info = api(page, f"/api/runs/{run}")
        assert (info["state"], info["step"]) == ("paused", stands)
        page.wait_for_timeout(50)


def test_the_pictures_follow_the_drag_and_a_fork_is_shown(page: Page) -> None:
    parent = fresh(page)
    page.wait_for_function("() => document.querySelectorAll('#pane-network canvas').length > 4", timeout=PATIENCE)
    trained(page, 3)
    expect(handle(page)).to_be_visible(timeout=PATIENCE)
    now = weights(page)
    box = handle(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 6)
    page.mouse.down()
    for place in range(10):
        page.mouse.move(box["x"] - 40 * place, box["y"] + 6)
    page.mouse.up()
    bar = page.get_by_role("region", name="Looking back")
    expect(bar).to_contain_text("Looking at step 0", timeout=PATIENCE)
    script = "(now) => [...document.querySelectorAll('#pane-network canvas')].map((c) => c.toDataURL()).join() !== now"
    page.wait_for_function(script, arg=now, timeout=PATIENCE)
    with page.expect_response(re.compile(r"/fork$")) as made:
        bar.get_by_role("button", name="Fork").click()
    fork = made.value.json()
    page.wait_for_url(re.compile(fork["id"]))
    expect(page).to_have_title(re.compile(r"\(fork at 0\)"), timeout=PATIENCE)
    expect(page.get_by_role("status").filter(has_text="forked from").first).to_be_visible(timeout=PATIENCE)
    expect(bar).to_be_hidden()
    assert json.dumps(fork["parent"]) == json.dumps({"run": parent, "step": 0, "name": "Small CNN on MNIST"})


def test_an_earlier_network_is_drawn_as_it_was(page: Page) -> None:
    fresh(page)
    trained(page, 2)
    page.locator("[data-card=pool2]").click(timeout=PATIENCE)
    page.keyboard.press("Delete")
    until_run(page, run_id(page), lambda info: all(n["id"] != "pool2" for n in info["experiment"]["network"]["nodes"]))
    expect(page.locator("[data-card=pool2]")).to_have_count(0)
    page.get_by_role("button", name="One step").click()
    expect(page.get_by_test_id("step")).to_contain_text("3", timeout=PATIENCE)
    handle(page).focus()
    page.keyboard.press("Home")
    bar = page.get_by_role("region", name="Looking back")
    expect(bar).to_contain_text("step 0, at the network as it was then", timeout=PATIENCE)
    expect(page.locator("[data-card=pool2]")).to_be_visible()
    expect(page.locator("text.shape").get_by_text("D 784").first).to_be_attached(timeout=PATIENCE)
    # It can be looked at, and not be changed.
    page.locator("[data-card=pool1]").click()
    page.keyboard.press("Delete")
    expect(page.locator("[data-card=pool1]")).to_be_visible()
    bar.get_by_role("button", name="Back to now").click()
    expect(page.locator("[data-card=pool2]")).to_have_count(0)
    assert all(n["id"] != "pool2" for n in api(page, f"/api/runs/{run_id(page)}")["experiment"]["network"]["nodes"])


def test_on_a_phone(context, server) -> None:
    page = context.browser.new_page(viewport=PHONE, has_touch=True, bypass_csp=True, **NO_MOTION)
    try:
        page.goto(server.url)
        fresh(page, "spiral-mlp")
        trained(page, 2)
        page.keyboard.press("[")
        bar = page.get_by_role("region", name="Looking back")
        expect(bar).to_be_visible(timeout=PATIENCE)
        for button in bar.get_by_role("button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        page.get_by_role("button", name="Curve", exact=True).click()
        expect(handle(page)).to_be_visible(timeout=PATIENCE)
        size = handle(page).bounding_box()
        assert size is not None
        assert size["width"] >= 44
        assert complaints(page, "a phone looking back") == []
        bar.get_by_role("button", name="Back to now").click()
        expect(bar).to_be_hidden()
    finally:
        page.close()
