"""The same pixels in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.prepare.base import Config, Prepare

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class PermuteConfig(Config):
    field: str = Field(
        "image", title="Field", description="Name of the field whose pixels are mixed.", min_length=1, max_length=64
    )
    seed: int = Field(0, title="Seed", description="Another seed is another order.", ge=0, lt=2**31)


class Permute(Prepare):
    kind = "permute"
    label = "Permute the pixels"
    summary = "Puts the pixels of every picture into the same random order: nothing is lost, but neighbours are."
    formula = r"x'_i = x_{\pi(i)}"
    docs = (
        "One fixed order for all pictures, drawn from the seed; the channels of a pixel stay together, the numbers of "
        "a vector change places. A dense network learns as before, a convolutional one loses what it is made for: "
        "that neighbours belong together.\n\n"
        "Source: Zhang, Bengio, Hardt, Recht, Vinyals (2017), *Understanding deep learning requires rethinking "
        "generalization* (shuffled pixels); Goodfellow et al. (2014) on permuted MNIST."
    )
    moves = True
    Config = PermuteConfig
    config: PermuteConfig

    def field(self) -> str:
        return self.config.field

    def fit(self, blocks: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
        """``order`` (pixels,): which pixel comes to each place."""
        import numpy as np

        values = next(iter(blocks))
        places = int(np.prod(values.shape[2:])) if values.ndim > 2 else values.shape[1]
        return {"order": np.random.default_rng(self.config.seed).permutation(places)}

    def apply(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        return _ordered(values, fitted["order"])

    def to_source(self, values: str, fitted: Callable[[str], str]) -> str:
        return f"{values}.flatten(min(2, {values}.dim() - 1))[..., {fitted('order')}].reshape({values}.shape)"

    def undo(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        return _ordered(values, fitted["order"].argsort())


def _ordered(values: Tensor, order: Tensor) -> Tensor:
    """(B, C, H, W) or (B, D) with its places in that order."""
    flat = values.flatten(min(2, values.dim() - 1))
    return flat[..., order].reshape(values.shape)
