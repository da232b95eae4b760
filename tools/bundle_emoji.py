"""The emoji set: 32×32 colour pictures of nine categories, from one sheet of the npm package emoji-datasource-google.

Images: Google's Noto Color Emoji (Apache-2.0); categories and names: ``emoji.json`` of the same package (MIT), after
Unicode. Writes for either split ``emoji_{train,test}_images.npy`` (N, 3, 32, 32) uint8 on white,
``emoji_{train,test}_labels.npy`` (N,) uint8 and ``emoji_{train,test}_names.txt`` (a line each: code points, name).

Within a split the pictures without skin tone come first, so that they are a slice. A glyph goes with all its tones to
one split: of every category a fifth, those whose code points have the lowest sha256, is for testing.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bundling import BUNDLED, array_is_whole, check_sha256, fetch_package, write_array, write_whole
from house import ToolError, digest, say, stamp_holds, write_stamp

SOURCE = "emoji-datasource-google@16.0.0"
SHEET, FACTS = "img/google/sheets-256/32.png", "emoji.json"
SHA256 = {
    SHEET: "d2217df38f59c51b2f28608b657adc54724dc6de12bc149129a63d28fa1aa057",
    FACTS: "1d602e65be88772bf8cc368ce16b855d719eeddbafe128d471b80203f494d29f",
}
STAMP = BUNDLED / ".torchglass-stamp-emoji"
FORMAT = 1  # raise it when the files that are written change
SIDE, CELL, MARGIN = 32, 34, 1
CATEGORIES = (
    "Smileys & Emotion",
    "People & Body",
    "Animals & Nature",
    "Food & Drink",
    "Travel & Places",
    "Activities",
    "Objects",
    "Symbols",
    "Flags",
)
#: (without tone, with tone) by split; backend/torchglass/datasets/emoji.py counts on it.
COUNTS = {"train": (1529, 1535), "test": (377, 340)}
PARTS_OF_TEST = 5


@dataclass(frozen=True)
class Picture:
    """One cell of the sheet; ``glyph`` are the code points of the glyph that it is a tone of, or its own."""

    glyph: str
    code: str
    name: str
    label: int
    column: int
    row: int

    @property
    def toned(self) -> bool:
        """Whether it differs from its glyph in the tone of the skin."""
        return self.code != self.glyph


def pictures(facts: Sequence[dict[str, Any]]) -> list[Picture]:
    """Every picture of the nine categories; what is only a part of others (a swatch of skin) is left out."""
    found = []
    for glyph in facts:
        if glyph["category"] not in CATEGORIES:
            continue
        label = CATEGORIES.index(glyph["category"])
        for one in (glyph, *glyph.get("skin_variations", {}).values()):
            if one["has_img_google"]:
                place = (one["sheet_x"], one["sheet_y"])
                found.append(Picture(glyph["unified"], one["unified"], glyph["name"].lower(), label, *place))
    return found


def _rank(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def split(found: Sequence[Picture]) -> dict[str, list[Picture]]:
    """Training and test pictures, glyphs before their tones, either mixed."""
    held_out: set[str] = set()
    for label in range(len(CATEGORIES)):
        glyphs = sorted({one.glyph for one in found if one.label == label}, key=_rank)
        held_out.update(glyphs[: len(glyphs) // PARTS_OF_TEST])
    ordered = sorted(found, key=lambda one: (one.toned, _rank(one.code)))
    return {
        "train": [one for one in ordered if one.glyph not in held_out],
        "test": [one for one in ordered if one.glyph in held_out],
    }


def on_white(palette: bytes, alpha: bytes) -> tuple[bytes, bytes, bytes]:
    """For each of red, green and blue: what the colours of a palette (3 bytes each) become on white paper."""
    opaque = alpha.ljust(256, b"\xff")
    colours = palette.ljust(768, b"\0")
    red, green, blue = (
        bytes((colours[3 * i + part] * opaque[i] + 255 * (255 - opaque[i]) + 127) // 255 for i in range(256))
        for part in range(3)
    )
    return red, green, blue


def cut(sheet: bytes, chosen: Sequence[Picture]) -> bytes:
    """The pixels (N, 3, 32, 32) of the chosen cells."""
    from PIL import Image

    with Image.open(io.BytesIO(sheet)) as image:
        if image.mode != "P":
            raise ToolError(f"{SHEET} is not drawn with a palette (mode {image.mode})")
        palette = image.palette.tobytes() if image.palette is not None else b""
        tables = on_white(palette, bytes(image.info.get("transparency", b"")))
        pixels = bytearray()
        for one in chosen:
            left, top = one.column * CELL + MARGIN, one.row * CELL + MARGIN
            cell = image.crop((left, top, left + SIDE, top + SIDE)).tobytes()
            for table in tables:
                pixels += cell.translate(table)
    return bytes(pixels)


def inputs_digest() -> str:
    """Changes when other data would be written."""
    return digest([SOURCE, str(FORMAT), json.dumps([SHA256, COUNTS, CATEGORIES])])


def is_current() -> bool:
    """Whether everything is there, whole, and was made by this version of this tool."""
    return stamp_holds(STAMP, inputs_digest()) and all(
        array_is_whole(BUNDLED / f"emoji_{name}_images.npy", (sum(counts), 3, SIDE, SIDE))
        and array_is_whole(BUNDLED / f"emoji_{name}_labels.npy", (sum(counts),))
        and (BUNDLED / f"emoji_{name}_names.txt").is_file()
        for name, counts in COUNTS.items()
    )


def bundle() -> None:
    """Fetch, check and write everything; raises `ToolError` before anything is written when a check fails."""
    content = fetch_package(SOURCE, SHA256, "74 MB, of which two files are kept")
    for name, expected in SHA256.items():
        check_sha256(name, content[name], expected)
    splits = split(pictures(json.loads(content[FACTS])))
    for name, chosen in splits.items():
        counts = Counter(one.toned for one in chosen)
        if (counts[False], counts[True]) != COUNTS[name]:
            raise ToolError(f"{SOURCE} gives {dict(counts)} {name} pictures, expected {COUNTS[name]}")
    pixels = {name: cut(content[SHEET], chosen) for name, chosen in splits.items()}
    BUNDLED.mkdir(parents=True, exist_ok=True)
    for name, chosen in splits.items():
        write_array(BUNDLED / f"emoji_{name}_images.npy", (len(chosen), 3, SIDE, SIDE), pixels[name])
        write_array(BUNDLED / f"emoji_{name}_labels.npy", (len(chosen),), bytes(one.label for one in chosen))
        lines = "".join(f"{one.code}\t{one.name}\n" for one in chosen)
        write_whole(BUNDLED / f"emoji_{name}_names.txt", lines.encode())
    write_stamp(STAMP, inputs_digest())
    say(f"Wrote {sum(map(len, splits.values())):,} emoji to {BUNDLED}")
