"""The tests, tier by tier (DESIGN: test tiers). Linters come first; pytest's summaries come last.

Linters, the front end's unit tests and the compiler of the native step share the processors, while a browser is found
or fetched. Processes share the tests that only compute, a file to each; two share those that start servers and workers
and wait for what these say, then those that drive browsers; those that look at clocks and break things run one after
the other, so that none is late because of another.

.venv/bin/python tools/run_tests.py [--full] [pytest arguments]
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import ensure_chromium
from house import ROOT, VENV_PYTHON, ToolError, fail, say
from run_checks import CHECKS, Check, failures, npm_script

SHARED = ("tests/contract", "tests/unit")
IN_PAIRS = ("tests/integration", "tests/seams")
IN_BROWSERS = ("tests/e2e",)
ALONE = ("tests/gpu", "tests/faults", "tests/load")
#: Processes that share the tests.
PROCESSES = min(4, max(2, os.cpu_count() or 1))
#: The longest first. The native step is compiled once, not beside every test.
BEFORE = (
    Check("front end's unit tests", npm_script("test")),
    Check("compiled step", (str(VENV_PYTHON), "-m", "torchglass.training.steppers.build")),
    *CHECKS,
)


def holds_tests(folder: str) -> bool:
    """Whether a tier has tests: pytest refuses a folder that is not there."""
    return any((ROOT / folder).rglob("test_*.py"))


def check_all() -> str:
    """Everything that is no test in Python; the path of a browser."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        browser = beside.submit(ensure_chromium.ensure)
        failed = failures(BEFORE)
    try:
        chromium = browser.result()
    except ToolError as error:
        fail(str(error))
    if failed:
        fail(f"make test: {'; '.join(failed)} complained; see above.")
    say(f"Browser: {chromium}")
    return chromium


def main() -> None:
    """Linters and types, the front end's unit tests, then every tier of the Python tests."""
    arguments = sys.argv[1:]
    full = "--full" in arguments
    environment = {
        **os.environ,
        ensure_chromium.VARIABLE: check_all(),
        "TORCHGLASS_TEST_TIER": "full" if full else "default",
    }
    rest = [argument for argument in arguments if argument != "--full"]

    def sharing(processes: int) -> list[str]:
        """A file to each, in the order of tests/conftest.py: the longest are not left for the end."""
        return [f"--numprocesses={processes}", "--dist=loadfile", "--no-loadscope-reorder"]

    statuses = []
    alone: list[str] = []
    queues = ((SHARED, sharing(PROCESSES)), (IN_PAIRS, sharing(2)), (IN_BROWSERS, sharing(2)), (ALONE, alone))
    for tiers, options in queues:
        held = [tier for tier in tiers if holds_tests(tier)]
        command = [str(VENV_PYTHON), "-m", "pytest", *held, *options, "--durations=10", *rest]
        statuses.append(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
    raise SystemExit(max(statuses))


if __name__ == "__main__":
    main()
