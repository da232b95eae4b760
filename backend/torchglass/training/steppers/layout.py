"""Where the compiled convolutions (``_blocks.py``) find their images, maps and packed weights."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torchglass.training.steppers.chain import Block
    from torchglass.training.storage import Storage


class Layout:
    """``rows`` (K, COLUMNS): a convolution each; ``work``: all that they compute with; ``chosen``: who won, as far as
    ``work`` holds pooled maps."""

    def __init__(self, kernel: ModuleType, blocks: list[Block], storage: Storage, batch: int, dtype: Any) -> None:
        assert storage.channels_last or not blocks
        self.kernel = kernel
        self.rows = np.zeros((len(blocks), kernel._blocks.COLUMNS), np.int64)
        self._end, self._pooled = 0, 0
        if blocks:
            names = kernel._blocks
            for row, block in zip(self.rows, blocks, strict=True):
                self._describe(names, row, block, storage)
            for row in self.rows:  # maps first, so that ``chosen`` can be short
                row[names.POOLED] = self._room(batch * _maps(names, row))
            self._pooled = self._end
            for row in self.rows:
                self._place(names, row, batch)
        self.work = np.zeros(self._end, dtype)
        self.chosen = np.zeros(self._pooled, np.int32)

    def _describe(self, names: ModuleType, row: np.ndarray, block: Block, storage: Storage) -> None:
        plan, config = block.convolution, block.convolution.layer.config
        channels, height, width = block.images
        filters, out_height, out_width = plan.outputs["out"].known()
        row[names.CHANNELS], row[names.HEIGHT], row[names.WIDTH] = channels, height, width
        row[names.PADDING], row[names.KERNEL] = config.padding, config.kernel_size
        row[names.STRIDE], row[names.FILTERS] = config.stride, filters
        row[names.WINDOW], row[names.RELU] = block.window, block.relu
        row[names.OUT_HEIGHT], row[names.OUT_WIDTH] = out_height // block.window, out_width // block.window
        row[names.WEIGHT] = storage.slots[f"{plan.node.id}.weight"].offset
        bias = storage.slots.get(f"{plan.node.id}.bias")
        row[names.BIAS] = -1 if bias is None else bias.offset

    def _place(self, names: ModuleType, row: np.ndarray, batch: int) -> None:
        padding, kernel = row[names.PADDING], row[names.KERNEL]
        length, wide = kernel * row[names.CHANNELS], _lanes(names, row[names.FILTERS])
        across = row[names.WIDTH] + 2 * padding
        image = batch * (row[names.HEIGHT] + 2 * padding) * across * row[names.CHANNELS]
        row[names.IMAGE], row[names.PULLED] = self._room(image), self._room(image)
        row[names.LINE] = self._room(((across - kernel) // row[names.STRIDE] + 1) * wide)
        row[names.POOLED_PULL] = self._room(batch * _maps(names, row))
        row[names.PACKED] = self._room(wide * kernel * length + wide)
        weights = row[names.FILTERS] * kernel * _lanes(names, length)
        row[names.ROWS], row[names.ROWS_PULL] = self._room(weights), self._room(weights)

    def _room(self, count: int) -> int:
        """Where that many numbers begin; there is some room behind them, as whole lanes are read and written."""
        begin = self._end
        self._end += int(count) + 16
        return begin


def _maps(names: ModuleType, row: np.ndarray) -> int:
    """Numbers in the pooled maps of one image."""
    return int(row[names.OUT_HEIGHT] * row[names.OUT_WIDTH] * _lanes(names, row[names.FILTERS]))


def _lanes(names: ModuleType, count: int) -> int:
    """Up to whole lanes."""
    return -(-int(count) // int(names.LANES)) * int(names.LANES)
