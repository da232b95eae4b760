"""The tests, tier by tier (DESIGN: test tiers). Fails at the first tier that fails; pytest's summary comes last.

.venv/bin/python tools/run_tests.py [--full] [pytest arguments]
"""

from __future__ import annotations

import os
import subprocess
import sys

import ensure_chromium
import nodejs
from house import FRONTEND, ROOT, VENV_PYTHON, ToolError, fail, run, say

TIERS = (
    "tests/unit",
    "tests/contract",
    "tests/seams",
    "tests/integration",
    "tests/faults",
    "tests/load",
    "tests/e2e",
)


def holds_tests(folder: str) -> bool:
    """Whether a tier has tests: pytest refuses a folder that is not there."""
    return any((ROOT / folder).rglob("test_*.py"))


def main() -> None:
    """Linters and types, the front end's unit tests, then one pytest run over every tier."""
    arguments = sys.argv[1:]
    full = "--full" in arguments
    tiers = [tier for tier in TIERS if holds_tests(tier)]
    try:
        chromium = ensure_chromium.ensure()
        say(f"Browser: {chromium}")
        run([VENV_PYTHON, "tools/run_checks.py"])
        nodejs.npm(["run", "--silent", "test"], FRONTEND)
        run([VENV_PYTHON, "-m", "torchglass.training.steppers.build"])  # once, not beside every test
    except ToolError as error:
        fail(str(error))
    sys.stderr.flush()
    environment = {
        **os.environ,
        ensure_chromium.VARIABLE: chromium,
        "TORCHGLASS_TEST_TIER": "full" if full else "default",
    }
    rest = [argument for argument in arguments if argument != "--full"]
    command = [str(VENV_PYTHON), "-m", "pytest", *tiers, "--durations=10", *rest]
    raise SystemExit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
