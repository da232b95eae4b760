"""The data assembler refuses anything but the original files, and writes what numpy reads."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)

import bundle_data  # noqa: E402
from house import ToolError  # noqa: E402

sys.path.remove(TOOLS)

VALUES = bytes([0, 1, 1, 2])
CONTENT = struct.pack(">HBBI", 0, 8, 1, 4) + VALUES


def labels(content: bytes = CONTENT, counts: tuple[int, ...] = (1, 2, 1)) -> bundle_data.IdxFile:
    """A tiny label file that matches ``content``."""
    md5 = hashlib.md5(content).hexdigest()
    return bundle_data.IdxFile("labels", md5, "labels.npy", (4,), counts)


def test_original_content_is_read() -> None:
    assert bundle_data.read_idx(labels(), CONTENT) == VALUES


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        (labels(), CONTENT[:-1] + b"\x01", "not the original file"),
        (labels(counts=(2, 1, 1)), CONTENT, "class counts"),
        (labels(CONTENT[:-1]), CONTENT[:-1], "holds shape"),
        (dataclasses.replace(labels(), shape=(5,)), CONTENT, "holds shape"),
    ],
)
def test_anything_else_is_refused(file: bundle_data.IdxFile, content: bytes, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        bundle_data.read_idx(file, content)


@pytest.mark.parametrize("shape", [(4,), (2, 1, 28, 28), (60_000, 1, 28, 28)])
def test_headers_are_what_numpy_writes(shape: tuple[int, ...], tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(shape, np.uint8))
    header = bundle_data.npy_header(shape)
    assert (tmp_path / "a.npy").read_bytes()[: len(header)] == header


def test_arrays_are_written_whole_and_recognised(tmp_path: Path) -> None:
    file = labels()
    assert not bundle_data.target_is_whole(tmp_path, file)
    bundle_data.write_array(tmp_path, file, VALUES)
    assert bundle_data.target_is_whole(tmp_path, file)
    assert np.load(tmp_path / "labels.npy").tolist() == list(VALUES)
    assert [path.name for path in tmp_path.iterdir()] == ["labels.npy"]
    with (tmp_path / "labels.npy").open("ab") as stream:
        stream.write(b"x")
    assert not bundle_data.target_is_whole(tmp_path, file)


def test_bundled_data_of_this_tree_are_current() -> None:
    assert bundle_data.is_current(), "run `make setup`"
    assert not list(bundle_data.BUNDLED.glob("*.tmp"))
