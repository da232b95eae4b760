"""Builds the front end into backend/torchglass/static/ with the node that a Python package brings.

Standard library only, as the wheel's build hook uses it too. What is current is told by the content of the
sources, not by their times, so a fresh clone or a touched file does not cost a build.

    .venv/bin/python tools/build_frontend.py [--packages-only]
"""

from __future__ import annotations

import sys

import nodejs
from house import FRONTEND, PACKAGE, ToolError, digest, fail, files_below, say, stamp_holds, write_stamp

STATIC = PACKAGE / "static"
MANIFEST = STATIC / ".vite" / "manifest.json"
BUILD_STAMP = STATIC / ".torchglass-stamp"
PACKAGES_STAMP = FRONTEND / "node_modules" / ".torchglass-stamp"


def packages_digest() -> str:
    """Changes when ``npm ci`` would install something else."""
    return digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])


def packages_are_current() -> bool:
    """Whether frontend/node_modules was installed from today's lock file."""
    return stamp_holds(PACKAGES_STAMP, packages_digest())


def is_current() -> bool:
    """Whether the built page was made from today's sources."""
    return MANIFEST.is_file() and stamp_holds(BUILD_STAMP, digest(files_below(FRONTEND)))


def install_packages() -> None:
    """``npm ci``, unless node_modules is current. Install scripts of packages are not run."""
    if packages_are_current():
        return
    say("Installing the front end's packages")
    nodejs.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], FRONTEND)
    write_stamp(PACKAGES_STAMP, packages_digest())


def build() -> None:
    """Install packages and build the page; raises `ToolError` when no manifest comes out."""
    if not (FRONTEND / "package-lock.json").is_file():
        raise ToolError(f"The front end's sources are missing: there is no {FRONTEND / 'package-lock.json'}")
    inputs = digest(files_below(FRONTEND))
    install_packages()
    say("Building the front end")
    nodejs.npm(["run", "--silent", "build"], FRONTEND)
    if not MANIFEST.is_file():
        raise ToolError(f"The front end's build ended well but wrote no {MANIFEST}")
    write_stamp(BUILD_STAMP, inputs)


def main() -> None:
    """Build, or only install the packages that linters and tests need."""
    try:
        if "--packages-only" in sys.argv[1:]:
            install_packages()
        elif not is_current():
            build()
    except ToolError as error:
        fail(str(error))


if __name__ == "__main__":
    main()
