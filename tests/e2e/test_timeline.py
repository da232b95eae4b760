"""The curve of a run of a million steps: complete at a glance, and every point where one looks closely."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.stored_runs import PEAK, PEAK_STEP, Stored, store

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With one very long run from before it started."""
    folder = tmp_path_factory.mktemp("data")
    store(folder, [Stored("rmillion", "A million steps", 1_000_000, broken=True)])
    server = Server(folder)
    yield server
    server.stop()


def test_a_million_steps_open_and_zoom_to_single_steps(page: Page, server: Server) -> None:
    with page.expect_response(re.compile(r"/metrics\?start=0&end=1000000&")) as whole:
        page.goto(f"{server.origin}/runs/rmillion")
        expect(page.get_by_test_id("step")).to_contain_text("1,000,000", timeout=PATIENCE)
    train = whole.value.json()["series"]["train.loss"]
    assert train["steps"][-1] == 1_000_000
    assert len(train["steps"]) <= 1500
    assert max(train["high"]) == PEAK  # the one high step of a million is inside the band
    section = page.get_by_role("region", name="Learning curve")
    expect(section.get_by_test_id("span")).to_have_text("drag or + to zoom in")

    # Drag over a hundredth of it around the peak; then by keys, until single steps are there.
    box = section.locator(".u-over").bounding_box()
    assert box is not None
    at = box["x"] + box["width"] * PEAK_STEP / 1_000_000
    page.mouse.move(at - 8, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(at + 8, box["y"] + 20, steps=4)
    with page.expect_response(re.compile(r"/metrics\?start=[1-9]")):
        page.mouse.up()
    expect(section.get_by_test_id("span")).to_contain_text("steps 6")
    section.focus()
    seen: dict = {}
    for _ in range(12):
        with page.expect_response(re.compile(r"/metrics\?start=[1-9]")) as near:
            page.keyboard.press("+")
        seen = near.value.json()["series"]["train.loss"]
        if not seen["low"]:
            break
    assert seen["low"] == []  # exact: every step has its own point
    assert seen["steps"] == list(range(seen["steps"][0], seen["steps"][0] + len(seen["steps"])))
    assert complaints(page, "zoomed") == []
    page.keyboard.press("Escape")
    expect(section.get_by_test_id("span")).to_have_text("drag or + to zoom in")
