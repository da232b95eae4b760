"""A person's own table in the browser: from the file to a network that predicts it, with every fault at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_access import complaints

pytestmark = pytest.mark.timeout(240)
PATIENCE = 90_000
EXAMPLE = Path(__file__).parents[1] / "contract" / "own_table.csv"


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Your own table …").click(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible(timeout=PATIENCE)


def choose(page: Page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": data}
    page.get_by_label("CSV file").set_input_files(file)  # type: ignore[arg-type]


def test_from_a_file_to_a_confusion_matrix(page: Page) -> None:
    page.wait_for_url(re.compile(r"/runs/r\w+$"))
    first = page.url
    open_dialog(page)
    choose(page, "broken.csv", b"a,b\n1,2\n1,2,3\n")
    words = "“broken.csv”: Row 3 has 3 cells where the first row has 2."
    expect(page.get_by_role("alert")).to_have_text(words, timeout=PATIENCE)
    choose(page, "flats.csv", EXAMPLE.read_bytes())
    train = page.get_by_role("button", name="Train on it")
    expect(train).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_have_count(0)

    # What was guessed: the counter and free text are left out, the last column is predicted.
    expect(page.get_by_label("Predict", exact=True)).to_have_value("class")
    expect(page.get_by_role("checkbox", name="id", exact=True)).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="size")).to_be_checked()
    expect(page.get_by_role("row", name=re.compile("size"))).to_contain_text("1 missing, row 4")
    expect(page.get_by_text(re.compile("Tells which of 2 classes"))).to_be_visible()

    # Markup in a cell is text.
    page.get_by_text("First rows", exact=True).click()
    expect(page.get_by_role("cell", name="<b>new</b>", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="=1+1", exact=True)).to_be_visible()

    assert complaints(page, "columns, desk") == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert complaints(page, "columns, phone") == []
    assert page.evaluate("document.querySelector('dialog[open]').scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})

    # A choice that cannot work is said, with its column marked.
    for name in ("size", "rooms", "heating", "price"):
        page.get_by_role("checkbox", name=name).uncheck()
    expect(train).to_be_disabled()
    page.get_by_role("checkbox", name="size").check()
    page.get_by_role("checkbox", name="heating").check()
    page.get_by_label(re.compile("Rows with a gap")).select_option("fill")
    train.click()
    page.wait_for_url(lambda url: bool(re.search(r"/runs/r\w+$", url)) and url != first, timeout=PATIENCE)
    expect(page.get_by_text("flats.csv: class").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("8 training · 4 test")).to_be_visible(timeout=PATIENCE)

    # Its rows, and what the network makes of them.
    rows = page.get_by_role("region", name="Training rows")
    expect(rows.get_by_role("columnheader", name="heating: heat pump")).to_be_attached(timeout=PATIENCE)
    page.get_by_role("button", name="Show training row 2").click()
    expect(page.get_by_role("button", name="Show training row 2")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name="Confusion").click()
    expect(page.get_by_role("tabpanel", name="Confusion")).to_contain_text("of 4 test rows right", timeout=PATIENCE)


def test_pasted_rows_predict_a_number(page: Page) -> None:
    page.wait_for_url(re.compile(r"/runs/r\w+$"))
    first = page.url
    open_dialog(page)
    page.get_by_text("Paste rows instead").click()
    rows = "".join(f"{i / 7:.2f};{i % 5};{3 * i}\n" for i in range(60))
    page.get_by_label("Rows of a table").fill("length;sort;weight\n" + rows)
    page.get_by_role("button", name="Use these rows").click()
    train = page.get_by_role("button", name="Train on it")
    expect(train).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("Predicts a number from 2 columns"))).to_be_visible()
    page.get_by_label("Predict", exact=True).select_option("sort")
    expect(page.get_by_text(re.compile("Tells which of 5 classes"))).to_be_visible()
    page.get_by_label("Predict", exact=True).select_option("weight")
    train.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: bool(re.search(r"/runs/r\w+$", url)) and url != first, timeout=PATIENCE)
    expect(page.get_by_role("region", name="Predicted against true")).to_contain_text("mean error", timeout=PATIENCE)


def test_a_file_that_is_too_large_is_never_sent(page: Page) -> None:
    page.wait_for_url(re.compile(r"/runs/r\w+$"))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    open_dialog(page)
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(40 * 2 ** 20)], 'huge.csv', {type: 'text/csv'}));
          document.querySelector('dialog[open] .drop').dispatchEvent(
            new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.get_by_role("alert")).to_contain_text("at most 32 MB can be taken", timeout=PATIENCE)
    assert not [url for url in sent if "/api/tables" in url]
