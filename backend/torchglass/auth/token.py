"""The access token of local mode: drawn once per data folder, compared in constant time, never logged."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

_FILE = "token"
_BYTES = 24


def load_or_draw(data_dir: Path) -> str:
    """The token of this data folder, readable by its owner alone, so that open pages survive a restart.

    Raises OSError where the folder cannot be written.
    """
    file = data_dir / _FILE
    with contextlib.suppress(FileNotFoundError, UnicodeDecodeError):
        known = file.read_text(encoding="ascii").strip()
        if len(known) >= _BYTES:
            return known
    token = secrets.token_urlsafe(_BYTES)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(token + "\n")
    return token


def same(given: str | None, token: str) -> bool:
    """Whether a given token is the right one."""
    return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def from_cookies(header: str, name: str) -> str | None:
    """The value of one cookie in a Cookie header; None where it is missing or malformed."""
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None


def from_authorization(header: str) -> str | None:
    """The token of an ``Authorization: Bearer`` header."""
    scheme, _, value = header.partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value else None
