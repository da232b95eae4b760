"""The network builder for everyone: what axe finds in each of its states, and places large enough for a finger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_access import DESK, NO_MOTION, PHONE, complaints, everywhere
from tests.e2e.test_building import empty, palette
from tests.e2e.test_mnist import PATIENCE, fresh

pytestmark = pytest.mark.timeout(180)

#: Controls of the builder that a finger can not hit: what counts is the place that takes it, not what is drawn.
TOO_SMALL = """() => [...document.querySelectorAll('.tools button, .bar button, .start button, .panel [role=option]')]
  .filter((one) => one.checkVisibility())
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const reach = parseFloat(getComputedStyle(one, '::after').height) || 0;
    return Math.max(box.height, reach) < 43.5;
  })
  .map((one) => one.textContent.trim() || one.getAttribute('aria-label'))"""


def both_themes(page: Page, state: str) -> list[str]:
    """Complaints about a window that lies over the page, where no button of the page can be pressed."""
    found = []
    for theme in ("dark", "light"):
        page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            found += complaints(page, f"{state}, {size['width']}, {theme}")
    page.set_viewport_size(DESK)
    return found


def test_axe_finds_nothing_serious_while_building(page: Page) -> None:
    page.emulate_media(**NO_MOTION)
    empty(page)
    found = everywhere(page, "empty canvas")
    palette(page)
    found += everywhere(page, "list of layers")
    page.get_by_role("combobox", name="Find a layer or block").fill("convolution")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Not ready to train")).to_be_visible(timeout=PATIENCE)
    page.locator("[data-card]").last.click()
    expect(page.locator("math").first).to_be_visible(timeout=PATIENCE)
    found += everywhere(page, "a layer's settings and what is missing", ("Network", "Output"))
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(("key", "there"), [("t", "class Model(nn.Module):"), ("o", "Open an experiment")])
def test_axe_finds_nothing_serious_in_the_windows_of_taking_away(page: Page, key: str, there: str) -> None:
    page.emulate_media(**NO_MOTION)
    fresh(page, "mnist-softmax")
    page.keyboard.press(key)
    expect(page.get_by_role("dialog").get_by_text(there).first).to_be_visible(timeout=PATIENCE)
    found = both_themes(page, there)
    assert found == [], "\n".join(found)


def test_a_finger_hits_what_builds(page: Page) -> None:
    empty(page)
    page.set_viewport_size(PHONE)
    assert page.evaluate(TOO_SMALL) == []
    palette(page)
    assert page.evaluate(TOO_SMALL) == []
