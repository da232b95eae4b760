"""Reading and writing an external memory by attention."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import describe, known, need_float, need_vector, one
from torchglass.layers.base import Context, Inputs, Layer, Port, Tap
from torchglass.source import LayerSource, Place, call, literal, text_of
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


_MODULES = Path(__file__).with_name("_modules.py")


class MemoryConfig(Settings):
    similarity: Literal["cosine", "dot", "slot"] = Field(
        "cosine",
        title="Address by",
        description="Cosine or dot: the key is compared with the content of every slot. Slot: one score per slot.",
    )
    sharpness: float = Field(
        5.0, title="Sharpness", description="Scores are multiplied with it before the softmax.", gt=0, le=1000
    )


_WEIGHTING = (
    "The weight of a slot is the softmax of `sharpness` × similarity of the key with its content (cosine or dot "
    "product), or of the key itself when addressed by slot (the key then has one score per slot).\n\n"
)


class _Memory(Layer):
    group = "Memory"
    Config = MemoryConfig
    config: MemoryConfig

    def _slots(self, inputs: Inputs) -> tuple[int, int]:
        memory = need_float(one(inputs, "memory"), self.label)
        if len(memory.axes) != 2:
            raise ShapeError(f"A memory has slots×features, but {describe(memory)} arrives at its port “memory”.")
        slots, size = known(memory, self.label)
        key = need_vector(one(inputs, "key"), self.label, "key")
        wanted = slots if self.config.similarity == "slot" else size
        if key != wanted:
            what = "one score per slot" if self.config.similarity == "slot" else "as many numbers as a slot"
            raise ShapeError(f"The key needs {what} ({wanted}), but has {key}.", field="similarity")
        return slots, size

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return 2 * one(inputs, "memory").count()


class MemoryRead(_Memory):
    kind = "memory_read"
    label = "Memory read"
    summary = "Reads a mixture of the memory's slots, those most like the key most strongly."
    formula = r"r = \sum_n w_n M_n,\quad w = \mathrm{softmax}(\beta\, s(k, M_n))"
    docs = (
        "Memory N×D and a key become one vector D. " + _WEIGHTING + "Source: Graves, Wayne, Danihelka (2014), "
        "*Neural Turing machines*, section 3.1 and 3.3.1."
    )
    inputs = (Port("memory"), Port("key"))

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        _, size = self._slots(inputs)
        return {"out": Shape.vector(size)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import MemoryReader

        return MemoryReader(self.config.similarity, self.config.sharpness)

    def to_source(self, place: Place) -> LayerSource:
        classes = tuple(text_of(_MODULES, name) for name in ("_Addressed", "MemoryReader"))
        return LayerSource(
            call("MemoryReader", literal(self.config.similarity), self.config.sharpness), definitions=classes
        )

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "bars")]


class MemoryWrite(_Memory):
    kind = "memory_write"
    label = "Memory write"
    summary = "Overwrites the slots most like the key with a value, each in proportion to its weight."
    formula = r"M'_n = (1 - w_n) M_n + w_n v,\quad w = \mathrm{softmax}(\beta\, s(k, M_n))"
    docs = (
        "Memory N×D, a key and a value D become the next memory N×D. "
        + _WEIGHTING
        + "A memory of equal slots stays one of "
        "equal slots when addressed by content: start it unequal, or address by slot.\n\n"
        "Source: Graves, Wayne, Danihelka (2014), *Neural Turing machines*, section 3.2, with full erasure."
    )
    inputs = (Port("memory"), Port("key"), Port("value"))

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        _, size = self._slots(inputs)
        value = need_vector(one(inputs, "value"), self.label, "value")
        if value != size:
            raise ShapeError(f"A slot holds {size} numbers, but the value has {value}.")
        return {"out": one(inputs, "memory")}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import MemoryWriter

        return MemoryWriter(self.config.similarity, self.config.sharpness)

    def to_source(self, place: Place) -> LayerSource:
        classes = tuple(text_of(_MODULES, name) for name in ("_Addressed", "MemoryWriter"))
        return LayerSource(
            call("MemoryWriter", literal(self.config.similarity), self.config.sharpness), definitions=classes
        )

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "matrix")]
