"""Every tab of the page, on every sort of data, draws something of a network that has trained a little."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .test_mnist import PATIENCE, api, fresh

pytestmark = pytest.mark.timeout(240)
#: Pictures, points of a plane, a table with numbers to predict, a table with classes, a curve.
PRESETS = ("mnist-cnn", "circle-mlp", "diabetes-regression", "iris-mlp", "universal-approximation")
#: What the course opens beyond those: preset, pane, tab, and the layer that is selected for it.
OPENED = (
    ("logic-xor", "output", "Truth table", None),
    ("hebb-oja", "output", "Direction", None),
    ("perceptron", "output", "Mistakes", None),
    ("linear-collapse", "output", "One matrix", None),
    ("optimizer-landscape", "output", "Landscape", None),
    ("optimizer-landscape", "output", "Race", None),
    ("conv1d", "output", "Shared weights", None),
    ("batch-norm", "output", "Layers", None),
    ("batch-norm", "inspector", "Before and after", "Batch norm"),
)
DRAWN = "canvas, svg, table, [role=list] li, [role=img]"


def tabs_of(pane: Locator) -> list[str]:
    """The labels of its tabs, which come with the first check of the network."""
    expect(pane.get_by_role("tab").first).to_be_visible(timeout=PATIENCE)
    return pane.get_by_role("tab").all_inner_texts()


def see_every_tab(page: Page, pane: str) -> list[str]:
    """Opens the tabs of a pane one after the other and waits until each has drawn; their labels."""
    names = tabs_of(page.locator(pane))
    for name in names:
        page.locator(pane).get_by_role("tab", name=name, exact=True).click()
        panel = page.locator(f"{pane} [role=tabpanel]")
        if name not in ("Settings", "Hold", "Baselines", "Sweep"):  # these have controls
            expect(panel.locator(DRAWN).first).to_be_attached(timeout=PATIENCE)
        expect(panel).not_to_contain_text("nothing yet", timeout=PATIENCE)
    return names


@pytest.mark.parametrize("preset", PRESETS)
def test_every_tab_draws(page: Page, preset: str) -> None:
    fresh(page, preset)
    page.get_by_role("button", name="One step").click()
    assert len(see_every_tab(page, "#pane-output")) >= 1
    assert "Weights" in see_every_tab(page, "#pane-inspector")


def test_what_only_some_presets_of_the_course_open_draws_too(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    preset = ""
    for wanted, pane, tab, layer in OPENED:
        if wanted != preset:
            preset = wanted
            fresh(page, preset)
            page.get_by_role("button", name="One step").click()
        if layer:
            page.locator(".svelte-flow__node", has_text=layer).first.click()
        place = page.locator(f"#pane-{pane}")
        place.get_by_role("tab", name=tab, exact=True).click()
        panel = place.get_by_role("tabpanel")
        expect(panel.locator(DRAWN).first).to_be_attached(timeout=PATIENCE)
        expect(panel).not_to_contain_text("nothing yet", timeout=PATIENCE)
    assert complaints == []


def test_a_shortcut_is_cut_at_its_addition_and_put_back(page: Page) -> None:
    run = fresh(page, "resnet-20")

    def arriving() -> list[str]:
        edges = api(page, f"/api/runs/{run}")["experiment"]["network"]["edges"]
        return [edge["source"] for edge in edges if edge["target"] == "add9"]

    roads = page.locator("#pane-output")
    expect(roads.get_by_role("row", name=re.compile("shortcut"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Cut x at F(x) + x", exact=True).click()
    mend = roads.get_by_role("button", name="Put x back at F(x) + x", exact=True)
    expect(mend).to_be_enabled(timeout=PATIENCE)
    # Its own part of the answer comes from the network that is trained: one road is measured.
    expect(roads.get_by_role("row", name=re.compile("shortcut"))).to_have_count(0, timeout=PATIENCE)
    assert arriving() == ["relu19"]
    mend.click()
    expect(roads.get_by_role("row", name=re.compile("shortcut"))).to_be_visible(timeout=PATIENCE)
    assert arriving() == ["relu19", "add8"]


def test_a_layer_without_gradients_says_why(page: Page) -> None:
    fresh(page, "perceptron")
    inspector = page.locator("#pane-inspector")
    inspector.get_by_role("tab", name="Gradients", exact=True).click()
    expect(inspector).to_contain_text("No gradient reaches Unit", timeout=PATIENCE)
    expect(page.get_by_text("There is nothing to see here.")).to_have_count(0)


def test_where_the_row_is_too_short_a_list_names_every_tab(page: Page) -> None:
    page.set_viewport_size({"width": 1024, "height": 640})
    fresh(page, "mnist-cnn")
    pane = page.locator("#pane-output")
    names = tabs_of(pane)
    pane.get_by_role("button", name=re.compile("all .* views")).press("Enter")
    assert pane.get_by_role("menuitem").all_inner_texts() == names
    page.keyboard.press("ArrowUp")  # from the first to the last
    page.keyboard.press("Enter")
    last = pane.get_by_role("tab", name=names[-1], exact=True)
    expect(last).to_have_attribute("aria-selected", "true")
    expect(last).to_be_in_viewport(ratio=0.95, timeout=PATIENCE)
