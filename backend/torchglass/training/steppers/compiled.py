"""Whether the compiled step is at hand: built once per machine into numba's cache, by a process of its own.

Compiling takes half a minute, so nobody waits for it: a run begins with PyTorch and changes over when it is there.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

#: The one reason that passes by itself.
NOT_YET = "its compiled step is being prepared (once on this machine, about half a minute)"
_MODULE = "torchglass.training.steppers._kernel"


def folder() -> Path:
    """Where numba keeps what it compiled; ``NUMBA_CACHE_DIR`` overrides it."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "torchglass" / "numba"


@cache
def stamp() -> Path:
    """Exists once both precisions are compiled from today's source with today's numba, which asks for the same
    file, changed at the same time, before it believes its cache."""
    source = Path(__file__).with_name("_kernel.py")
    facts = f"{source} {source.stat().st_mtime_ns} {_version()} {platform.machine()}"
    return folder() / f"torchglass-{hashlib.sha256(facts.encode()).hexdigest()[:16]}.built"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("numba")
    except PackageNotFoundError:
        return "none"


#: What went wrong when compiling; this process does not try again then.
_failures: list[str] = []


def give_up(reason: str) -> None:
    """Compiling has failed."""
    _failures.append(reason)


def unavailable() -> str | None:
    """Why the compiled step cannot be used now; None if it can."""
    if _failures:
        return f"its compiled step could not be prepared on this machine ({_failures[0]})"
    if _version() == "none":
        return "numba is not installed"
    try:
        if stamp().exists():
            return None
    except OSError as error:
        return f"its cache cannot be read ({error})"
    return NOT_YET


@cache
def kernel() -> ModuleType:
    """The compiled functions; call only where ``unavailable()`` is None."""
    os.environ["NUMBA_CACHE_DIR"] = str(folder())
    return importlib.import_module(_MODULE)


def build_beside() -> subprocess.Popen[bytes] | None:
    """Compile in a process of its own, with low priority; None if there is nothing to do.

    It ends with this process: it watches its standard input, which closes then, however that happens.
    """
    if not compiling():
        return None
    command = [sys.executable, "-m", "torchglass.training.steppers.build", "--with-parent"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def compiling() -> bool:
    """Whether the compiled step is only missing because nobody has compiled it yet."""
    return unavailable() == NOT_YET
