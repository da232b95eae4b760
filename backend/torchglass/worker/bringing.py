"""Which tensors the pictures of one look are going to read, so that an accelerator hands them over together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor

from torchglass.probes._numbers import MOST_VALUES
from torchglass.probes.base import Needs
from torchglass.worker.capture import Moment


def read_of(moment: Moment, asked: Sequence[tuple[Needs, str | None, str]]) -> list[Tensor]:
    """For each picture (its needs, node and source): the outputs, the prediction and the weights that it is likely to
    read, each tensor once. What is larger than a picture is left where it is, and so is what would bring all of them
    beyond ``MOST_VALUES``; what a picture reads besides is copied when it does."""
    found: dict[int, Tensor] = {}
    room = MOST_VALUES
    for needs, node, source in asked:
        for tensor in (*_outputs(moment, needs, source), *_weights(moment, node)):
            if id(tensor) not in found and tensor.numel() <= room:
                found[id(tensor)] = tensor
                room -= tensor.numel()
    return list(found.values())


def _outputs(moment: Moment, needs: Needs, source: str) -> Iterator[Tensor]:
    if not (needs.everything or needs.activations):
        return
    outputs, _ = moment.outputs(source)
    yield from (outputs[name] for name in (outputs if needs.everything else needs.activations) if name in outputs)
    if needs.everything and (read := moment.predicted(source)) is not None:
        yield read


def _weights(moment: Moment, node: str | None) -> Iterator[Tensor]:
    """Of that node, or of all."""
    yield from (p for name, p in moment.parameters().items() if node is None or name.startswith(f"{node}."))
