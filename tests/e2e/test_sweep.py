"""The window of the sweep: choose what varies, train, compare, open one of them as a run."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Server
from .test_access import complaints
from .test_mnist import PATIENCE, api

pytestmark = pytest.mark.timeout(120)


def test_many_networks_are_trained_at_once_and_one_becomes_a_run(page: Page, server: Server) -> None:
    page.goto(f"{server.origin}/api/health")
    made = api(page, "/api/runs", "POST", {"preset": "plane-regression"})
    page.goto(f"{server.origin}/runs/{made['id']}")
    expect(page.get_by_test_id("step")).to_have_text("0", timeout=PATIENCE)
    page.get_by_role("button", name="try many settings at once").click()
    window = page.get_by_role("dialog", name="Try many at once")
    expect(window.get_by_label("Vary")).to_have_value("training.optimizers.model.config.lr", timeout=PATIENCE)
    values = window.get_by_label("values")
    values.fill("0.01, fast")
    expect(window.get_by_text("“fast” is no value of this setting")).to_be_visible()
    expect(window.get_by_role("button", name="Train")).to_be_disabled()
    values.fill("0.01, 50")
    window.get_by_role("button", name="previous seeds").click()
    window.get_by_role("spinbutton", name="steps").fill("500")
    window.get_by_role("button", name="Train 6 networks").click()
    expect(window.get_by_role("button", name="Train 6 networks")).to_be_visible(timeout=PATIENCE)
    good, bad = window.get_by_role("listitem").all()
    expect(good).to_contain_text("best")
    expect(bad).to_contain_text("3 of 3 diverged")
    expect(window.get_by_role("img", name="test loss of every variant")).to_be_visible()
    assert complaints(page, "the window of a sweep") == []
    good.get_by_role("button", name=re.compile(r"^0\.01, seed 2: .* Open as a run$")).click()
    expect(window).not_to_be_visible()
    expect(page).not_to_have_url(re.compile(made["id"]), timeout=PATIENCE)
    opened = api(page, f"/api/runs/{page.url.rsplit('/', 1)[-1]}")
    assert (opened["experiment"]["seed"], opened["experiment"]["training"]["optimizers"]["model"]["config"]["lr"]) == (
        2,
        0.01,
    )


def test_one_click_draws_double_descent_with_its_peak(page: Page, server: Server) -> None:
    page.goto(f"{server.origin}/api/health")
    made = api(page, "/api/runs", "POST", {"preset": "double-descent"})
    page.goto(f"{server.origin}/runs/{made['id']}")
    output = page.locator("#pane-output")
    output.get_by_role("button", name="Train 60 networks").click(timeout=PATIENCE)
    curve = output.get_by_role("img", name=re.compile("test loss against Random features: units.*Peak at 100$"))
    expect(curve).to_be_visible(timeout=PATIENCE)
    expect(output.get_by_text("as many weights as numbers to fit")).to_be_visible()
    assert complaints(page, "a sweep in a tab") == []
