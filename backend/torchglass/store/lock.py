"""One server per data folder: a lock that the system lets go of when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torchglass.store.errors import StoreError

FILE = "server.lock"


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Hold the folder for the length of the block. Raises StoreError where another server has it."""
    try:
        descriptor = os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _cannot_write(data_dir, error) from None
    try:
        try:
            _lock(descriptor)
        except OSError:
            raise StoreError(_taken(data_dir, descriptor)) from None
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        except OSError as error:
            raise _cannot_write(data_dir, error) from None
        yield
    finally:
        os.close(descriptor)


def _cannot_write(data_dir: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot write to {data_dir} ({error.strerror}); free some space or choose another --data-dir")


def _taken(data_dir: Path, descriptor: int) -> str:
    holder = "" if sys.platform == "win32" else os.read(descriptor, 20).decode("ascii", "replace")
    who = f" (process {holder})" if holder.isdigit() else ""
    return f"another Torchglass{who} is using {data_dir}; stop it, or choose another folder with --data-dir"


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
