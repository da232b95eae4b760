"""The playground: every neuron a picture, everything can be pointed at and changed, and nothing resets."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_mnist import PATIENCE, api, fresh, step, until_step

pytestmark = pytest.mark.timeout(240)


def pictures(page: Page, of: str) -> str:
    """What the canvases of a part of the page show now, as text."""
    script = "of => [...document.querySelectorAll(`${of} canvas`)].map((canvas) => canvas.toDataURL()).join()"
    return page.evaluate(script, of)


def until_pictures_differ(page: Page, of: str, before: str) -> None:
    script = """([of, before]) =>
      [...document.querySelectorAll(`${of} canvas`)].map((canvas) => canvas.toDataURL()).join() !== before"""
    page.wait_for_function(script, arg=[of, before], timeout=PATIENCE)


def neuron(page: Page, name: str) -> Locator:
    return page.get_by_test_id("playground").get_by_role("button", name=name, exact=True)


def until_known(page: Page) -> None:
    """Wait for the weights: a connection says its number."""
    expect(page.get_by_role("button", name=re.compile(r"^Weight x₁ → Hidden, unit 1: −?\d"))).to_be_attached(
        timeout=PATIENCE
    )


def config(page: Page, run: str) -> dict:
    return api(page, f"/api/runs/{run}")["experiment"]


def units_along(network: dict) -> list[int]:
    """The units of the dense layers from the input on, in whatever order the document lists them."""
    nodes = {node["id"]: node for node in network["nodes"]}
    behind = {edge["source"]: edge["target"] for edge in network["edges"]}
    (at,) = nodes.keys() - set(behind.values())
    found = []
    while at is not None:
        found += [nodes[at]["config"]["out_features"]] if nodes[at]["kind"] == "linear" else []
        at = behind.get(at)
    return found


@pytest.fixture
def circle(page: Page) -> tuple[Page, str]:
    """A small network over the plane, not trained yet."""
    run = fresh(page, "circle-mlp")
    expect(page.get_by_test_id("playground")).to_be_visible(timeout=PATIENCE)
    return page, run


def test_pointing_at_neurons_and_points(circle):
    page, _ = circle
    plane = page.get_by_role("region", name="The plane")
    expect(plane.get_by_text(re.compile("test points right"))).to_be_visible(timeout=PATIENCE)
    before = pictures(page, ".stage[role=application]")
    neuron(page, "Hidden, unit 2").hover()
    expect(plane.get_by_text("Hidden, unit 2", exact=True)).to_be_visible(timeout=PATIENCE)
    until_pictures_differ(page, ".stage[role=application]", before)
    page.mouse.move(5, 5)
    expect(plane.get_by_text("What the network says", exact=True)).to_be_visible(timeout=PATIENCE)

    dark = pictures(page, "[data-testid=playground]")
    stage = plane.get_by_role("application")
    stage.focus()
    page.keyboard.press("ArrowRight")
    expect(plane.get_by_text(re.compile(r"training point \d+ is (blue|orange)"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("playground").get_by_role("status")).to_contain_text(
        re.compile(r"the network says (blue|orange) [\d.]+%; it is (blue|orange)"), timeout=PATIENCE
    )
    until_pictures_differ(page, "[data-testid=playground]", dark)
    page.keyboard.press("Enter")
    lamp = page.get_by_role("button", name="Light the path of")
    expect(lamp).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowUp")
    assert step(page) == 0  # the arrow keys belong to the plane here and train nothing


def test_a_weight_changed_by_hand_changes_pictures_and_leaves_a_mark(circle):
    page, _ = circle
    until_known(page)
    before = pictures(page, "[data-testid=playground]")
    page.get_by_role("button", name=re.compile("^Weight x₁ → Hidden, unit 1:")).focus()
    page.keyboard.press("Enter")
    editor = page.get_by_role("dialog", name="Weight x₁ → Hidden, unit 1")
    expect(editor.get_by_role("slider")).to_be_focused()
    exact = editor.get_by_role("textbox")
    exact.fill("3.5")
    exact.press("Enter")
    expect(page.get_by_test_id("mark").filter(has_text="3.5")).to_be_attached(timeout=PATIENCE)
    until_pictures_differ(page, "[data-testid=playground]", before)
    page.keyboard.press("Escape")
    expect(editor).to_be_hidden()
    expect(page.get_by_role("button", name="Weight x₁ → Hidden, unit 1: 3.50")).to_be_attached(timeout=PATIENCE)
    neuron(page, "Hidden, unit 2").focus()
    page.keyboard.press("b")
    expect(page.get_by_role("dialog", name="Bias of Hidden, unit 2")).to_be_visible()


def test_nothing_resets_while_everything_changes(circle):
    page, run = circle
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 100")
    reached = step(page)
    noise = page.get_by_role("slider", name="Noise")
    noise.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("mark").filter(has_text="noise").first).to_be_attached(timeout=PATIENCE)
    neuron(page, "Input x 1 squared").click()
    expect(neuron(page, "Input x 1 squared")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=re.compile("^Weight x₁ → Hidden, unit 1: "))).to_be_attached(
        timeout=PATIENCE
    )
    page.get_by_role("button", name="One neuron more in Hidden").click()
    expect(neuron(page, "Hidden, unit 5")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="One hidden layer more").click()
    expect(page.get_by_text("2 hidden layers")).to_be_visible(timeout=PATIENCE)
    now = step(page)
    assert now >= reached
    until_step(page, f"> {now}")
    experiment = config(page, run)
    assert experiment["data"]["config"]["noise"] == pytest.approx(0.05)
    features = next(node for node in experiment["network"]["nodes"] if node["kind"] == "features")
    assert features["config"]["x1_squared"] is True
    assert units_along(experiment["network"]) == [5, 5, 1]
    assert api(page, f"/api/runs/{run}")["state"] == "running"


def test_several_classes_have_a_neuron_each(page):
    run = fresh(page, "spiral-mlp")
    classes = page.get_by_role("slider", name="Classes")
    classes.focus()
    page.keyboard.press("ArrowRight")
    for name in ("blue", "red", "green"):
        expect(neuron(page, f"Output, {name}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("list", name="Classes")).to_contain_text("green", timeout=PATIENCE)
    page.get_by_role("button", name="Run", exact=True).click()
    until_step(page, "> 20")
    experiment = config(page, run)
    assert experiment["recipe"]["config"]["loss"]["kind"] == "cross_entropy"
    page.get_by_role("button", name="Bumps, predicts a number").click()
    expect(page.get_by_role("list", name="Classes")).to_be_hidden(timeout=PATIENCE)
    expect(neuron(page, "Output neuron")).to_be_visible(timeout=PATIENCE)
    now = step(page)
    until_step(page, f"> {now}")
