"""``make bench``: runs every ``benchmarks/*.py`` in turn; each prints its own figures.

.venv/bin/python tools/run_bench.py [NAME ...]
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

from house import ROOT, VENV_PYTHON, fail


def main() -> None:
    """Run the named benchmarks (without ``.py``), or all; status 1 when one fails."""
    scripts = sorted((ROOT / "benchmarks").glob("*.py"))
    names = sys.argv[1:]
    chosen = [script for script in scripts if not names or script.stem in names]
    if not chosen:
        have = ", ".join(script.stem for script in scripts) or "none yet"
        fail(f"No such benchmark: {', '.join(names) or 'any'}. There are: {have}")
    print(f"# {platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    failed = []
    for script in chosen:
        print(f"\n## {script.stem.removeprefix('bench_')}", flush=True)
        if subprocess.run([VENV_PYTHON, script], cwd=ROOT, check=False).returncode != 0:
            failed.append(script.stem)
    if failed:
        fail(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
