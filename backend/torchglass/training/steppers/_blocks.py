"""Convolution, ReLU and max pooling as one compiled operation, forward and backward.

A pooled map keeps one number of each window, so only the places that won take part in the way back: with windows of
2 × 2 that is a quarter of the multiplications that a convolution on all places needs, and of those the ones that ReLU
silenced are left out as well.

Legend: B batch, images lie as (B, height, width · channels) with the padding around them, filters are padded to
whole lanes. All of it lives in one flat buffer ``work``; a row of ``blocks`` says where (the names below).
"""

from __future__ import annotations

import numpy as np

from torchglass.training.steppers._compiling import inner
from torchglass.training.steppers._lanes import HALF_TILE, LANES, TILE, half, single, spread, tile, winner

# Columns of ``blocks``.
CHANNELS, HEIGHT, WIDTH, PADDING, KERNEL, STRIDE, FILTERS, WINDOW, RELU, OUT_HEIGHT, OUT_WIDTH = range(11)
WEIGHT, BIAS = 11, 12  # offsets in the parameters; no bias: -1
IMAGE, PULLED = 13, 14  # (B, padded height, padded width · channels): what comes in and its gradient
LINE = 15  # (row of places, lanes of filters): one row of the convolution
POOLED, POOLED_PULL = 16, 17  # (B, out height, out width, lanes of filters)
PACKED = 18  # (lanes of filters / 8, kernel · kernel · channels, 8), then 8 biases for each
ROWS, ROWS_PULL = 19, 20  # (filters, kernel, lanes of kernel · channels): weights by row, and their gradient
COLUMNS = 21


@inner
def lanes(count):  # type: ignore[no-untyped-def]
    return (count + LANES - 1) // LANES * LANES


@inner
def _pack(block, flat, work):  # type: ignore[no-untyped-def]
    """Weights (filters, kernel, kernel, channels) -> eight filters beside one another, and rows of whole lanes."""
    filters, kernel, length = block[FILTERS], block[KERNEL], block[KERNEL] * block[CHANNELS]
    wide, row = lanes(filters), lanes(length)
    taps = kernel * length
    for o in range(filters):
        group, lane = o // LANES, o % LANES
        into = block[PACKED] + group * taps * LANES + lane
        for i in range(kernel):
            for j in range(length):
                value = flat[block[WEIGHT] + (o * kernel + i) * length + j]
                work[into + (i * length + j) * LANES] = value
                work[block[ROWS] + (o * kernel + i) * row + j] = value
        if block[BIAS] >= 0:
            work[block[PACKED] + taps * wide + o] = flat[block[BIAS] + o]


@inner
def _convolve(block, work, image, line):  # type: ignore[no-untyped-def]
    """One row of places, those of the image line that begins at ``image``, into ``work`` from ``line`` on."""
    channels, kernel, stride = block[CHANNELS], block[KERNEL], block[STRIDE]
    length, wide = kernel * channels, lanes(block[FILTERS])
    row = (block[WIDTH] + 2 * block[PADDING]) * channels
    taps, hop = kernel * length, stride * channels
    places = (block[WIDTH] + 2 * block[PADDING] - kernel) // stride + 1
    for group in range(wide // LANES):
        weights, bias = block[PACKED] + group * taps * LANES, block[PACKED] + taps * wide + group * LANES
        q = 0
        while q < places:
            # The last tile overlaps the one before it; a place computed twice gets the same number.
            if places >= TILE:
                q = min(q, places - TILE)
            at = line + q * wide + group * LANES
            if places >= TILE:
                tile(work, at, wide, work, image + q * hop, hop, row, work, weights, bias, kernel, length)
                q += TILE
            elif q + HALF_TILE <= places:
                half(work, at, wide, work, image + q * hop, hop, row, work, weights, bias, kernel, length)
                q += HALF_TILE
            else:
                single(work, at, wide, work, image + q * hop, hop, row, work, weights, bias, kernel, length)
                q += 1


@inner
def forward(block, flat, work, chosen, batch):  # type: ignore[no-untyped-def]
    """Images in ``work`` -> pooled maps in ``work``; ``chosen``: where in its image each winner's window begins."""
    _pack(block, flat, work)
    row = (block[WIDTH] + 2 * block[PADDING]) * block[CHANNELS]
    size = (block[HEIGHT] + 2 * block[PADDING]) * row
    wide, window = lanes(block[FILTERS]), block[WINDOW]
    down, across = block[STRIDE] * row, block[STRIDE] * block[CHANNELS]
    lowest = work.dtype.type(0 if block[RELU] > 0 else -np.inf)
    maps = block[OUT_HEIGHT] * block[OUT_WIDTH] * wide
    for k in range(block[POOLED], block[POOLED] + batch * maps):
        work[k] = lowest
        chosen[k] = -1
    for n in range(batch):
        image = block[IMAGE] + n * size
        for p in range(block[OUT_HEIGHT]):
            for i in range(window):
                y = (p * window + i) * down
                _convolve(block, work, image + y, block[LINE])
                for q in range(block[OUT_WIDTH]):
                    at = block[POOLED] + n * maps + (p * block[OUT_WIDTH] + q) * wide
                    for j in range(window):
                        x = q * window + j
                        winner(work, chosen, at, work, block[LINE] + x * wide, y + x * across, wide // LANES)


@inner
def backward(block, grad, work, chosen, batch, first):  # type: ignore[no-untyped-def]
    """Gradients of the pooled maps -> of weights and biases in ``grad``, and of the images unless they are the data."""
    filters, kernel, length = block[FILTERS], block[KERNEL], block[KERNEL] * block[CHANNELS]
    line, wide = lanes(length), lanes(filters)
    row = (block[WIDTH] + 2 * block[PADDING]) * block[CHANNELS]
    size = (block[HEIGHT] + 2 * block[PADDING]) * row
    places = block[OUT_HEIGHT] * block[OUT_WIDTH]
    for k in range(block[ROWS_PULL], block[ROWS_PULL] + filters * kernel * line):
        work[k] = 0
    if not first:
        for k in range(block[PULLED], block[PULLED] + batch * size):
            work[k] = 0
    if block[BIAS] >= 0:
        for o in range(filters):
            grad[block[BIAS] + o] = 0
    for n in range(batch):
        image, pulled = block[IMAGE] + n * size, block[PULLED] + n * size
        for place in range(places):
            offset = (n * places + place) * wide
            for o in range(filters):
                where = chosen[block[POOLED] + offset + o]
                if where < 0:
                    continue
                pull = work[block[POOLED_PULL] + offset + o]
                if block[BIAS] >= 0:
                    grad[block[BIAS] + o] += pull
                into, weights = block[ROWS_PULL] + o * kernel * line, block[ROWS] + o * kernel * line
                spread(work, into, line, work, image + where, row, pull, kernel, line // LANES)
                if not first:
                    spread(work, pulled + where, row, work, weights, line, pull, kernel, line // LANES)
    for o in range(filters):
        for i in range(kernel):
            for j in range(length):
                found = work[block[ROWS_PULL] + (o * kernel + i) * line + j]
                grad[block[WEIGHT] + (o * kernel + i) * length + j] = found


@inner
def place(block, work, data, index):  # type: ignore[no-untyped-def]
    """Those examples (N, channels · height · width) into the images of the first block."""
    channels, height, width, padding = block[CHANNELS], block[HEIGHT], block[WIDTH], block[PADDING]
    row = (width + 2 * padding) * channels
    size = (height + 2 * padding) * row
    for n in range(len(index)):
        for c in range(channels):
            for i in range(height):
                into = block[IMAGE] + n * size + (i + padding) * row + padding * channels + c
                for j in range(width):
                    work[into + j * channels] = data[index[n], (c * height + i) * width + j]


@inner
def hand_on(block, following, work, batch):  # type: ignore[no-untyped-def]
    """Pooled maps -> images of the next block."""
    padding, channels, wide = following[PADDING], following[CHANNELS], lanes(block[FILTERS])
    row = (following[WIDTH] + 2 * padding) * channels
    size = (following[HEIGHT] + 2 * padding) * row
    source = block[POOLED]
    for n in range(batch):
        for i in range(following[HEIGHT]):
            into = following[IMAGE] + n * size + (i + padding) * row + padding * channels
            for _ in range(following[WIDTH]):
                for c in range(channels):
                    work[into + c] = work[source + c]
                into += channels
                source += wide


@inner
def hand_back(block, following, work, batch):  # type: ignore[no-untyped-def]
    """Gradients of the next block's images -> of the pooled maps."""
    padding, channels, wide = following[PADDING], following[CHANNELS], lanes(block[FILTERS])
    row = (following[WIDTH] + 2 * padding) * channels
    size = (following[HEIGHT] + 2 * padding) * row
    into = block[POOLED_PULL]
    for n in range(batch):
        for i in range(following[HEIGHT]):
            source = following[PULLED] + n * size + (i + padding) * row + padding * channels
            for _ in range(following[WIDTH]):
                for c in range(channels):
                    work[into + c] = work[source + c]
                source += channels
                into += wide


@inner
def flatten(block, work, values, batch):  # type: ignore[no-untyped-def]
    """Pooled maps -> (filters · height · width, B), in the order of PyTorch's flatten."""
    places, wide = block[OUT_HEIGHT] * block[OUT_WIDTH], lanes(block[FILTERS])
    for n in range(batch):
        for p in range(places):
            for o in range(block[FILTERS]):
                values[o * places + p, n] = work[block[POOLED] + (n * places + p) * wide + o]


@inner
def unflatten(block, work, grads, batch):  # type: ignore[no-untyped-def]
    """The way back of ``flatten``."""
    places, wide = block[OUT_HEIGHT] * block[OUT_WIDTH], lanes(block[FILTERS])
    for n in range(batch):
        for p in range(places):
            for o in range(block[FILTERS]):
                work[block[POOLED_PULL] + (n * places + p) * wide + o] = grads[o * places + p, n]
