"""Emoji: small colour pictures of nine categories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

BUNDLED = Path(__file__).parent / "bundled"
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
#: Pictures without and with a tone of skin, training and test; tools/bundle_emoji.py writes so many.
_TRAIN, _TEST = (1529, 1535), (377, 340)


class EmojiConfig(Config):
    tones: Literal["none", "train", "both"] = Field(
        "train",
        title="Skin tones",
        description="Five further pictures of 375 people and hands, which differ in the tone of the skin. none: leave "
        "them out. train: learn from them, test every glyph once. both: test with them too.",
    )


class Emoji(DataSet):
    kind = "emoji"
    label = "Emoji"
    group = "Images"
    summary = "3,781 small colour pictures of nine categories, from smileys to flags."
    docs = (
        "32×32 pixels in colour on white: Google's drawings of the emoji of Unicode 16, `label` is the category. A "
        "fifth of the glyphs of every category is for testing, and a glyph stands with all its skin tones on one side: "
        "no picture of a test glyph was ever learned from. Categories are about meaning and not only about looks, so "
        "nobody can be right every time: a heart is a smiley, a key is an object, and a keycap is a symbol.\n\n"
        "Source: Google, *Noto Color Emoji*; categories of the Unicode Consortium."
    )
    source = "Google: Noto Color Emoji (npm package emoji-datasource-google 16.0.0)"
    licence = "Apache-2.0"
    picture = "image"
    Config = EmojiConfig
    config: EmojiConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "image": FieldSpec(Shape.image(3, 32, 32), "uint8", range=(0, 1)),
            "label": FieldSpec(Shape.label(), "int64", "target", CATEGORIES),
        }

    def counts(self) -> tuple[int, int]:
        return sum(_TRAIN[: 1 + (self.config.tones != "none")]), sum(_TEST[: 1 + (self.config.tones == "both")])

    def load(self, seed: int) -> Splits:
        """Images uint8 (N, 3, 32, 32), mapped from the file and never copied whole; labels int64 (N,).

        Raises ValueError when the files are missing.
        """
        train, test = self.counts()
        return Splits(train=self._split("train", train), test=self._split("test", test))

    @staticmethod
    def _split(name: str, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        images, labels = (BUNDLED / f"emoji_{name}_{part}.npy" for part in ("images", "labels"))
        if not (images.is_file() and labels.is_file()):
            raise ValueError("The emoji are not installed here: run `make setup`, which prepares them.")
        return {
            "image": np.load(images, mmap_mode="c")[:count],
            "label": np.load(labels)[:count].astype(np.int64),
        }
