"""The first journey: open, run, watch it learn, draw a digit, change a setting, survive what happens."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.timeout(240)
PATIENCE = 90_000  # ms; the machine may be busy


def accuracy(page: Page) -> float:
    found = re.search(r"([\d.]+)", page.get_by_test_id("test-accuracy").inner_text())
    return float(found.group(1)) / 100 if found else 0.0


def step(page: Page) -> int:
    return int(re.sub(r"\D", "", page.get_by_test_id("step").inner_text()) or 0)


def until_step(page: Page, condition: str) -> None:
    """Wait until the step shown fulfils a condition such as ``> 20``."""
    shown = "+document.querySelector('[data-testid=step]').textContent.replace(/\\D/g, '')"
    page.wait_for_function(f"() => {shown} {condition}", timeout=PATIENCE)


def run_id(page: Page) -> str:
    page.wait_for_url(re.compile(r"/runs/r\w+$"))
    return page.url.rsplit("/", 1)[1]


def api(page: Page, path: str, method: str = "GET", body: object = None) -> dict:
    """A request as the page makes it, cookie and origin included."""
    script = """async ([path, method, body]) => {
      const options = {method, headers: {'content-type': 'application/json'}};
      if (body !== null) options.body = JSON.stringify(body);
      return await (await fetch(path, options)).json();
    }"""
    return page.evaluate(script, [path, method, body])


def until_run(page: Page, run: str, accept: Callable[[dict], bool]) -> dict:
    """Wait until the server says what is accepted about a run. (``wait_for_function`` awaits no promise: one that is
    asynchronous holds at once.)"""
    end = time.monotonic() + PATIENCE / 1000
    while not accept(info := api(page, f"/api/runs/{run}")):
        assert time.monotonic() < end, info
        page.wait_for_timeout(50)
    return info


def fresh(page: Page, preset: str = "mnist-cnn") -> str:
    """A run of its own for this test."""
    run_id(page)
    made = api(page, "/api/runs", "POST", {"preset": preset})
    page.goto(page.url.rsplit("/", 1)[0] + "/" + made["id"])
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    return made["id"]


def test_opens_ready_and_alive(page):
    """Before ▶: the picture of every layer is there, from weights that have learned nothing yet."""
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    expect(page.get_by_text("Conv 1").first).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('canvas').length > 8", timeout=PATIENCE)
    assert step(page) == 0


def test_learns_pauses_draws_and_survives_a_reload(page):
    fresh(page)
    page.get_by_role("button", name="Run", exact=True).click()
    # So far that a few more steps, of which some are steps back, leave it above 90 %.
    page.wait_for_function(
        """() => parseFloat(document.querySelector('[data-testid=test-accuracy]').textContent) > 95""", timeout=PATIENCE
    )
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=PATIENCE)
    paused_at, reached = step(page), accuracy(page)
    assert paused_at > 0
    assert reached > 0.9

    pad = page.get_by_role("application", name=re.compile("Drawing pad")).bounding_box()
    x, top, height = pad["x"] + pad["width"] / 2, pad["y"] + 0.2 * pad["height"], 0.6 * pad["height"]
    page.mouse.move(x, top)
    page.mouse.down()
    page.mouse.move(x, top + height, steps=12)
    page.mouse.up()
    expect(page.locator("p.verdict")).to_contain_text(re.compile(r"says [17]"), timeout=PATIENCE)

    page.reload()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    for _ in range(10):  # no pulse that is older than the pause arrives after it
        assert step(page) == paused_at
        page.wait_for_timeout(100)
    page.wait_for_function(
        """() => parseFloat(document.querySelector('[data-testid=test-accuracy]').textContent) > 90""", timeout=PATIENCE
    )


def test_draws_while_training(page):
    fresh(page)
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 50")
    pad = page.get_by_role("application", name=re.compile("Drawing pad")).bounding_box()
    page.mouse.move(pad["x"] + 40, pad["y"] + 30)
    page.mouse.down()
    page.mouse.move(pad["x"] + 90, pad["y"] + 110, steps=10)
    page.mouse.up()
    expect(page.locator("p.verdict")).to_contain_text("says", timeout=PATIENCE)
    before = step(page)
    until_step(page, f"> {before}")


def test_the_learning_rate_changes_while_training_and_leaves_its_mark(page):
    run = fresh(page)
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 20")
    slider = page.get_by_role("slider", name="Learning rate")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    mark = page.get_by_test_id("mark").first
    expect(mark).to_be_attached(timeout=PATIENCE)
    expect(mark).to_contain_text(re.compile("rate", re.IGNORECASE))
    info = api(page, f"/api/runs/{run}")
    assert info["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] > 0.003
    assert info["state"] == "running"


def test_one_step_one_epoch_and_start_again(page):
    run = fresh(page, "mnist-softmax")
    page.get_by_role("button", name="One step", exact=True).click()
    until_step(page, "=== 1")
    page.get_by_role("button", name="One epoch", exact=True).click()
    until_step(page, "> 100")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=PATIENCE)
    assert api(page, f"/api/runs/{run}")["epoch"] == 1.0
    page.get_by_role("button", name="Start again", exact=True).click()
    until_step(page, "=== 0")


def test_a_killed_worker_is_said_and_the_run_restored(page):
    run = fresh(page)
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 20")
    victim = api(page, f"/api/runs/{run}")["worker_pid"]
    os.kill(victim, signal.SIGKILL)
    expect(page.get_by_text("the run is back")).to_be_visible(timeout=PATIENCE)
    until_run(page, run, lambda info: info["state"] == "running" and info["worker_pid"] != victim)
    before = step(page)
    until_step(page, f"!== {before}")


def test_a_diverged_run_pauses_and_says_so(page):
    run_id(page)
    preset = api(page, "/api/presets/mnist-cnn")
    experiment = preset["experiment"]
    experiment["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 100}}
    made = api(page, "/api/runs", "POST", {"experiment": experiment, "start": True})
    page.goto(page.url.rsplit("/", 1)[0] + "/" + made["id"])
    expect(page.get_by_text(re.compile("diverged")).first).to_be_visible(timeout=PATIENCE)
    assert api(page, f"/api/runs/{made['id']}")["state"] == "paused"


def test_a_server_that_goes_away_is_said_and_comes_back(page, server):
    run_id(page)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    server.stop(signal.SIGKILL)
    expect(page.get_by_text("The connection to the server is lost.")).to_be_visible(timeout=PATIENCE)
    server.start()
    page.goto(server.url)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)


def test_a_part_that_can_not_be_fetched_is_said_and_fetched_again(page):
    run_id(page)
    page.route("**/assets/Runs-*", lambda route: route.abort())
    page.get_by_role("button", name="Runs", exact=True).click()
    window = page.get_by_role("dialog", name="Runs")
    expect(window.get_by_role("alert")).to_contain_text("could not be fetched", timeout=PATIENCE)
    page.unroute("**/assets/Runs-*")
    window.get_by_role("button", name="Try again").click()
    expect(window.get_by_role("searchbox")).to_be_visible(timeout=PATIENCE)
    sheets = page.evaluate(
        "() => [...document.querySelectorAll('link[rel=stylesheet][href*=\"/Runs-\"]')].map((one) => !!one.sheet)"
    )
    assert sheets, "its styles are asked for"
    assert all(sheets), "the part came back without its looks"


def test_nothing_is_refused_by_the_content_security_policy(chromium, server):
    """The one test without bypass: no violation, no console error."""
    context = chromium.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(server.url)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=PATIENCE)
    page.wait_for_timeout(1000)
    context.close()
    assert complaints == [], json.dumps(complaints)
