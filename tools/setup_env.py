"""Prepares everything that Torchglass runs from: .venv, the built front end, the bundled data.

``make setup`` calls this with the system's Python: standard library only. Each part is made again only when the
content of its inputs changed, so a second call takes a fraction of a second.

    python3 tools/setup_env.py [--dev] [--only venv|page|all]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import build_frontend
import bundle_data
from house import ROOT, VENV, VENV_PYTHON, ToolError, digest, fail, require_python, run, say, stamp_holds, write_stamp

CONSTRAINTS = ROOT / "constraints.txt"


def main() -> None:
    """Parse the arguments and make what is missing or stale."""
    require_python()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also what tests and linters need")
    parser.add_argument("--only", choices=("venv", "page", "all"), default="all", help="venv: packages of both kinds")
    options = parser.parse_args()
    try:
        ensure_venv()
        ensure_build_packages()
        with ThreadPoolExecutor() as pool:  # what waits for the network, and what keeps a processor busy
            begun = [pool.submit(part) for part in (lambda: ensure_packages(dev=options.dev), *parts(options.only))]
        for part in begun:
            part.result()
    except ToolError as error:
        fail(str(error))


def parts(only: str) -> tuple[Callable[[], None], ...]:
    """What needs the packages of the build alone."""
    return {"venv": (ensure_node_packages,), "page": (ensure_page,), "all": (ensure_page, ensure_data)}[only]


def ensure_node_packages() -> None:
    """Install what the front end's linters and tests need, unless it is current."""
    if not build_frontend.packages_are_current():
        run([VENV_PYTHON, ROOT / "tools" / "build_frontend.py", "--packages-only"])


def ensure_page() -> None:
    """Build the front end unless the built one was made from today's sources."""
    if not build_frontend.is_current():
        run([VENV_PYTHON, ROOT / "tools" / "build_frontend.py"])


def ensure_data() -> None:
    """Assemble the bundled data unless they are complete."""
    if not bundle_data.is_current():
        run([VENV_PYTHON, ROOT / "tools" / "bundle_data.py"])


def ensure_venv() -> None:
    """Make .venv, or make it again when its Python is gone, too old or was moved here from elsewhere."""
    if venv_works():
        return
    if VENV.exists():
        say("The virtual environment .venv does not work here (moved, or its Python is gone): making it again")
        shutil.rmtree(VENV)
    say(f"Creating .venv with Python {sys.version.split()[0]}")
    if create_venv():
        return
    if may_install_debian_packages():
        say("Python's venv module is not complete: installing Debian's python3-venv")
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv"])
        if create_venv():
            return
    raise ToolError(
        f"{sys.executable} cannot create a virtual environment.\n"
        "  On Debian and Ubuntu the package python3-venv is missing: sudo apt-get install python3-venv\n"
        "  Elsewhere, name a complete Python: make run PYTHON=/path/to/python3"
    )


def venv_works() -> bool:
    """Whether .venv's Python starts, is recent enough and believes that it lives here."""
    if not VENV_PYTHON.exists():
        return False
    question = "import json, sys; print(json.dumps([sys.prefix, sys.version_info[:2]]))"
    answer = subprocess.run([VENV_PYTHON, "-I", "-c", question], capture_output=True, text=True, check=False)
    if answer.returncode != 0 or (not any((VENV / "lib").glob("python*/site-packages/pip")) and os.name != "nt"):
        return False
    prefix, version = json.loads(answer.stdout)
    configured = (VENV / "pyvenv.cfg").read_text()
    moved = "command = " in configured and str(VENV) not in configured
    return Path(prefix).resolve() == VENV.resolve() and tuple(version) >= (3, 11) and not moved


def create_venv() -> bool:
    """Try to create .venv; leaves nothing behind when that fails."""
    attempt = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if attempt.returncode != 0:
        print(attempt.stdout + attempt.stderr, file=sys.stderr)
        shutil.rmtree(VENV, ignore_errors=True)
    return attempt.returncode == 0


def may_install_debian_packages() -> bool:
    """Whether we are root on a Debian-like system, using its own Python."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and shutil.which("apt-get") is not None and sys.executable.startswith("/usr/bin/")


def requirements(dev: bool) -> tuple[list[str], list[str]]:
    """(build requirements, the project as pip wants it named) from pyproject.toml."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [*project["build-system"]["requires"], "editables"], ["-e", ".[dev]" if dev else "."]


def packages_digest() -> str:
    """Changes when what pip would install changes, and not when a linter's setting does."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = json.dumps([project["project"], project["build-system"], project["tool"]["hatch"]], sort_keys=True)
    return digest([CONSTRAINTS, wanted, (VENV / "pyvenv.cfg").read_text()])


def pip_install(*arguments: str | Path) -> None:
    """Install the pinned versions of what is named."""
    pip: list[str | Path] = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run([*pip, "-c", CONSTRAINTS, *arguments])


def stamps() -> tuple[Path, Path]:
    """Of .venv without and with what tests and linters need."""
    return VENV / ".stamp-run", VENV / ".stamp-dev"


def ensure_build_packages() -> None:
    """Install what builds the project, the page and the data: node among them."""
    wanted = packages_digest()
    if not any(stamp_holds(stamp, wanted) for stamp in stamps()):
        say("Installing what builds Torchglass")
        pip_install(*requirements(dev=False)[0])


def ensure_packages(dev: bool) -> None:
    """Install the pinned packages (with ``dev`` those of tests and linters too), and Torchglass as editable."""
    wanted = packages_digest()
    without, with_dev = stamps()
    if stamp_holds(with_dev, wanted) or (not dev and stamp_holds(without, wanted)):
        return
    say("Installing packages" + (" for tests and linters" if dev else "") + " (the first time takes minutes)")
    pip_install("--no-build-isolation", *requirements(dev)[1])
    write_stamp(with_dev if dev else without, wanted)


if __name__ == "__main__":
    main()
