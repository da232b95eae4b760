"""Copies out of an accelerator's memory: what one look reads is asked for together and waited for once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Brought:
    """Copies of tensors on the host, under way since they were asked for. On CUDA they go into page-locked memory
    without anybody waiting; whoever reads the first one waits for all of them. Elsewhere they are there at once."""

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        import torch

        self._copies: dict[int, list[tuple[Tensor, Tensor]]] = {}
        device: torch.device | None = None
        for tensor in tensors:
            source = tensor.detach()
            locked = source.device.type == "cuda"
            copy = torch.empty_like(source, device="cpu", pin_memory=locked).copy_(source, non_blocking=locked)
            if copy.stride() == source.stride():  # what has holes is laid out anew, and is read by itself
                # The source is kept, so that nothing else comes to lie where it lies.
                self._copies.setdefault(source.untyped_storage().data_ptr(), []).append((source, copy))
                device = source.device
        self._event = _event(device)

    def find(self, tensor: Tensor) -> Tensor | None:
        """The same part of a copy, if that tensor is, or is a part of, one that was asked for."""
        for source, copy in self._copies.get(tensor.untyped_storage().data_ptr(), ()):
            first = tensor.storage_offset() - source.storage_offset()
            last = first + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride(), strict=True))
            if tensor.dtype == source.dtype and tensor.numel() and first >= 0 and last < source.numel():
                if self._event is not None:
                    self._event.synchronize()
                    self._event = None
                return copy.as_strided(tensor.shape, tensor.stride(), first)
        return None


_BROUGHT: ContextVar[Brought | None] = ContextVar("brought", default=None)


@contextmanager
def bringing(tensors: Iterable[Tensor]) -> Iterator[None]:
    """Inside, ``on_host`` finds these tensors, which nobody may write to meanwhile."""
    token = _BROUGHT.set(Brought(tensors))
    try:
        yield
    finally:
        _BROUGHT.reset(token)


def on_host(tensor: Tensor) -> Tensor:
    """The tensor in the host's memory: itself, what was brought, or copied now."""
    brought = _BROUGHT.get()
    found = None if brought is None else brought.find(tensor)
    return tensor.detach().to("cpu") if found is None else found


def _event(device: torch.device | None) -> torch.cuda.Event | None:
    """Over once everything that was asked of the device so far is done; None where nothing is left to wait for."""
    import torch

    if device is None or device.type != "cuda":
        return None
    event = torch.cuda.Event()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    event.record(torch.cuda.current_stream(device))
    return event
