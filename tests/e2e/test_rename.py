"""The experiment's name in the header: renamed with the keyboard, left as it was, refused when empty."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .test_mnist import PATIENCE, api, fresh


def test_the_name_is_edited_in_its_place(page: Page) -> None:
    run = fresh(page, "circle-mlp")
    name = page.get_by_role("button", name=re.compile(": rename$"))
    field = page.get_by_label("Name of the experiment")
    expect(name).to_have_text("Circle", timeout=PATIENCE)

    name.focus()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("My   ring")
    page.keyboard.press("Escape")
    expect(name).to_have_text("Circle")
    expect(name).to_be_focused()

    name.click()
    field.fill("   ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("at least one letter")
    field.fill("A ring of points")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(name).to_have_text("A ring of points")
    expect(page).to_have_title("A ring of points · Torchglass")

    page.reload()
    expect(name).to_have_text("A ring of points", timeout=PATIENCE)
    assert api(page, f"/api/runs/{run}")["name"] == "A ring of points"
