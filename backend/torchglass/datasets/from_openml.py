"""Fashion-MNIST and CIFAR-10: fetched from OpenML when somebody asks for them, never at import."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.pictures.fetched import CIFAR_10, FASHION_MNIST, Fetched
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


class FromOpenML(DataSet):
    """Arrays in the data folder, once they were fetched."""

    group = "Images"
    picture = "image"
    of: ClassVar[Fetched]

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "image": FieldSpec(Shape.image(*self.of.shape), "uint8", range=(0, 1)),
            "label": FieldSpec(Shape.label(), "int64", "target", self.of.classes),
        }

    def counts(self) -> tuple[int, int]:
        return len(self.of.classes) * self.of.train, len(self.of.classes) * self.of.test

    def problems(self) -> list[Problem]:
        """Whether it was fetched to this computer."""
        if self.of.is_here():
            return []
        words = f"{self.of.label} is not on this computer yet: press “Fetch” in the data pane"
        return [Problem(message=f"{words} (about {self.of.megabytes} MB from openml.org, once).")]

    def load(self, seed: int) -> Splits:
        """Images uint8 (N, C, H, W), mapped from the file; labels int64 (N,). Raises ValueError where they are not."""
        if problems := self.problems():
            raise ValueError(problems[0].message)
        return Splits(train=self._split("train"), test=self._split("test"))

    def _split(self, name: str) -> dict[str, np.ndarray]:
        import numpy as np

        images, labels = self.of.file(name, "images"), self.of.file(name, "labels")
        assert images is not None
        assert labels is not None
        return {"image": np.load(images, mmap_mode="c"), "label": np.load(labels).astype(np.int64)}


class FashionMnist(FromOpenML):
    kind = "fashion_mnist"
    label = "Fashion-MNIST"
    summary = "70,000 small grey pictures of clothes, ten kinds: as MNIST, but harder."
    docs = (
        "28×28 pixels, 60,000 for training and 10,000 for testing, made to take the place of MNIST. It is fetched from "
        "openml.org when you press “Fetch” in the data pane, and kept in the data folder.\n\n"
        "Source: Xiao, Rasul, Vollgraf (2017), *Fashion-MNIST: a novel image dataset for benchmarking*."
    )
    source = "H. Xiao, K. Rasul, R. Vollgraf (2017), Fashion-MNIST; fetched from OpenML (set 40996)"
    licence = "MIT"
    of = FASHION_MNIST


class Cifar10(FromOpenML):
    kind = "cifar10"
    label = "CIFAR-10"
    summary = "60,000 colour photos of 32×32 pixels: six animals and four vehicles."
    docs = (
        "50,000 for training and 10,000 for testing, a thousand of each class. It is fetched from openml.org when you "
        "press “Fetch” in the data pane, and kept in the data folder; it is read once, with 3 GB.\n\n"
        "Source: Krizhevsky (2009), *Learning multiple layers of features from tiny images*."
    )
    source = "A. Krizhevsky, V. Nair, G. Hinton (2009), CIFAR-10; fetched from OpenML (set 40927)"
    licence = "not stated by its authors (for research and teaching)"
    of = CIFAR_10


__all__ = ["Cifar10", "FashionMnist"]
