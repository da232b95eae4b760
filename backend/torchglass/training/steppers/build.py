"""Compiles the native step for both precisions: ``python -m torchglass.training.steppers.build``."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from torchglass.training.steppers import compiled


def main() -> int:
    """0 when the compiled step is at hand afterwards; 1, with the reason on standard error, when it is not."""
    try:
        with _alone():
            reason = compiled.unavailable()
            if reason == compiled.NOT_YET:
                _build()
                reason = None
    except OSError as error:
        why = error.strerror or str(error)
        reason = f"nothing can be kept in {compiled.folder()}: {why}; NUMBA_CACHE_DIR names another folder"
    except Exception as error:  # whatever a compiler may say: training goes on without it
        reason = f"{type(error).__name__}: {error}"
    if reason is not None:
        print(" ".join(reason.split()), file=sys.stderr)
    return 0 if reason is None else 1


def _build() -> None:
    """Anew: what is there already may be damaged."""
    shutil.rmtree(compiled.shelf(), ignore_errors=True)
    compiled.kernel()
    _write(compiled.stamp(), json.dumps(compiled.hashes()))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Several runs may want it at once: the others wait, and then find it."""
    compiled.folder().mkdir(parents=True, exist_ok=True)
    with compiled.shelf().with_suffix(".lock").open("w") as file:
        with contextlib.suppress(ImportError):  # where there is no such lock, each builds its own
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, text: str) -> None:
    """At once or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)  # others may use what one has compiled
    Path(file.name).replace(path)


def _end_with_parent() -> None:
    """Until standard input closes."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    if "--with-parent" in sys.argv:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    status = main()
    sys.stderr.flush()
    os._exit(status)  # Python would not get past the thread that still reads
