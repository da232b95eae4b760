"""Sets of pictures that are fetched from OpenML when somebody asks for them: what they are, where they are kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from torchglass.tables.library import LIBRARY

#: Where OpenML answers; tests put a stand-in here.
ENDPOINT = "https://www.openml.org"


@dataclass(frozen=True, slots=True)
class Fetched:
    """``number``: of the set at OpenML. ``test``: how many of each class are for testing, the last ones of the file;
    ``megabytes``: about how much is downloaded."""

    kind: str
    label: str
    number: int
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    train: int
    test: int
    megabytes: int

    @property
    def folder(self) -> Path | None:
        """Where its arrays are; None without a data folder."""
        return None if LIBRARY.folder is None else LIBRARY.folder.with_name("fetched") / self.kind

    def file(self, split: str, part: str) -> Path | None:
        """One array: ``train`` or ``test``, ``images`` or ``labels``."""
        return None if self.folder is None else self.folder / f"{split}_{part}.npy"

    def is_here(self) -> bool:
        """The folder is renamed when everything in it is complete."""
        return self.folder is not None and self.folder.is_dir()

    def part(self) -> Path:
        """Where it is put together."""
        assert self.folder is not None, "LIBRARY.use() comes first"
        return self.folder.with_name(f"{self.kind}.part")

    def forget_part(self) -> None:
        """Remove what a fetch that was cut short left behind."""
        shutil.rmtree(self.part(), ignore_errors=True)


FASHION_MNIST = Fetched(
    "fashion_mnist",
    "Fashion-MNIST",
    40996,
    (1, 28, 28),
    ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    6000,
    1000,
    40,
)
CIFAR_10 = Fetched(
    "cifar10",
    "CIFAR-10",
    40927,
    (3, 32, 32),
    ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    5000,
    1000,
    250,
)
SETS = {one.kind: one for one in (FASHION_MNIST, CIFAR_10)}

__all__ = ["CIFAR_10", "ENDPOINT", "FASHION_MNIST", "SETS", "Fetched"]
