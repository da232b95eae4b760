"""Follows a page of docs/: the files that it tells its reader to write, the entry that they add, the commands."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from torchglass.registry import Entry, Registry

E = TypeVar("E", bound=Entry)

_FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w*\n(.*?)^```$", re.S | re.M)


def files_told(page: str) -> dict[str, str]:
    """Path (from the project's root) -> content: every code block that follows a line of the form ```path`:``."""
    return dict(_FILE.findall(page))


def paths_named(page: str) -> set[str]:
    """Files of the project that the page sends its reader to, without those that it has them write."""
    roots = r"(?:backend|frontend|tests|tools|docs)/[\w./-]+\.\w+"
    return set(re.findall(roots, page)) - files_told(page).keys()


def write_files(files: dict[str, str], root: Path) -> None:
    """Put them where the page says, below ``root``; none may be there already."""
    for name, content in files.items():
        target = root / name
        assert not target.exists(), f"{name} exists already: choose another example for the page"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")


def python_is_clean(page: str, root: Path) -> None:
    """The linter and the layout of the project are content with what the page has people write."""
    ruff = [sys.executable, "-m", "ruff"]
    for path, code in files_told(page).items():
        if path.endswith(".py"):
            for command in (
                ["check", "--stdin-filename", path, "-"],
                ["format", "--check", "--stdin-filename", path, "-"],
            ):
                done = subprocess.run(
                    [*ruff, *command], cwd=root, input=code, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, f"{path}\n{done.stdout}\n{done.stderr}"


@contextmanager
def entry_told(registry: Registry[E], page: str, folder: Path) -> Iterator[type[E]]:
    """The one entry that a page adds, found by the registry's own scan in a second folder of its package."""
    package = importlib.import_module(registry.package)
    told = {Path(path).stem: code for path, code in files_told(page).items() if path.startswith("backend/")}
    ((name, code),) = told.items()
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    kept = dict(registry.entries)
    package.__path__.append(str(folder))
    registry._entries = None
    try:
        (added,) = registry.entries.keys() - kept.keys()
        yield registry[added]
    finally:
        package.__path__.remove(str(folder))
        sys.modules.pop(f"{registry.package}.{name}", None)
        registry._entries = kept


def run_commands(page: str, copy: Path, heading: str) -> str:
    """Follows the first shell block under a heading, in a copy of the sources; what it wrote to standard output."""
    block = re.search(rf"^## {re.escape(heading)}$.*?```sh\n(.*?)```", page, re.S | re.M)
    assert block, heading
    commands = block[1].replace(".venv/bin/python", sys.executable)
    commands = commands.replace(".venv/bin/torchglass", f"{sys.executable} -m torchglass")
    env = {**os.environ, "PYTHONPATH": str(copy / "backend")}
    done = subprocess.run(["sh", "-ec", commands], cwd=copy, env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return done.stdout
