"""Points edited by hand on the plane: painted, dragged, given another class, erased, taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE, api

pytestmark = pytest.mark.timeout(120)


def test_points_are_painted_dragged_renamed_erased_and_taken_back_while_it_trains(page: Page, server: Server) -> None:
    page.goto(f"{server.origin}/api/health")
    made = api(page, "/api/runs", "POST", {"preset": "circle-mlp"})
    page.goto(f"{server.origin}/runs/{made['id']}")
    plane = page.get_by_role("application", name="The plane")
    page.get_by_role("button", name="edit the points").click(timeout=PATIENCE)
    page.get_by_role("button", name="Run", exact=True).click()
    tools = page.get_by_role("group", name="What the pointer does to the points")
    tools.get_by_role("button", name="orange").click()
    box = plane.bounding_box()
    assert box is not None
    corner = (box["x"] + 12, box["y"] + 12)
    page.mouse.click(*corner)
    expect(page.get_by_text("251 training · 250 test")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("mark").filter(has_text="edited by hand")).not_to_have_count(0, timeout=PATIENCE)
    # The keys go to it, give it the other class, and move it.
    page.mouse.move(*corner)
    expect(page.get_by_text("training point 250 is orange")).to_be_visible(timeout=PATIENCE)
    plane.focus()
    page.keyboard.press("1")
    expect(page.get_by_text("training point 250 is blue")).to_be_visible(timeout=PATIENCE)
    tools.get_by_role("button", name="Drag").click()
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0] + 30, corner[1] + 30, steps=3)
    page.mouse.up()

    def by_hand() -> list[dict[str, Any]]:
        return list(api(page, f"/api/runs/{made['id']}")["experiment"]["data"]["by_hand"])

    x, y = _eventually(page, lambda: _moved(by_hand()))
    assert (x, y) == pytest.approx((-6 + 12 * 42 / box["width"], 6 - 12 * 42 / box["height"]), abs=0.3)
    tools.get_by_role("button", name="Erase").click()
    page.mouse.click(corner[0] + 30, corner[1] + 30)
    expect(page.get_by_text("250 training · 250 test")).to_be_visible(timeout=PATIENCE)
    assert complaints(page, "the tools that edit points") == []
    page.keyboard.press("Control+z")
    expect(page.get_by_text("251 training · 250 test")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="all as they were").click()
    expect(page.get_by_text("250 training · 250 test")).to_be_visible(timeout=PATIENCE)
    assert by_hand() == []


def _moved(entries: list[dict[str, Any]]) -> tuple[float, float] | None:
    """Where the one new point stands, once it has left the corner."""
    place = entries[0]["values"]["point"] if entries else [-6, 6]
    return (place[0], place[1]) if place[0] > -4.6 else None


def _eventually(page: Page, found: Callable[[], Any]) -> Any:
    """Asked again with every picture of the page."""
    end = time.monotonic() + PATIENCE / 1000
    while (value := found()) is None:
        assert time.monotonic() < end, "nothing came of it"
        page.evaluate("() => new Promise(requestAnimationFrame)")
    return value


def test_the_label_of_a_picture_is_changed_and_taken_back(page: Page, server: Server) -> None:
    page.goto(f"{server.origin}/api/health")
    run = api(page, "/api/runs", "POST", {"preset": "mnist-mlp"})["id"]
    page.goto(f"{server.origin}/runs/{run}")
    pane = page.get_by_role("region", name="Predictions")
    label = pane.get_by_role("combobox", name="label")
    label.select_option("3", timeout=PATIENCE)
    expect(pane.get_by_text("is 3")).to_be_visible(timeout=PATIENCE)  # it was a 7, and so it is learned now
    by_hand = {"split": "test", "row": 0, "gone": False, "values": {"label": 3.0}}
    assert api(page, f"/api/runs/{run}")["experiment"]["data"]["by_hand"] == [by_hand]
    label.select_option("as given")
    expect(pane.get_by_text("is 7")).to_be_visible(timeout=PATIENCE)
    assert api(page, f"/api/runs/{run}")["experiment"]["data"]["by_hand"] == []
