"""Pictures of one's own in the browser: a folder is packed there, what is wrong is named, then a network learns it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_access import complaints
from tests.pictures import two_classes, zipped

pytestmark = pytest.mark.timeout(240)
PATIENCE = 90_000


def test_from_a_folder_to_a_picture_painted_for_the_network(page: Page, tmp_path: Path) -> None:
    page.wait_for_url(re.compile(r"/runs/r\w+$"))
    first = page.url
    page.get_by_role("button", name="Your own pictures …").click(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible(timeout=PATIENCE)
    broken = zipped(two_classes() | {"set/red/half.png": b"\x89PNG\r\n\x1a\n"})
    chosen = {"name": "broken.zip", "mimeType": "application/zip", "buffer": broken}
    page.get_by_label("Zip of pictures").set_input_files(chosen)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_contain_text("set/red/half.png", timeout=PATIENCE)

    for name, data in two_classes(8).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    page.get_by_label("Folder of pictures").set_input_files(tmp_path / "set")
    train = page.get_by_role("button", name="Train on it")
    expect(train).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("img", name="blue, picture 1")).to_be_visible()
    assert complaints(page, "own pictures") == []
    train.click()
    page.wait_for_url(lambda url: url != first and "/runs/r" in url, timeout=PATIENCE)
    expect(page.get_by_text("12 training · 4 test")).to_be_visible(timeout=PATIENCE)
    pad = page.get_by_label("Painting pad, 32 by 32 pixels")
    pad.press("Space")
    expect(page.get_by_text(re.compile("says (red|blue)")).first).to_be_visible(timeout=PATIENCE)
    assert complaints(page, "painting pad") == []
