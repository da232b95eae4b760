"""Which layer is looked into, and how many numbers it says become two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from torchglass.probes.base import Capture

#: Columns and rounds of the randomised decomposition (Halko, Martinsson, Tropp 2011).
_COLUMNS, _ROUNDS = 6, 4


def layer_of(capture: Capture, wanted: str | None) -> str:
    """The layer that is named, else the one in front of the last layer with weights, else the last one."""
    nodes = capture.network().nodes
    if wanted is not None:
        if all(node.id != wanted for node in nodes):
            raise ValueError(f"The network has no layer {wanted!r}.")
        return wanted
    trained = [edge for edge in capture.network().edges if capture.parameter_names(edge.target)]
    return trained[-1].source if trained else nodes[-1].id


def principal(values: Tensor) -> tuple[np.ndarray, float]:
    """(N, D) -> their places (N, 2) along the two directions of largest variance, and the share of the variance that
    lies in them. The same places for the same values."""
    import torch

    finite = torch.nan_to_num(values.detach().to("cpu", torch.float32), nan=0.0, posinf=0.0, neginf=0.0)
    centred = finite - finite.mean(dim=0)
    total = float(centred.square().sum())
    if total == 0 or min(centred.shape) < 2:
        return np.zeros((len(values), 2), np.float32), 1.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _, _, found = torch.pca_lowrank(centred, q=min(_COLUMNS, *centred.shape), center=False, niter=_ROUNDS)
    places: np.ndarray = (centred @ found[:, :2]).numpy()
    return places, min(1.0, float((places.astype(np.float64) ** 2).sum()) / total)


def aligned(places: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """(N, 2) turned or mirrored to lie as they did before: orthogonal Procrustes (Schönemann 1966)."""
    if before is None or before.shape != places.shape:
        return places
    left, _, right = np.linalg.svd(places.astype(np.float64).T @ before)
    return np.asarray(places @ (left @ right), np.float32)
