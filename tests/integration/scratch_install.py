"""Installs Torchglass as a user would, into a scratch environment, and talks to the server that it starts there."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_sources(target: Path) -> Path:
    """Copy what git knows or would add: the tree of a fresh clone, nothing that tools made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def lend_built_parts(target: Path) -> None:
    """Put the page and the data that were built here into a copy of the sources; the hook makes them if stale."""
    for part in ("static", "datasets/bundled"):
        built = ROOT / "backend/torchglass" / part
        shutil.copytree(built, target / "backend/torchglass" / part, dirs_exist_ok=True)


def shell(command: str | Sequence[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command (a string goes through sh), fail with its whole output, return standard output."""
    done = subprocess.run(
        command, cwd=cwd, env=env, shell=isinstance(command, str), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def lend_heavy_packages(python: Path) -> None:
    """Let a scratch environment see this one's packages behind its own; not our editable install, nor its links."""
    folder = shell([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], python.parent).strip()
    Path(folder, "zz_lent.pth").write_text(sysconfig.get_path("purelib") + "\n")


def environment(home: Path, *first: Path) -> dict[str, str]:
    """A user's environment: an empty home, ``first`` on PATH, nothing that points into this work tree."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TORCHGLASS", "VIRTUAL_ENV"))
    }
    return {**kept, "HOME": str(home), "PATH": os.pathsep.join([*map(str, first), os.environ["PATH"]])}


def build_environment(home: Path, traps: Path) -> dict[str, str]:
    """For building wheels: the system's node and npm are traps that fail, pip neither isolates nor adds packages."""
    traps.mkdir(parents=True, exist_ok=True)
    for name in ("node", "npm", "npx"):
        (traps / name).write_text(f"#!/bin/sh\necho 'the system {name} was used' >&2\nexit 97\n")
        (traps / name).chmod(0o755)
    quick = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_DEPS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**environment(home, traps, Path(sys.executable).parent), **quick}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], cwd: Path, env: dict[str, str]) -> Iterator[str]:
    """Start a server, give the address from the line that it prints, and end it with SIGTERM."""
    log = cwd / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"no address in {line!r}\n{log.read_text()}"
        yield found.group()
        process.terminate()
        begin = time.monotonic()
        process.wait(20)
        assert time.monotonic() - begin < 15, "the server took long to end"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


class Visitor:
    """A browser's worth of HTTP: keeps cookies, follows redirects."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, url: str) -> tuple[int, str]:
        """(status, text) of an answer, errors included."""
        try:
            with self._opener.open(url, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
