"""What the tools share: where things are, stamps over the content of inputs, running a command, saying what failed.

Standard library only: this runs under the system's Python before ``.venv`` exists, and inside the wheel's build.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
VENV_PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
PACKAGE = ROOT / "backend" / "torchglass"
FRONTEND = ROOT / "frontend"
OLDEST_PYTHON = (3, 11)

#: Folders that hold what tools made, never what a person wrote.
GENERATED = frozenset({"node_modules", "dist", "coverage", "__pycache__"})


class ToolError(Exception):
    """Something that the person at the keyboard can act on: the message says what and how."""


def say(message: str) -> None:
    """One line about what happens now, on standard error: standard output belongs to results."""
    print(f"· {message}", file=sys.stderr, flush=True)


def fail(message: str) -> NoReturn:
    """End this tool with status 1 and a message in words."""
    print(f"\n✗ {message}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def require_python() -> None:
    """Fail in words under a Python that is too old for Torchglass."""
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        fail(f"Torchglass needs Python 3.11 or newer; {sys.executable} is {have}. Try: make run PYTHON=python3.11")


def run(command: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command with its output shown on standard error; raises `ToolError` when it does not end with 0."""
    words = [str(word) for word in command]
    try:
        status = subprocess.run(
            words, cwd=cwd, env=None if env is None else dict(env), stdout=sys.stderr, check=False
        ).returncode
    except OSError as error:
        raise ToolError(f"Could not start {words[0]}: {error.strerror}") from error
    if status != 0:
        raise ToolError(f"This command ended with status {status}: {' '.join(words)}")


def files_below(folder: Path) -> list[Path]:
    """Every file below ``folder`` that a person wrote, sorted; generated and hidden folders are left out."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in GENERATED and not name.startswith("."))
        found += [Path(place, name) for name in sorted(names)]
    return found


def digest(parts: Iterable[Path | str]) -> str:
    """SHA-256 over texts and over names and contents of files (a missing file counts as absent, not as an error)."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            name = part.relative_to(ROOT).as_posix() if part.is_relative_to(ROOT) else part.name
            content = part.read_bytes() if part.is_file() else b"\0absent"
        else:
            name, content = "text", part.encode()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def stamp_holds(stamp: Path, wanted: str) -> bool:
    """Whether ``stamp`` says that its output was made from the inputs whose digest is ``wanted``."""
    try:
        return bool(json.loads(stamp.read_text())["inputs"] == wanted)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write_stamp(stamp: Path, inputs: str) -> None:
    """Note, once the output is complete, which inputs it was made from."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    temporary = stamp.with_name(f"{stamp.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps({"inputs": inputs, "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}))
    temporary.replace(stamp)


def processor() -> str:
    """What this machine's processor calls itself."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
