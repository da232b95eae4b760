"""The way that walkers took over a map, in bounded memory: when it is full, every other place is forgotten."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

#: Places that are kept of each walk.
KEPT = 512
#: Who is further away is drawn as far away as this.
FAR = 1e4


def trail_state(walkers: int) -> dict[str, Tensor]:
    """``trail`` (KEPT, walkers, 2) and ``trail_kept``: how many of it are filled, and the steps between two."""
    import torch

    return {"trail": torch.zeros(KEPT, walkers, 2), "trail_kept": torch.tensor([0, 1])}


def record(state: MutableMapping[str, Tensor], step: int, places: Tensor) -> None:
    """Add where the walkers (walkers, 2) are after that step."""
    import torch

    trail, (kept, stride) = state["trail"], state["trail_kept"].tolist()
    if step % stride:
        return
    if kept == KEPT:
        trail[: KEPT // 2] = trail[::2].clone()
        kept, stride = KEPT // 2, 2 * stride
        if step % stride:
            state["trail_kept"] = torch.tensor([kept, stride])
            return
    trail[kept] = places.to(trail).nan_to_num(FAR, FAR, -FAR).clamp(-FAR, FAR)
    state["trail_kept"] = torch.tensor([kept + 1, stride])
