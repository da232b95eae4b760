"""Every tab of the page, on every sort of data, draws something of a network that has trained a little."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .test_mnist import PATIENCE, fresh

pytestmark = pytest.mark.timeout(240)
#: Pictures, points of a plane, a table with numbers to predict, a table with classes, a curve.
PRESETS = ("mnist-cnn", "circle-mlp", "diabetes-regression", "iris-mlp", "universal-approximation")
DRAWN = "canvas, svg, table, [role=list] li, [role=img]"


def see_every_tab(page: Page, pane: str) -> list[str]:
    """Opens the tabs of a pane one after the other and waits until each has drawn; their labels."""
    names = page.locator(f"{pane} [role=tab]").all_inner_texts()
    for name in names:
        page.locator(pane).get_by_role("tab", name=name, exact=True).click()
        panel = page.locator(f"{pane} [role=tabpanel]")
        if name not in ("Settings", "Hold", "Baselines"):  # these have controls
            expect(panel.locator(DRAWN).first).to_be_attached(timeout=PATIENCE)
        expect(panel).not_to_contain_text("nothing yet", timeout=PATIENCE)
    return names


@pytest.mark.parametrize("preset", PRESETS)
def test_every_tab_draws(page: Page, preset: str) -> None:
    fresh(page, preset)
    page.get_by_role("button", name="One step").click()
    assert len(see_every_tab(page, "#pane-output")) >= 1
    assert "Weights" in see_every_tab(page, "#pane-inspector")
