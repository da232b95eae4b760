"""The tests, tier by tier (DESIGN: test tiers). Linters come first; pytest's summaries come last.

Processes share the tests that only compute, a file to each; two share those that start servers and workers and wait for
what these say, then those that drive browsers; those that look at clocks and break things run one after the other, so
that none is late because of another.

.venv/bin/python tools/run_tests.py [--full] [pytest arguments]
"""

from __future__ import annotations

import os
import subprocess
import sys

import ensure_chromium
import nodejs
from house import FRONTEND, ROOT, VENV_PYTHON, ToolError, fail, run, say

SHARED = ("tests/unit", "tests/contract")
IN_PAIRS = ("tests/seams", "tests/integration")
IN_BROWSERS = ("tests/e2e",)
ALONE = ("tests/gpu", "tests/faults", "tests/load")
#: Processes that share the tests.
PROCESSES = min(4, max(2, os.cpu_count() or 1))


def holds_tests(folder: str) -> bool:
    """Whether a tier has tests: pytest refuses a folder that is not there."""
    return any((ROOT / folder).rglob("test_*.py"))


def main() -> None:
    """Linters and types, the front end's unit tests, then every tier of the Python tests."""
    arguments = sys.argv[1:]
    full = "--full" in arguments
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
    shared = [f"--numprocesses={PROCESSES}", "--dist=loadfile"]
    statuses = []
    in_pairs = ["--numprocesses=2", "--dist=loadfile"]
    for tiers, options in ((SHARED, shared), (IN_PAIRS, in_pairs), (IN_BROWSERS, in_pairs), (ALONE, [])):
        held = [tier for tier in tiers if holds_tests(tier)]
        command = [str(VENV_PYTHON), "-m", "pytest", *held, *options, "--durations=10", *rest]
        statuses.append(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
    raise SystemExit(max(statuses))


if __name__ == "__main__":
    main()
