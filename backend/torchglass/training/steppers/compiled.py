"""Whether the compiled step is at hand: built once per machine into numba's cache, by a process of its own.

Compiling takes half a minute, so nobody waits for it: a run begins with PyTorch and changes over when it is there.
Whatever goes wrong here is a reason in words, never an exception: training goes on with PyTorch.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType

from torchglass.training.steppers.loading import load

#: The one reason that passes by itself.
NOT_YET = "it is being prepared (once on this machine, about half a minute)"
_HERE = Path(__file__).parent
_SOURCES = (
    "_blocks.py",
    "_compiling.py",
    "_kernel.py",
    "_kernel_layers.py",
    "_kernel_losses.py",
    "_lanes.py",
    "codes.py",
)
_MODULE = "torchglass.training.steppers._kernel"


def folder() -> Path:
    """Where numba keeps what it compiled; ``NUMBA_CACHE_DIR`` overrides it."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "torchglass" / "numba"


@cache
def shelf() -> Path:
    """The folder for today's source, Python, numba and processor: another one of any of them finds another folder."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((_HERE / name).read_bytes())
    digest.update(f"{_HERE} {sys.implementation.cache_tag} {_version()} {_processor()}".encode())
    return folder() / f"step-{digest.hexdigest()[:16]}"


def stamp() -> Path:
    """Lists the files that were compiled, each with its hash; exists once both precisions are."""
    return shelf() / "built.json"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("numba")
    except PackageNotFoundError:
        return "none"


def _processor() -> str:
    """Kind and abilities of the processor, which numba compiles for."""
    kind = f"{platform.machine()} {platform.processor()}"
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        kind += "".join(next((line for line in lines if line.startswith(word)), "") for word in ("model name", "flags"))
    return kind


def hashes() -> dict[str, str]:
    """Of every file that numba has written to the shelf, by its name there."""
    files = sorted(path for path in shelf().rglob("*.nb[ic]"))
    return {str(path.relative_to(shelf())): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


#: What went wrong; this process does not try again then.
_failures: list[str] = []


def give_up(reason: str) -> None:
    """Compiling, or loading what was compiled, has failed."""
    _failures.append(reason)


def unavailable() -> str | None:
    """Why the compiled step cannot be used now; None if it can, and then it is loaded."""
    if _failures:
        return f"it could not be prepared on this machine ({_failures[0]})"
    if _MODULE in sys.modules:
        return None
    if _version() == "none":
        return "numba is not installed"
    try:
        if not _intact():
            return NOT_YET
        kernel()
    except Exception as error:  # whatever numba may say: training goes on without it
        give_up(f"{type(error).__name__}: {error}"[:200])
        return unavailable()
    return None


def _intact() -> bool:
    """Whether everything is there as it was written. What has changed since is built anew."""
    try:
        written = json.loads(stamp().read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except ValueError:
        written = None
    if written == hashes():
        return True
    stamp().unlink(missing_ok=True)
    return False


@cache
def kernel() -> ModuleType:
    """The compiled functions, loaded (or compiled here and now, where they are not at hand)."""
    with _believed() as place, _named(place):
        try:
            module = importlib.import_module(_MODULE)
            if not hasattr(module.train, "signatures"):
                raise RuntimeError("NUMBA_DISABLE_JIT is set")
            load(module)
        except BaseException:
            sys.modules.pop(_MODULE, None)
            raise
        return module


@contextmanager
def _named(place: Path) -> Iterator[None]:
    """numba is told of its cache through the environment alone, which is as it was afterwards."""
    from numba.core.config import reload_config

    before = os.environ.get("NUMBA_CACHE_DIR")
    os.environ["NUMBA_CACHE_DIR"] = str(place)
    reload_config()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        del os.environ["NUMBA_CACHE_DIR"]
        if before is not None:
            os.environ["NUMBA_CACHE_DIR"] = before


@contextmanager
def _believed() -> Iterator[Path]:
    """The shelf, or where nothing can be written to it a copy for as long as it is read: numba ignores such a cache."""
    try:
        shelf().mkdir(parents=True, exist_ok=True)
        for place in (shelf(), *(path for path in shelf().iterdir() if path.is_dir())):
            tempfile.TemporaryFile(dir=place).close()
    except OSError:
        if not stamp().exists():
            raise
    else:
        yield shelf()
        return
    with tempfile.TemporaryDirectory(prefix="torchglass-") as copy:
        for path in hashes():
            (Path(copy) / path).parent.mkdir(exist_ok=True)
            shutil.copyfile(shelf() / path, Path(copy) / path)
        yield Path(copy)


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
