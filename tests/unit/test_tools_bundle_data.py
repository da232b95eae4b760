"""The data assembler refuses anything but the original files, and writes what numpy reads."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)

import bundle_data  # noqa: E402
import bundle_emoji  # noqa: E402
import bundling  # noqa: E402
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
    header = bundling.npy_header(shape)
    assert (tmp_path / "a.npy").read_bytes()[: len(header)] == header


def test_arrays_are_written_whole_and_recognised(tmp_path: Path) -> None:
    place = tmp_path / "labels.npy"
    assert not bundling.array_is_whole(place, (4,))
    bundling.write_array(place, (4,), VALUES)
    assert bundling.array_is_whole(place, (4,))
    assert np.load(place).tolist() == list(VALUES)
    assert [path.name for path in tmp_path.iterdir()] == ["labels.npy"]
    with place.open("ab") as stream:
        stream.write(b"x")
    assert not bundling.array_is_whole(place, (4,))


def test_bundled_data_of_this_tree_are_current() -> None:
    assert bundle_data.is_current(), "run `make setup`"
    assert not list(bundling.BUNDLED.glob("*.tmp"))


def glyph(code: str, category: str, column: int = 0, tones: int = 0) -> dict[str, object]:
    """One entry as the package describes it."""
    own = {"unified": code, "has_img_google": True, "sheet_x": column, "sheet_y": 0}
    toned = {str(tone): own | {"unified": f"{code}-{tone}", "sheet_x": column + 1 + tone} for tone in range(tones)}
    return own | {"name": f"NAME {code}", "category": category, "skin_variations": toned}


def test_a_glyph_and_its_tones_stay_on_one_side() -> None:
    facts = [glyph(f"A{i}", "People & Body", tones=5 * (i % 2)) for i in range(20)]
    facts += [glyph(f"B{i}", "Flags") for i in range(10)] + [glyph("C", "Component")]
    splits = bundle_emoji.split(bundle_emoji.pictures(facts))
    glyphs = {name: {one.glyph for one in chosen} for name, chosen in splits.items()}
    assert not glyphs["train"] & glyphs["test"]
    assert [len(glyphs["train"]), len(glyphs["test"])] == [24, 6]
    assert {one.label for one in splits["test"]} == {1, 8}
    for chosen in splits.values():
        tones = [one.toned for one in chosen]
        assert tones == sorted(tones), "glyphs without tone come first"


def test_cells_are_cut_out_of_the_sheet_and_laid_on_white() -> None:
    sheet = Image.new("P", (2 * 34, 34), 0)
    sheet.putpalette([0, 0, 0, 200, 100, 0])
    sheet.paste(1, (34 + 1, 1, 34 + 33, 33))
    sheet.putpixel((34 + 1, 1), 0)
    stored = io.BytesIO()
    sheet.save(stored, "PNG", transparency=bytes([0, 128]))
    (picture,) = bundle_emoji.pictures([glyph("A", "Flags", column=1)])
    pixels = np.frombuffer(bundle_emoji.cut(stored.getvalue(), [picture]), np.uint8).reshape(3, 32, 32)
    assert pixels[:, 0, 0].tolist() == [255, 255, 255]  # nothing there: paper
    assert pixels[:, 31, 31].tolist() == [227, 177, 127]  # 128/255 of the colour, the rest white
    assert (pixels[:, 1:, :] == pixels[:, -1:, -1:]).all()


def test_a_package_that_changed_is_refused() -> None:
    with pytest.raises(ToolError, match="sha256"):
        bundling.check_sha256("sheet.png", b"other", bundle_emoji.SHA256[bundle_emoji.SHEET])
