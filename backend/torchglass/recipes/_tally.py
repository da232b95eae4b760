"""A count over the steps in bounded memory: when it is full, every other entry is forgotten."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

#: Entries that are kept.
KEPT = 512


def tally_state() -> dict[str, Tensor]:
    """``tally`` (KEPT, 2): examples shown and what was counted among them; ``tally_now`` (2): the same now;
    ``tally_kept``: how many entries are filled, and the steps between two."""
    import torch

    double = torch.float64
    return {
        "tally": torch.zeros(KEPT, 2, dtype=double),
        "tally_now": torch.zeros(2, dtype=double),
        "tally_kept": torch.tensor([0, 1]),
    }


def count(state: MutableMapping[str, Tensor], step: int, examples: int, counted: Tensor) -> None:
    """Add a step's examples and what was counted among them."""
    import torch

    state["tally_now"] = state["tally_now"] + torch.stack(
        [torch.tensor(float(examples), dtype=torch.float64), counted.detach().cpu().double()]
    )
    tally, (kept, stride) = state["tally"], state["tally_kept"].tolist()
    if step % stride:
        return
    if kept == KEPT:
        tally[: KEPT // 2] = tally[1::2].clone()
        kept, stride = KEPT // 2, 2 * stride
        if step % stride:
            state["tally_kept"] = torch.tensor([kept, stride])
            return
    tally[kept] = state["tally_now"]
    state["tally_kept"] = torch.tensor([kept + 1, stride])
