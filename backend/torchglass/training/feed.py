"""Turns a data set into batches on the training device: indexed on the device, converted per batch, prepared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from torchglass.datasets import by_hand
from torchglass.datasets.base import DATASETS, FieldSpec
from torchglass.prepare.base import PREPARES, Prepare
from torchglass.spec.base import Choice
from torchglass.spec.experiment import Data
from torchglass.training.augmenting import Augmenting
from torchglass.training.randomness import generator

#: Examples, spread over the training split, that ``prepare`` is fitted on at most: all of MNIST would take 188 MB
#: and half a second at every start, and 10,000 images agree with it to three digits.
FIT_LIMIT = 10_000
#: Values that are converted at a time for that: in double precision they stay in the processor's cache.
FIT_BLOCK = 1 << 17
_TORCH = {"uint8": torch.uint8, "float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


@dataclass(slots=True)
class Cursor:
    """Where the run stands in its data: examples of this epoch already used."""

    epoch: int = 0
    used: int = 0


class Feed:
    """Fields by name, split by split. ``fitted`` is what ``prepare`` learned, by position and name."""

    def __init__(
        self, data: Data, seed: int, device: torch.device, dtype: torch.dtype, channels_last: bool = False
    ) -> None:
        self.dataset = DATASETS.make(data.kind, data.config)
        self.fields: dict[str, FieldSpec] = self.dataset.fields()
        self.seed, self.device, self.dtype, self.channels_last = seed, device, dtype, channels_last
        loaded = self.dataset.load(seed)
        limits = {"train": data.split.train, "test": data.split.test}
        #: Examples of each split before anything was done to them by hand.
        self.rows = {
            split: min(limits[split] or 10**9, len(next(iter(arrays.values()), ())))
            for split, arrays in (("train", loaded.train), ("test", loaded.test))
        }
        self._raw = {
            split: by_hand.applied(
                {name: values[: limits[split]] for name, values in arrays.items()},
                [one for one in data.by_hand if one.split == split],
            )
            for split, arrays in (("train", loaded.train), ("test", loaded.test))
        }
        self._counts = {split: len(next(iter(arrays.values()), ())) for split, arrays in self._raw.items()}
        self._tensors = {
            split: {name: torch.from_numpy(values).to(device) for name, values in arrays.items()}
            for split, arrays in self._raw.items()
        }
        self.prepares: list[Prepare] = [PREPARES.make(choice.kind, choice.config) for choice in data.prepare]
        self.fitted: list[dict[str, Tensor]] = []
        self._fit()
        self.augment(data.augment)
        self._order: tuple[int, Tensor] | None = None

    # -- description ------------------------------------------------------------------------------------------

    def count(self, split: str) -> int:
        """Number of examples of ``train`` or ``test``."""
        return self._counts[split]

    @property
    def picture_field(self) -> str | None:
        """The first image among the inputs."""
        return next((n for n, f in self.fields.items() if f.role == "input" and f.shape.is_image), None)

    @property
    def target_field(self) -> str | None:
        return next((n for n, f in self.fields.items() if f.role == "target"), None)

    def augment(self, choices: Sequence[Choice]) -> None:
        """Take other augmentations over; the data and what was fitted on them stay."""
        self.augmenting = Augmenting(choices, self.fields, self.seed)

    # -- batches ----------------------------------------------------------------------------------------------

    def batch(self, split: str, indices: Tensor | Sequence[int], only: str | None = None) -> dict[str, Tensor]:
        """Prepared fields of those examples, or one of them, each (B, ...), on the device."""
        index = torch.as_tensor(indices, dtype=torch.int64, device=self.device)
        chosen = self._tensors[split].items()
        return {name: self._ready(name, values[index]) for name, values in chosen if only in (None, name)}

    def column(self, split: str, name: str) -> Tensor:
        """One prepared field of every example (N, ...)."""
        return self._ready(name, self._tensors[split][name])

    def raw(self, split: str, indices: Sequence[int]) -> dict[str, np.ndarray]:
        """Fields of those examples as they are stored."""
        return {name: values[list(indices)] for name, values in self._raw[split].items()}

    def arrays(self, split: str) -> dict[str, np.ndarray]:
        """Every example of a split as it is stored."""
        return dict(self._raw[split])

    def prepare_input(self, field: str, raw: np.ndarray) -> Tensor:
        """Somebody's own value of one field, as stored, with a batch axis -> as the network is fed."""
        return self._ready(field, torch.from_numpy(np.ascontiguousarray(raw)).to(self.device))

    def next_batch(self, cursor: Cursor, size: int, step: int) -> dict[str, Tensor]:
        """The next training batch in this epoch's order, augmented for that step; moves the cursor on. The last
        batch may be smaller; a single example left over joins the batch before it (batch normalisation cannot work
        on one)."""
        if self.count("train") == 0:
            cursor.used += size
            return {}
        return self.augmented(self._next(cursor, size), step)

    def peek(self, cursor: Cursor, size: int, step: int) -> tuple[dict[str, np.ndarray], dict[str, Tensor]]:
        """The batch that ``next_batch`` would give, as stored and as fed; moves nothing."""
        index = self._next(replace(cursor), size)
        return self.raw("train", index.tolist()), self.augmented(index, step)

    def augmented(self, index: Tensor, step: int) -> dict[str, Tensor]:
        """Those training examples as they are fed at that step: augmented, then prepared."""
        if not self.augmenting:
            return self.batch("train", index)
        scaled = {name: self._scaled(name, values[index]) for name, values in self._tensors["train"].items()}
        changed, mixed = self.augmenting(scaled, step)
        ready = {name: self._prepared(name, values) for name, values in changed.items()}
        return ready if mixed is None else ready | mixed.targets(ready, self.fields)

    def _next(self, cursor: Cursor, size: int) -> Tensor:
        order, first = self._shuffled(cursor.epoch, self.count("train")), cursor.used
        return order[first : self._advance(cursor, size)]

    def take(self, cursor: Cursor, size: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """The next ``steps`` batches, over as many epochs as they take, as an order of examples and where in it each
        batch begins and ends (batches + 1); moves the cursor on."""
        total = self.count("train")
        assert total
        orders: list[np.ndarray] = []
        ends = [np.array([cursor.used], np.int64)]
        while steps:
            left = self.batches_from(cursor.used, size)
            count = min(steps, left)
            stops = cursor.used + size * np.arange(1, count + 1)
            before = total * len(orders)
            orders.append(self._shuffled(cursor.epoch, total).numpy())
            cursor.used = int(stops[-1])
            if count == left:
                stops[-1] = total
                cursor.epoch, cursor.used = cursor.epoch + 1, 0
            ends.append(stops + before)
            steps -= count
        return orders[0] if len(orders) == 1 else np.concatenate(orders), np.concatenate(ends)

    def _advance(self, cursor: Cursor, size: int) -> int:
        """Move the cursor over one batch; where in the epoch's order that batch ends."""
        total = self.count("train")
        stop = min(cursor.used + size, total)
        if total - stop == 1 and size > 1:
            stop = total
        cursor.used = stop
        if stop >= total:
            cursor.epoch, cursor.used = cursor.epoch + 1, 0
        return stop

    def batches_from(self, used: int, size: int) -> int:
        """Number of batches in an epoch once ``used`` examples of it are gone; 0 for data without examples."""
        left = self.count("train") - used
        whole = -(-left // size)
        return whole - 1 if size > 1 and left > 1 and left % size == 1 else whole

    def blocks(self, split: str, limit: int | None, size: int) -> Iterator[tuple[dict[str, Tensor], int]]:
        """(batch, number of examples) over ``limit`` examples spread evenly over the split (None: all of it)."""
        total = self.count(split)
        chosen = torch.arange(0, total, max(1, total // limit) if limit else 1, device=self.device)[:limit]
        for part in torch.split(chosen, size) if total else ():
            yield self.batch(split, part), len(part)

    def forget_order(self) -> None:
        """The seed changed: shuffle anew."""
        self._order = None

    # -- inner ------------------------------------------------------------------------------------------------

    def _shuffled(self, epoch: int, total: int) -> Tensor:
        if self._order is None or self._order[0] != epoch:
            order = torch.randperm(total, generator=generator(self.seed, "order", epoch))
            self._order = (epoch, order.to(self.device))
        return self._order[1]

    def _scaled(self, name: str, values: Tensor) -> Tensor:
        """As stored -> floats where floats are meant: uint8 to 0..1."""
        spec = self.fields[name]
        if spec.shape.dtype != "float":
            return values if values.dtype == torch.bool else values.to(torch.int64)
        if values.dtype == torch.uint8:
            return values.to(self.dtype).div_(255)
        return values.to(self.dtype)

    def _ready(self, name: str, values: Tensor) -> Tensor:
        return self._prepared(name, self._scaled(name, values))

    def _prepared(self, name: str, ready: Tensor) -> Tensor:
        for prepare, fitted in zip(self.prepares, self.fitted, strict=False):  # fewer while fitting
            if prepare.field() == name:
                ready = prepare.apply(ready, fitted)
        if self.channels_last and ready.dim() == 4:
            ready = ready.contiguous(memory_format=torch.channels_last)
        return ready

    def _fit(self) -> None:
        """Fits each preparation on the training split, in order, each seeing what the ones before it left."""
        for prepare in self.prepares:
            name = prepare.field()
            if name not in self.fields:
                raise ValueError(f"prepare {prepare.kind!r}: the data has no field {name!r}")
            learned = prepare.fit(self._fitting(name))
            self.fitted.append(
                {
                    k: torch.as_tensor(v, dtype=self.dtype if v.dtype.kind == "f" else None, device=self.device)
                    for k, v in learned.items()
                }
            )

    def _fitting(self, name: str) -> Iterator[np.ndarray]:
        """What a field is fitted on, a few examples after the other, as the preparations before left them."""
        everything = self._tensors["train"][name]
        chosen = everything[:: max(1, len(everything) // FIT_LIMIT)][:FIT_LIMIT]
        for part in torch.split(chosen, max(1, FIT_BLOCK // max(1, chosen.shape[1:].numel()))):
            yield self._ready(name, part).cpu().numpy()
