"""What the store says when it cannot do its work; every message is for people."""

from __future__ import annotations

from pathlib import Path

from torchglass.protocol.trouble import FULL, READ_ONLY, is_read_only


class StoreError(RuntimeError):
    """The database cannot be opened."""


class NotSavedError(RuntimeError):
    """Something is not on disk (yet)."""


def words(error: BaseException, folder: Path | None = None) -> str:
    """Why the database in that folder refused, short and without its vocabulary."""
    if folder is not None and is_read_only(folder):
        return READ_ONLY
    text = str(getattr(error, "orig", None) or error).lower()
    for sign, reason in (
        ("full", FULL),
        ("readonly", READ_ONLY),
        ("read-only", READ_ONLY),
        ("locked", "another program holds the database"),
        ("unable to open", "the database file cannot be opened"),
        ("malformed", "the database file is damaged"),
        ("not a database", "the database file is damaged"),
        ("disk i/o", "the disk reports an error"),
    ):
        if sign in text:
            return reason
    return text.splitlines()[0][:120] if text else type(error).__name__


def passing(error: BaseException) -> bool:
    """Whether waiting a little is likely to help."""
    return "locked" in str(getattr(error, "orig", None) or error).lower()


def cannot_open(path: Path, error: BaseException) -> StoreError:
    return StoreError(f"cannot use {path}: {words(error)}; move the file away or choose another folder with --data-dir")
