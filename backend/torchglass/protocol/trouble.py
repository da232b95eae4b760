"""What a disk that refuses says, in words: the same ones wherever something cannot be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL = "the disk is full"
READ_ONLY = "the data folder is read-only"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def why(error: OSError) -> str:
    """Why something could not be written."""
    if error.errno in _FULL:
        return FULL
    return READ_ONLY if error.errno in _READ_ONLY else error.strerror or str(error)


def mend(reason: str) -> str:
    """What a person does about it; empty where there is nothing but to wait."""
    if reason == FULL:
        return "free some space on the disk"
    return "make it writable again" if reason == READ_ONLY else ""


def meanwhile(reason: str, then: str) -> str:
    """A way out with what happens meanwhile: ``then`` begins in lower case and ends a sentence."""
    first = mend(reason)
    text = f"{first}; {then}" if first else then
    return text[:1].upper() + text[1:]


def is_read_only(folder: Path) -> bool:
    """Whether the disk under the folder takes nothing now. A database only says that something is wrong with it."""
    if not hasattr(os, "statvfs"):
        return not os.access(folder, os.W_OK)
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False
