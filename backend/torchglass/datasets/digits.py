"""Handwritten digits, eight pixels wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.datasets._tables import held_out, stratified
from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

#: Pictures of each digit; one in four is for testing.
_SIZES = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
_TEST_SHARE = 0.25


class Digits(DataSet):
    kind = "digits"
    label = "Small handwritten digits"
    group = "Images"
    summary = "1,797 grey pictures of handwritten digits, only 8×8 pixels: learned in seconds."
    docs = (
        "8×8 pixels of 17 shades: scans of 32×32 black and white dots, of which every 4×4 were counted. A quarter of "
        "the pictures of every digit is for testing, the same for every seed; the same people wrote on both sides.\n\n"
        "Source: Alpaydin, Kaynak (1998), *Optical recognition of handwritten digits*, UCI Machine Learning Repository."
    )
    source = "E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits; taken from scikit-learn"
    licence = "CC BY 4.0 (UCI Machine Learning Repository)"
    picture = "image"

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "image": FieldSpec(Shape.image(1, 8, 8), "uint8", range=(0, 1)),
            "label": FieldSpec(Shape.label(), "int64", "target", tuple(str(digit) for digit in range(10))),
        }

    def counts(self) -> tuple[int, int]:
        test = sum(held_out(size, _TEST_SHARE) for size in _SIZES)
        return sum(_SIZES) - test, test

    def load(self, seed: int) -> Splits:
        """Images uint8 (N, 1, 8, 8), labels int64 (N,); the split does not depend on ``seed``."""
        import numpy as np
        from sklearn.datasets import load_digits

        shades, labels = load_digits(return_X_y=True)  # (N, 64) of 0..16, (N,)
        images = np.round(shades * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
        train, test = stratified(labels, _TEST_SHARE)

        def part(rows: np.ndarray) -> dict[str, np.ndarray]:
            return {"image": images[rows], "label": labels[rows].astype(np.int64)}

        return Splits(train=part(train), test=part(test))
