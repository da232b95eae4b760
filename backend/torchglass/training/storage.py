"""Every trainable number of a run in one flat buffer, and the optimizer state beside it.

The modules' parameters and gradients are views of the buffers, so probes, checkpoints, edits and any stepper see
the same memory. A role owns one contiguous range, which one optimizer call updates whatever the number of layers.
Changing dtype, device or structure needs a new storage.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from torchglass.optimizers.base import Optimizer


@dataclass(slots=True)
class Slot:
    """Where one parameter lies: ``offset`` and length in the flat buffers."""

    name: str
    parameter: nn.Parameter
    offset: int

    @property
    def end(self) -> int:
        return self.offset + self.parameter.numel()


@dataclass(slots=True)
class Role:
    """One optimizer and the range of the buffers that it updates; ``updates`` counts its steps."""

    name: str
    start: int
    stop: int
    optimizer: Optimizer
    state: dict[str, Tensor]
    updates: int = 0


class Storage:
    """Flat parameters, gradients and optimizer state.

    ``groups`` maps a role to its named parameters; a parameter belongs to exactly one role. ``channels_last`` lays
    the weights of convolutions out as (O, kh, kw, I), which their outputs then follow.
    """

    def __init__(
        self,
        groups: Mapping[str, Iterable[tuple[str, nn.Parameter]]],
        device: torch.device,
        channels_last: bool = False,
    ) -> None:
        self.channels_last = channels_last
        layout: list[tuple[str, list[tuple[str, nn.Parameter]]]] = [(r, list(p)) for r, p in groups.items()]
        everything = [parameter for _, members in layout for _, parameter in members]
        dtype = everything[0].dtype if everything else torch.float32
        total = sum(parameter.numel() for parameter in everything)
        self.flat = _flat(total, dtype, device)
        self.gradient = _flat(total, dtype, device)
        self.decays = _flat(total, dtype, device)  # 1 where weight decay applies
        self.slots: dict[str, Slot] = {}
        self.ranges: dict[str, tuple[int, int]] = {}
        offset = 0
        for role, members in layout:
            start = offset
            for name, parameter in members:
                self._adopt(name, parameter, offset)
                offset += parameter.numel()
            self.ranges[role] = (start, offset)

    def _adopt(self, name: str, parameter: nn.Parameter, offset: int) -> None:
        end = offset + parameter.numel()
        view = self._shaped(self.flat[offset:end], parameter.shape)
        with torch.no_grad():
            view.copy_(parameter)
        parameter.data = view
        parameter.grad = self._shaped(self.gradient[offset:end], parameter.shape)
        self.decays[offset:end] = 1.0 if parameter.dim() > 1 else 0.0
        self.slots[name] = Slot(name, parameter, offset)

    def _shaped(self, piece: Tensor, shape: torch.Size) -> Tensor:
        """A piece of a flat buffer as a parameter of that shape."""
        if self.channels_last and len(shape) == 4:
            out, into, height, width = shape
            return piece.view(out, height, width, into).permute(0, 3, 1, 2)
        return piece.view(shape)

    def write(self, flat: Tensor, name: str, value: Tensor) -> None:
        """Copy ``value``, of the parameter's shape, to its place in a buffer laid out like ``flat``."""
        slot = self.slots[name]
        self._shaped(flat[slot.offset : slot.end], slot.parameter.shape).copy_(value)

    def role(self, name: str, optimizer: Optimizer) -> Role:
        """The role's range with zeroed optimizer state."""
        start, stop = self.ranges[name]
        state = {slot: torch.zeros_like(self.flat[start:stop]) for slot in optimizer.slots}
        return Role(name, start, stop, optimizer, state)

    def views(self, flat: Tensor, start: int = 0) -> dict[str, Tensor]:
        """``flat`` cut into the parameters' shapes by name; ``start`` is the buffer offset of its first element."""
        return {
            name: self._shaped(flat[slot.offset - start : slot.end - start], slot.parameter.shape)
            for name, slot in self.slots.items()
            if start <= slot.offset and slot.end - start <= flat.numel()
        }

    def limit_norms(self, start: int, stop: int, limit: float) -> None:
        """Scale the weights into each unit of that range back to the length ``limit`` (``torch.renorm`` by rows)."""
        for slot in self.slots.values():
            if start <= slot.offset < stop and slot.parameter.dim() > 1:
                slot.parameter.copy_(torch.renorm(slot.parameter, 2, 0, limit))

    def is_finite(self) -> bool:
        """Whether every parameter is a number (one device sync)."""
        return bool(torch.isfinite(self.flat).all()) if self.flat.numel() else True


def _flat(total: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Zeros; on the CPU backed by numpy where numpy knows the dtype, so that kernels can share the memory."""
    if device.type == "cpu" and dtype in (torch.float32, torch.float64):
        import numpy as np

        return torch.from_numpy(np.zeros(total, dtype=np.float32 if dtype == torch.float32 else np.float64))
    return torch.zeros(total, dtype=dtype, device=device)


def clip_factor(gradient: Tensor, limit: float) -> Tensor:
    """Factor that brings the norm of ``gradient`` down to ``limit`` (Pascanu et al. 2013); no device sync."""
    assert limit > 0
    assert math.isfinite(limit)
    factor: Tensor = limit / (gradient.norm() + 1e-6)
    return factor.clamp_(max=1.0)
