"""What of a picture speaks for a class: five methods and the gradient that most of them begin with.

Legend: N pictures, C channels, H rows, W columns, K classes. Every method gives (C, H, W), or (H, W) where it knows
places only. Parameters are never asked for their gradient, and no random stream of the training is drawn from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from torchglass.probes.base import Sight

#: Pictures in one pass, so that memory stays bounded.
_BLOCK = 64
#: Steps of integrated gradients that may take as many as they need, and what share of the whole may be missing.
FEWEST_STEPS, MOST_STEPS, COMPLETE = 32, 1024, 0.005
#: Windows of an occlusion map at most.
MOST_WINDOWS = 1024


def gradient(sight: Sight, pictures_NCHW: Tensor, k: int) -> Tensor:
    """∂(score of class k)/∂x at each of these pictures, (N, C, H, W): Simonyan, Vedaldi, Zisserman (2014)."""
    import torch

    found = []
    for block in torch.split(pictures_NCHW.detach(), _BLOCK):
        with torch.enable_grad():
            leaf = block.clone().requires_grad_(True)
            score = sight.scores(leaf)[:, k].sum()
            pulls = torch.autograd.grad(score, [leaf], allow_unused=True) if score.requires_grad else (None,)
        if pulls[0] is None:
            raise ValueError("No gradient reaches the picture: some layer on the way has none.")
        found.append(pulls[0])
    return torch.cat(found)


def integrated(sight: Sight, k: int, baseline: Tensor, steps: int) -> tuple[Tensor, int]:
    """(x − x₀) · ∫₀¹ ∂f(x₀ + a(x − x₀))/∂x da by the midpoint rule, (C, H, W), and in how many steps. Their sum is
    f(x) − f(x₀), but for the error of the rule: Sundararajan, Taly, Yan (2017).

    ``steps`` 0: as many as it takes until no more than ½ % is missing, up to ``MOST_STEPS``."""
    import torch

    way = sight.x - baseline
    gain = float((sight.scores(sight.x) - sight.scores(baseline)).detach()[0, k])
    count = steps or FEWEST_STEPS
    while True:
        places = (torch.arange(count, dtype=way.dtype, device=way.device) + 0.5) / count
        pulls = gradient(sight, baseline + places[:, None, None, None] * way, k)
        found = (way * pulls.mean(dim=0))[0]
        if steps or count >= MOST_STEPS or abs(float(found.sum()) - gain) <= COMPLETE * abs(gain):
            return found, count
        count *= 2


def smooth(sight: Sight, k: int, noise: float, samples: int) -> Tensor:
    """The mean gradient of so many copies with Gaussian noise of that share of the full brightness, (C, H, W):
    Smilkov et al. (2017). Always the same noise."""
    import torch

    stream = torch.Generator().manual_seed(0)
    drawn = torch.randn((samples, *sight.x.shape[1:]), generator=stream).to(sight.x)
    return gradient(sight, sight.x + noise * sight.unit * drawn, k).mean(dim=0)


def grad_cam(sight: Sight, k: int, node: str) -> tuple[Tensor, Tensor]:
    """ReLU(Σ_c α_c A_c) of the maps A of that node, α_c the mean gradient of map c; (h, w), and the same stretched over
    the picture (H, W): Selvaraju et al. (2017)."""
    import torch
    from torch.nn import functional

    with torch.enable_grad():
        leaf = sight.x.detach().clone().requires_grad_(True)
        scores, maps = sight.through(leaf, node)
        linked = scores.requires_grad and maps.requires_grad
        pulls = torch.autograd.grad(scores[0, k], [maps], allow_unused=True) if linked else (None,)
    if pulls[0] is None:
        raise ValueError("No gradient reaches that layer from the output.")
    weights = pulls[0].mean(dim=(2, 3), keepdim=True)  # (1, C, 1, 1)
    coarse = (weights * maps.detach()).sum(dim=1, keepdim=True).relu()
    fine = functional.interpolate(coarse, size=sight.x.shape[2:], mode="bilinear", align_corners=False)
    return coarse[0, 0], fine[0, 0]


def corners(size: int, window: int, stride: int) -> list[int]:
    """Where windows begin along one side; the last one ends with the picture."""
    return sorted({*range(0, size - window + 1, stride), size - window})


def occlusion(sight: Sight, k: int, baseline: Tensor, window: int, stride: int) -> Tensor:
    """How much the score falls when a window is covered with the baseline, for each pixel the mean over the windows
    that cover it, (H, W): Zeiler, Fergus (2014)."""
    import torch

    height, width = sight.x.shape[2:]
    tall, wide = min(window, height), min(window, width)
    places = [(top, left) for top in corners(height, tall, stride) for left in corners(width, wide, stride)]
    if len(places) > MOST_WINDOWS:
        raise ValueError(
            f"That would be {len(places):,} windows, {MOST_WINDOWS:,} are looked at: take a larger stride."
        )
    falls, covered = sight.x.new_zeros(height, width), sight.x.new_zeros(height, width)
    whole = sight.scores(sight.x)[0, k]
    for first in range(0, len(places), _BLOCK):
        some = places[first : first + _BLOCK]
        pictures = sight.x.repeat(len(some), 1, 1, 1)
        for picture, (top, left) in zip(pictures, some, strict=True):
            hidden = (..., slice(top, top + tall), slice(left, left + wide))
            picture[hidden] = baseline[0][hidden]
        drops = whole - sight.scores(pictures)[:, k]
        for drop, (top, left) in zip(drops, some, strict=True):
            falls[top : top + tall, left : left + wide] += drop
            covered[top : top + tall, left : left + wide] += 1
    return torch.where(covered > 0, falls / covered.clamp_min(1), torch.zeros_like(falls))
