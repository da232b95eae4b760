"""Linters and types: everything that can be said about the code without running it.

All checks run, two at a time and the longest first; each prints one line, and its whole output only when it complains.

    .venv/bin/python tools/run_checks.py [NAME ...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from house import ROOT, SCRIPTS, VENV_PYTHON, fail


@dataclass(frozen=True)
class Check:
    """A command that ends with 0 when all is well; ``part`` tells those of one name apart."""

    name: str
    command: tuple[str, ...]
    part: str = ""


def npm_script(name: str) -> tuple[str, ...]:
    """The command that runs a script of frontend/package.json."""
    return (str(VENV_PYTHON), "tools/nodejs.py", "run", "--silent", name)


CHECKS = (
    Check("types", (str(SCRIPTS / "mypy"),)),
    Check("frontend", npm_script("check:lint"), "eslint"),
    Check("frontend", npm_script("check:types"), "svelte-check"),
    Check("frontend", npm_script("check:format"), "prettier"),
    Check("lint", (str(SCRIPTS / "ruff"), "check", ".")),
    Check("format", (str(SCRIPTS / "ruff"), "format", "--check", ".")),
    Check("imports", (str(SCRIPTS / "lint-imports"), "--no-logo", "--cache-dir", ".import_linter_cache")),
)


def run_check(check: Check) -> tuple[Check, bool, str, float]:
    """(check, whether it passed, what it printed, seconds)."""
    begin = time.monotonic()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "backend"), str(ROOT)]), "NO_COLOR": "1"}
    done = subprocess.run(check.command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return check, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - begin


def failures(checks: Sequence[Check]) -> list[str]:
    """Run them and print what they say; the names of those that complained."""
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in as_completed([pool.submit(run_check, check) for check in checks]):
            check, passed, output, seconds = done.result()
            name = f"{check.name}, {check.part}" if check.part else check.name
            print(f"{'✓' if passed else '✗'} {name} ({seconds:.1f} s)", file=sys.stderr, flush=True)
            if not passed:
                failed.append(name)
                print(output, file=sys.stderr, flush=True)
    return failed


def main() -> None:
    """Run the named checks, or all; status 1 when one of them complains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"any of: {', '.join(sorted({check.name for check in CHECKS}))}")
    names = parser.parse_args().names
    unknown = set(names) - {check.name for check in CHECKS}
    if unknown:
        parser.error(f"there is no check called {', '.join(sorted(unknown))}")
    failed = failures([check for check in CHECKS if not names or check.name in names])
    if failed:
        fail(f"make check: {'; '.join(failed)} complained; see above.")


if __name__ == "__main__":
    main()
