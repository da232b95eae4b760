"""Variants side by side: chosen at a setting, trained together, paused at the same step."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE, api

_TOGETHER = """() => {
    const [a, b] = [...document.querySelectorAll("[data-testid=variant-step]")].map((one) => one.parentElement);
    return a.textContent === b.textContent && a.textContent.includes("paused at step");
}"""

pytestmark = pytest.mark.timeout(120)


def test_a_setting_is_varied_at_its_place_and_its_values_train_together(page: Page, server: Server) -> None:
    page.goto(f"{server.origin}/api/health")
    made = api(page, "/api/runs", "POST", {"preset": "spiral-mlp"})
    before = {run["id"] for run in api(page, "/api/runs")}
    page.goto(f"{server.origin}/runs/{made['id']}")
    rate = page.get_by_role("button", name="Vary this setting", description="Learning rate")
    rate.click(timeout=PATIENCE)
    window = page.get_by_role("dialog", name="Compare")
    values = window.get_by_label("values")
    values.fill("0.01")
    expect(window.get_by_text("Two variants at least")).to_be_visible(timeout=PATIENCE)
    values.fill("0.01, 0.5, 500")
    window.get_by_role("button", name="Train 3 side by side").click()
    # The server refuses the last one: it is said, and nothing is left of the others.
    expect(window.get_by_role("alert")).to_contain_text("500", timeout=PATIENCE)
    assert {run["id"] for run in api(page, "/api/runs")} == before
    values.fill("0.01, 0.5")
    window.get_by_role("button", name="Train 2 side by side").click()
    steps = window.get_by_test_id("variant-step")
    expect(steps).to_have_count(2, timeout=PATIENCE)
    for step in steps.all():
        expect(step).not_to_have_text("0", timeout=PATIENCE)
    expect(window.get_by_role("img", name="test loss of the chosen runs")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Space")
    # The one behind goes on to where the other stands.
    page.wait_for_function(_TOGETHER, timeout=PATIENCE)
    assert complaints(page, "variants side by side") == []
    runs = [run for run in api(page, "/api/runs") if run["id"] not in before]
    seeds = [run["experiment"]["seed"] for run in runs]
    assert seeds == 2 * [made["experiment"]["seed"]]
    window.get_by_role("button", name="Open 0.5 as the run on the page").click()
    expect(page.get_by_label("Learning rate, exact value")).to_have_value("0.5", timeout=PATIENCE)
