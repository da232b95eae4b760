"""The code of an experiment on the page: read, copied, downloaded, run; and experiments brought back."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.export_runs import metrics, run, trained
from torchglass.presets import load_preset

from .conftest import Server
from .test_mnist import PATIENCE


@pytest.fixture
def iris(page: Page) -> Page:
    """The page with a run of a small table."""
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=60_000)
    before = page.url
    page.get_by_role("button", name="Choose an experiment").click()
    page.get_by_role("menuitem", name="Iris").first.click()
    page.wait_for_url(lambda url: url != before, timeout=30_000)
    expect(page.locator(".top .title")).to_have_text("Iris", timeout=30_000)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=60_000)
    return page


def test_the_code_is_shown_copied_downloaded_and_gives_the_same_losses(iris: Page, tmp_path: Path) -> None:
    iris.context.grant_permissions(["clipboard-read", "clipboard-write"])
    iris.keyboard.press("t")
    code = iris.get_by_role("region", name="train.py")
    expect(code).to_contain_text("class Model(nn.Module):", timeout=30_000)
    iris.get_by_role("button", name="Copy").click()
    expect(iris.get_by_role("button", name="Copied")).to_be_visible()
    assert iris.evaluate("navigator.clipboard.readText()") == code.text_content()
    with iris.expect_download(timeout=60_000) as waiting:
        iris.get_by_role("button", name="Script and data").click()
    archive = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(archive)
    assert archive.name == "iris.zip"
    with zipfile.ZipFile(archive) as whole:
        whole.extractall(tmp_path)
    printed = run({"iris": tmp_path / "iris"}, 50)
    ours = trained(load_preset("iris-mlp").model_dump(mode="json"), 50)
    np.testing.assert_allclose(metrics(printed["iris"])["loss"], ours["loss"], rtol=0, atol=1e-5)


def test_an_experiment_comes_back_by_file_paste_and_drop(iris: Page, tmp_path: Path) -> None:
    iris.keyboard.press("t")
    with iris.expect_download(timeout=60_000) as waiting:
        iris.get_by_role("button", name="Experiment (.json)").click()
    file = tmp_path / "iris.json"
    waiting.value.save_as(file)
    iris.keyboard.press("Escape")
    expect(iris.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    document = json.loads(file.read_text()) | {"name": "By file"}
    file.write_text(json.dumps(document))
    iris.keyboard.press("o")
    iris.get_by_label("File with an experiment").set_input_files(file)
    expect(iris.locator(".top .title")).to_have_text("By file", timeout=30_000)
    iris.keyboard.press("o")
    iris.get_by_role("textbox", name="Or paste it here").fill(json.dumps(document | {"name": "<b>By</b> paste"}))
    iris.get_by_role("button", name="Open", exact=True).click()
    expect(iris.locator(".top .title")).to_have_text("<b>By</b> paste", timeout=30_000)
    dropped = iris.evaluate_handle(
        "text => { const held = new DataTransfer(); held.items.add(new File([text], 'x.json')); return held; }",
        json.dumps(document | {"name": "By drop"}),
    )
    iris.dispatch_event("main", "drop", {"dataTransfer": dropped})
    expect(iris.locator(".top .title")).to_have_text("By drop", timeout=30_000)


def test_what_is_no_experiment_is_said_and_changes_nothing(iris: Page, server: Server) -> None:
    address = iris.url
    document = load_preset("iris-mlp").model_dump(mode="json")
    wires = document["network"] | {"edges": document["network"]["edges"][1:]}
    iris.keyboard.press("o")
    text, problem = (
        iris.get_by_role("textbox", name="Or paste it here"),
        iris.get_by_role("dialog").get_by_role("alert"),
    )
    for given, words in (
        ("hello", "no JSON"),
        ("[1, 2]", "no “network”"),
        (json.dumps(document | {"version": 99}), "version"),
        (json.dumps(document | {"name": "x" * 10_000}), "name"),
        (json.dumps(document | {"network": wires}), "hidden1"),
    ):
        text.fill(given)
        expect(problem).to_have_count(0)
        iris.get_by_role("button", name="Open", exact=True).click()
        expect(problem).to_contain_text(words, timeout=20_000)
        assert len(problem.text_content() or "") < 600
    iris.keyboard.press("Escape")
    assert iris.url == address
    expect(iris.locator(".top .title")).to_have_text("Iris")
