"""Finds a Chromium for the browser tests, or installs one; prints its path on standard output.

Looks at TORCHGLASS_CHROMIUM, then on PATH, then at what Playwright has. Finding none it installs Debian's package
when it may, otherwise Playwright's own build. It never answers "skip": without a browser it fails and says why.

    .venv/bin/python tools/ensure_chromium.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from house import SCRIPTS, ToolError, fail, run, say

VARIABLE = "TORCHGLASS_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The fonts are for the pictures: without any, Chromium draws no text.
DEBIAN_PACKAGES = ("chromium", "fonts-liberation", "fonts-dejavu-core")


def starts(executable: str) -> bool:
    """Whether the browser starts and says its version."""
    try:
        answer = subprocess.run([executable, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def candidates() -> Iterator[str]:
    """Where a Chromium may be, most wanted first."""
    yield from (path for name in NAMES if (path := shutil.which(name)))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).is_file():
        yield path


def find() -> str | None:
    """Path of a Chromium that starts, if there is one; a wrong TORCHGLASS_CHROMIUM is an error, not ignored."""
    named = os.environ.get(VARIABLE)
    if named:
        if not starts(named):
            raise ToolError(f"{VARIABLE}={named} does not start; unset it, or name a Chromium that does.")
        return named
    return next((path for path in candidates() if starts(path)), None)


def install_debian_package() -> None:
    """Install Debian's Chromium; raises `ToolError` when that fails."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env=env)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES], env=env)


def install_playwright_build() -> None:
    """Download Playwright's own Chromium; raises `ToolError` when that fails."""
    run([SCRIPTS / "playwright", "install", "chromium"])


def ensure() -> str:
    """Path of a Chromium that starts, installed if need be; raises `ToolError` when there is no way."""
    found = find()
    if found:
        return found
    may_use_apt = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None
    ways = [("Debian's package", install_debian_package)] if may_use_apt else []
    ways.append(("Playwright's build", install_playwright_build))
    troubles = []
    for name, install in ways:
        say(f"No Chromium found: installing {name}")
        try:
            install()
        except ToolError as error:
            troubles.append(f"  {name}: {error}")
            continue
        if found := find():
            return found
        troubles.append(f"  {name}: installed, but it does not start")
    raise ToolError(
        "The browser tests need Chromium, and none could be found or installed:\n"
        + "\n".join(troubles)
        + f"\nInstall one yourself (Debian: sudo apt-get install chromium), or set {VARIABLE} to its path."
    )


if __name__ == "__main__":
    try:
        print(ensure())
    except ToolError as error:
        fail(str(error))
