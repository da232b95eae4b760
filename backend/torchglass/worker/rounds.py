"""What a layer says of many examples, gained block by block, so that no look lasts long."""

from __future__ import annotations

import copy
import time
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor

from torchglass.probes.base import Features

#: A block lasts about so long (seconds), and has at least so many examples.
_BLOCK, _FEWEST = 0.008, 8
#: Rounds that are kept: layers and splits that people look at together.
_MOST = 4
#: Numbers that a round holds at most (floats): a hundred MB.
MOST_NUMBERS = 25_000_000


class _Round:
    """One layer over one split. The network is copied when a round begins: every block belongs to the same step."""

    def __init__(self, trainer: Any, split: str, node: str, count: int) -> None:
        self.trainer, self.split, self.node = trainer, split, node
        self.count = min(count, trainer.data.count(split))
        self.done: Features | None = None
        self.stamp: object = None
        self._found: list[tuple[Tensor, Tensor | None]] = []
        self._position, self._block, self._step = 0, _FEWEST, 0
        self._going, self._spare = (copy.deepcopy(trainer.model).eval() for _ in range(2))

    def advance(self, stamp: object) -> bool:
        """One block further, unless this network is known already; whether the newest round is complete now."""
        if self.stamp == stamp and self.done is not None and not self._found:
            return True
        if not self._found:
            self._begin(stamp)
        begun = time.perf_counter()
        indices = list(range(self._position, min(self._position + self._block, self.count)))
        outputs = self._going.run(self.trainer.data.batch(self.split, indices))
        read = self.trainer.recipe.predict(outputs)
        self._found.append((outputs[self.node].flatten(1), read))
        self._position += len(indices)
        lasted = max(time.perf_counter() - begun, 1e-6)
        self._block = max(_FEWEST, min(4 * self._block, int(len(indices) * _BLOCK / lasted)))
        if self._found[0][0].shape[1] * self.count > MOST_NUMBERS:
            self._found = []
            raise ValueError("This layer says too much for so many examples: choose one further back.")
        if self._position < self.count:
            return False
        self._complete()
        return True

    def _begin(self, stamp: object) -> None:
        self.stamp, self._position, self._step = stamp, 0, self.trainer.step
        self._going.load_state_dict(self.trainer.model.state_dict())
        self._going.silent = self.trainer.model.silent

    def _complete(self) -> None:
        values = torch.cat([value for value, _ in self._found])
        reads = [read for _, read in self._found if read is not None]
        model, node = self._going, self.node
        self._going, self._spare = self._spare, self._going
        self._found = []

        def embed(batch: dict[str, Tensor]) -> Tensor:
            found: Tensor = model.run(batch)[node].flatten(1)
            return found

        self.done = Features(self._step, values, torch.cat(reads) if len(reads) else None, embed)


class Rounds:
    """The rounds of one trainer; the network and its data do not change their structure meanwhile."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer
        self._rounds: OrderedDict[tuple[str, str, int], _Round] = OrderedDict()

    def features(self, split: str, node: str, count: int, stamp: object) -> tuple[Features | None, bool, bool]:
        """The newest complete round, whether none newer is on its way, and whether it is of this very network; every
        call works on that."""
        key = (split, node, count)
        if key not in self._rounds:
            self._rounds[key] = _Round(self._trainer, split, node, count)
            if len(self._rounds) > _MOST:
                self._rounds.popitem(last=False)
        self._rounds.move_to_end(key)
        one = self._rounds[key]
        fresh = one.advance(stamp)
        return one.done, fresh, fresh and one.stamp == stamp
