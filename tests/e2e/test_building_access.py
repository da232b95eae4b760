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

#: The same for what looks and sets, wherever it is: the place around the middle that takes a touch, in CSS pixels.
OUT_OF_REACH = """() => [...document.querySelectorAll(
    '.stepper button, .stepper input, .slider input, .quiet, .neuron, .bias, .units button, .pages button, summary')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 2)
  .map((one) => {
    one.scrollIntoView({ block: 'center' });
    const box = one.getBoundingClientRect();
    const takes = (x, y) => one.contains(document.elementFromPoint(x, y));
    let [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const reach = (dx, dy) => {
      let far = 0;
      while (far < 60 && takes(x + dx * (far + 1), y + dy * (far + 1))) far += 1;
      return far;
    };
    const size = [reach(-1, 0) + reach(1, 0) + 1, reach(0, -1) + reach(0, 1) + 1];
    return [one.getAttribute('aria-label') || one.textContent.trim() || one.type, ...size];
  })
  .filter(([, width, height]) => width < 43 || height < 43)"""


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


@pytest.mark.parametrize("preset", ["mnist-cnn", "circle-mlp"])
def test_a_finger_hits_what_looks_and_sets(page: Page, preset: str) -> None:
    fresh(page, preset)
    page.set_viewport_size(PHONE)
    for pane in ("Network", "Output", "Data & learning"):
        page.get_by_role("button", name=pane, exact=True).click()
        expect(page.get_by_role("button", name=pane, exact=True)).to_have_attribute("aria-current", "page")
        assert page.evaluate(OUT_OF_REACH) == [], pane
