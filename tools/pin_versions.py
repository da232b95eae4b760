"""Writes constraints.txt: the exact version of every package that Torchglass, its tests and its build need.

Versions are those installed in .venv, without local suffixes (``torch 2.13.0+cpu`` becomes ``torch==2.13.0``), so
that a locally provided build of the same version satisfies the pin.

    .venv/bin/python tools/pin_versions.py
"""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from house import ROOT, ToolError, fail, say

HEADER = (
    "# Written by `make pin`: every package and its version, known to work together. Ranges are in pyproject.toml.\n"
)


def direct_requirements() -> list[str]:
    """What pyproject.toml asks for: to run, to test and to build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"].get("optional-dependencies", {})
    return [
        *project["project"]["dependencies"],
        *(line for lines in extras.values() for line in lines),
        *project["build-system"]["requires"],
    ]


def closure(lines: list[str]) -> dict[str, Version]:
    """Installed version by name of the packages in ``lines`` and of all that they need on this system."""
    versions: dict[str, Version] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(Requirement(line), frozenset[str]()) for line in lines]
    while waiting:
        requirement, extras = waiting.pop()
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        name, asked = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, asked) in seen:
            continue
        seen.add((name, asked))
        try:
            found = distribution(name)
        except PackageNotFoundError as error:
            raise ToolError(f"{name} is not installed in .venv; run `make setup` first.") from error
        versions[name] = Version(found.version)
        waiting += [(Requirement(line), asked) for line in found.requires or []]
    return versions


def main() -> None:
    """Write the file."""
    try:
        versions = closure(direct_requirements())
    except ToolError as error:
        fail(str(error))
    lines = [f"{name}=={version.public}\n" for name, version in sorted(versions.items())]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(lines))
    say(f"Pinned {len(lines)} packages in constraints.txt")


if __name__ == "__main__":
    main()
