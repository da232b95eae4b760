"""The papers stay true: links resolve, and what ARCHITECTURE.md names exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "backend/torchglass"
PAPERS = sorted(
    ROOT / name
    for name in subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, text=True, capture_output=True, check=True)
    .stdout.strip()
    .splitlines()
)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_resolve(paper):
    text = re.sub(r"```.*?```", "", paper.read_text(), flags=re.DOTALL)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    broken = [link for link in links if link and not (paper.parent / link).exists()]
    assert broken == []


def test_what_the_architecture_names_exists():
    """Every path in backticks with a slash or a file ending is there, seen from the root, the package or the page."""
    text = re.sub(r"```.*?```", "", (ROOT / "ARCHITECTURE.md").read_text(), flags=re.DOTALL)
    named = {name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name or name.endswith((".py", ".json"))}
    roots = (ROOT, PACKAGE, ROOT / "frontend/src", PACKAGE / "sessions", PACKAGE / "auth")
    missing = sorted(name for name in named if not any((root / name).exists() for root in roots))
    assert len(named) > 15
    assert missing == []
