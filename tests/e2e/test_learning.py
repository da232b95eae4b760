"""How a network learns is exchanged while it learns: every change is a mark, and nothing begins anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_mnist import PATIENCE, api, fresh, step, until_step

pytestmark = pytest.mark.timeout(240)


def test_loss_optimizer_schedule_and_penalty_while_it_trains(page: Page) -> None:
    run = fresh(page, "circle-mlp")
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 50")
    reached = step(page)
    for what, kind, mark in (("Optimizer", "sgd", "adam → sgd"), ("Loss", "logistic", "→ logistic")):
        page.get_by_label(what, exact=True).select_option(kind)
        expect(page.get_by_test_id("mark").filter(has_text=mark)).to_be_attached(timeout=PATIENCE)
    page.get_by_text("regularisation, schedule, end").click()
    page.get_by_label("Schedule", exact=True).select_option("cosine")
    expect(page.get_by_test_id("mark").filter(has_text="→ cosine")).to_be_attached(timeout=PATIENCE)
    for asked, told in (("eager", "as the experiment asks"), ("native", "one compiled function")):
        page.get_by_label("Stepper", exact=True).select_option(asked)
        expect(page.get_by_test_id("mark").filter(has_text=f"→ {asked}")).to_be_attached(timeout=PATIENCE)
        expect(page.get_by_test_id("stepper-now")).to_contain_text(told, timeout=PATIENCE)
    decay = page.get_by_role("textbox", name="L2 (weight decay), exact value")
    decay.fill("0.01")
    decay.press("Enter")
    expect(page.get_by_test_id("mark").filter(has_text="0.01")).to_be_attached(timeout=PATIENCE)
    pane = page.get_by_role("region", name="Data and learning")
    pane.locator(".row", has_text="After steps").get_by_role("button", name="off, turn on").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)  # it has come to its end
    assert step(page) > reached + 100
    trained = api(page, f"/api/runs/{run}")
    assert trained["state"] == "finished"
    experiment = trained["experiment"]
    assert experiment["training"]["optimizers"]["model"]["kind"] == "sgd"
    assert experiment["training"]["regularization"]["l2"] == 0.01
    assert experiment["training"]["schedule"]["kind"] == "cosine"
    assert experiment["recipe"]["config"]["loss"]["kind"] == "logistic"
    assert trained["step"] == experiment["training"]["stop"]["steps"]
