"""A training in stages, and pictures changed at random, as one sees and steers them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_mnist import PATIENCE, api, fresh, step, until_step

pytestmark = pytest.mark.timeout(240)


def test_the_next_stage_begins_by_hand_on_the_same_curve(page: Page) -> None:
    run = fresh(page, "transfer")
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 5")
    reached = step(page)
    page.get_by_role("button", name="Go on to").click()
    expect(page.get_by_test_id("mark").filter(has_text="a new head for 5 to 9")).to_be_attached(timeout=PATIENCE)
    until_step(page, f"> {reached + 5}")
    begun = api(page, f"/api/runs/{run}")["experiment"]
    assert (begun["stage"], begun["data"]["config"]) == (1, {"digits": "5-9", "per_class": 20})
    assert [id for id, hold in begun["training"]["held"].items() if hold["frozen"]] == ["conv1", "conv2"]


def test_augmentation_is_added_and_taken_out_while_it_trains(page: Page) -> None:
    run = fresh(page, "mnist-cnn")
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 3")
    page.get_by_role("combobox", name="Augmentation", exact=True).select_option("rotate")
    expect(page.get_by_test_id("mark").filter(has_text="augmentation changed")).to_be_attached(timeout=PATIENCE)
    page.get_by_role("tab", name="Fed").click()
    expect(page.get_by_role("tabpanel").locator("canvas").first).to_be_visible(timeout=PATIENCE)
    reached = step(page)
    until_step(page, f"> {reached + 5}")
    assert [one["kind"] for one in api(page, f"/api/runs/{run}")["experiment"]["data"]["augment"]] == ["rotate"]
    page.get_by_role("button", name="take out").click()
    expect(page.get_by_role("button", name="take out")).to_have_count(0, timeout=PATIENCE)
    assert api(page, f"/api/runs/{run}")["experiment"]["data"]["augment"] == []
