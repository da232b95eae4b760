"""What augmentations do, as functions of a batch (B, C, H, W) and a random stream. Exported scripts hold them word for
word; so each stands alone, but for ``still``.

Movements are matrices (B, 3, 3) over places counted in pixels from the middle of the picture: (x, y, 1) of where a
pixel will stand -> where it is read.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def still(images: Tensor) -> Tensor:
    """For every picture the matrix that moves nothing."""
    return torch.eye(3, dtype=images.dtype, device=images.device).repeat(len(images), 1, 1)


def translate(images: Tensor, random: torch.Generator, share: float) -> Tensor:
    """Moves by up to that share of the width and of the height."""
    matrix, size = still(images), torch.tensor([images.shape[3], images.shape[2]])
    way = (torch.rand(len(images), 2, generator=random, dtype=torch.float32) * 2 - 1) * share * size
    matrix[:, :2, 2] = way.to(matrix)
    return matrix


def crop(images: Tensor, random: torch.Generator, padding: int) -> Tensor:
    """Cuts a window of the old size out of the padded picture: moves by whole pixels."""
    matrix = still(images)
    matrix[:, :2, 2] = torch.randint(-padding, padding + 1, (len(images), 2), generator=random).to(matrix)
    return matrix


def reflect(images: Tensor, random: torch.Generator, sideways: float, upright: float) -> Tensor:
    """Mirrors left and right, and top and bottom, with these probabilities."""
    matrix = still(images)
    drawn = torch.rand(len(images), 2, generator=random, dtype=torch.float32)
    turned = 1 - 2 * (drawn < torch.tensor([sideways, upright])).to(matrix)
    matrix[:, 0, 0], matrix[:, 1, 1] = turned[:, 0], turned[:, 1]
    return matrix


def rotate(images: Tensor, random: torch.Generator, degrees: int) -> Tensor:
    """Turns about the middle by up to so many degrees, either way."""
    matrix = still(images)
    angle = (torch.rand(len(images), generator=random, dtype=torch.float32) * 2 - 1) * math.radians(degrees)
    cosine, sine = torch.cos(angle).to(matrix), torch.sin(angle).to(matrix)
    matrix[:, 0, 0], matrix[:, 0, 1] = cosine, -sine
    matrix[:, 1, 0], matrix[:, 1, 1] = sine, cosine
    return matrix


def scale(images: Tensor, random: torch.Generator, change: float) -> Tensor:
    """Makes larger or smaller by up to that share, both equally likely."""
    matrix = still(images)
    wide = torch.exp((torch.rand(len(images), generator=random, dtype=torch.float32) * 2 - 1) * math.log1p(change))
    matrix[:, 0, 0] = matrix[:, 1, 1] = (1 / wide).to(matrix)
    return matrix


def moved(images: Tensor, matrix: Tensor, outside: str) -> Tensor:
    """Carries movements out in one pass, reading between pixels; ``outside`` says what comes in."""
    half = torch.tensor([images.shape[3] / 2, images.shape[2] / 2, 1]).to(matrix)
    grid = functional.affine_grid((matrix * half / half[:, None])[:, :2], list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode=outside, align_corners=False)


def intensity(images: Tensor, random: torch.Generator, brightness: float, contrast: float) -> Tensor:
    """Stretches each picture about its mean and adds a shift, both up to so much."""
    drawn = (torch.rand(2, len(images), 1, 1, 1, generator=random, dtype=torch.float32) * 2 - 1).to(images)
    mean = images.mean((1, 2, 3), keepdim=True)
    return (images - mean) * (1 + drawn[0] * contrast) + mean + drawn[1] * brightness


def cutout(images: Tensor, random: torch.Generator, size: float, value: float) -> Tensor:
    """Fills a square of every picture, anywhere, also over its edge."""
    high, wide = images.shape[2:]
    side = size * max(high, wide)
    middle = (torch.rand(len(images), 2, generator=random, dtype=torch.float32) * torch.tensor([high, wide])).to(images)
    rows = (torch.arange(high).to(images) + 0.5 - middle[:, :1]).abs() < side / 2  # (B, H)
    columns = (torch.arange(wide).to(images) + 0.5 - middle[:, 1:]).abs() < side / 2  # (B, W)
    return images.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], value)


def mixup(images: Tensor, random: torch.Generator, alpha: float) -> tuple[Tensor, Tensor, Tensor]:
    """Blends each picture with a random other one; also says which, and the share of the first, which is drawn from
    Beta(alpha, alpha): by rejection, after Jöhnk (1964)."""
    first, other = torch.rand(2, 64, generator=random, dtype=torch.float32).double() ** (1 / alpha)
    kept = ((first + other <= 1) & (first + other > 0)).int().argmax()
    share = (first[kept] / (first[kept] + other[kept])).nan_to_num(1.0).to(images)
    partner = torch.randperm(len(images), generator=random).to(images.device)
    return share * images + (1 - share) * images[partner], partner, share
