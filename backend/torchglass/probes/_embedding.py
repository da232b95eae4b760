"""Which layer is looked into, and how many numbers it says become two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from torchglass.probes.base import Capture

#: Columns of the subspace, and the share of the variance by which a last round may still change.
_COLUMNS, _SETTLED = 6, 1e-4
#: Rounds at least and at most, and the numbers that they go through together: some 20 ms.
_FEWEST, _MOST, _NUMBERS = 3, 12, 25_000_000
#: Less than this share of the squares is rounding, no variance.
_NOTHING = 1e-6


def layer_of(capture: Capture, wanted: str | None) -> str:
    """The layer that is named, else the one in front of the last layer with weights, else the last one."""
    nodes = capture.network().nodes
    if wanted is not None:
        if all(node.id != wanted for node in nodes):
            raise ValueError(f"The network has no layer {wanted!r}.")
        return wanted
    trained = [edge for edge in capture.network().edges if capture.parameter_names(edge.target)]
    return trained[-1].source if trained else nodes[-1].id


class Principal:
    """The plane of largest variance, by subspace iteration (Halko, Martinsson, Tropp 2011) that begins at the plane
    found before: a layer that learns turns it a little, so a few rounds are enough.

    The same values in the same order give the same planes.
    """

    def __init__(self) -> None:
        self._ways: Tensor | None = None

    def of(self, values: Tensor) -> tuple[np.ndarray, float]:
        """(N, D) -> their places (N, 2) along the two directions of largest variance, and the share of the variance
        that lies in them."""
        import torch

        rows = values.detach().to("cpu", torch.float32)
        if not bool(torch.isfinite(rows.sum())):
            rows = torch.nan_to_num(rows, nan=0.0, posinf=0.0, neginf=0.0)
        count, width = rows.shape
        mean = rows.mean(dim=0)
        rough = float(torch.linalg.vector_norm(rows, dim=1).double().square().sum())
        total = rough - count * float(mean.double().square().sum())
        if min(count, width) < 2 or total <= _NOTHING * rough:
            return np.zeros((count, 2), np.float32), 1.0
        ways = self._begin(width, min(_COLUMNS, count, width))  # (D, q)
        kept = 0.0
        for _ in range(min(_MOST, max(_FEWEST, _NUMBERS // (count * width)))):
            along = (ways.T.contiguous() @ rows.T).T - mean @ ways  # (N, q), far quicker than rows @ ways
            turned, sizes, _ = torch.linalg.svd(along.T @ along)  # of the covariance within the subspace
            before, kept = kept, float(sizes[:2].sum())
            places = along @ turned[:, :2]
            ways = torch.linalg.qr((along.T @ rows).T - mean[:, None] * along.sum(dim=0)).Q
            if kept - before <= _SETTLED * kept:
                break
        self._ways = ways
        return places.numpy(), min(1.0, kept / total)

    def _begin(self, width: int, columns: int) -> Tensor:
        import torch

        if self._ways is not None and self._ways.shape == (width, columns):
            return self._ways
        drawn = torch.randn((width, columns), generator=torch.Generator().manual_seed(0))
        begun: Tensor = torch.linalg.qr(drawn).Q
        return begun


def aligned(places: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """(N, 2) turned or mirrored to lie as they did before: orthogonal Procrustes (Schönemann 1966)."""
    if before is None or before.shape != places.shape:
        return places
    left, _, right = np.linalg.svd(places.astype(np.float64).T @ before)
    return np.asarray(places @ (left @ right), np.float32)
