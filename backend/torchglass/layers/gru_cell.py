"""One step of a gated recurrent unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import need_vector, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Port, Tap
from torchglass.source import Initial, LayerSource, Place, call
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class GRUCellConfig(Settings):
    hidden_size: int = Field(32, title="State size", description="How many numbers the state has.", ge=1, le=65536)


class GRUCell(Layer):
    kind = "gru_cell"
    label = "GRU cell"
    group = "Sequence"
    summary = "One step through time: gates decide how much of the state is kept and how much is new."
    formula = (
        r"r = \sigma(W_r x + U_r h),\quad z = \sigma(W_z x + U_z h),\quad "
        r"n = \tanh(W_n x + r \odot U_n h),\quad h' = (1 - z) \odot n + z \odot h"
    )
    docs = (
        "Takes a vector D at “in” and the state H at “state”, gives the next state H (`torch.nn.GRUCell`; biases "
        "left out of the formula). Put it into a part and run that part over a sequence with a *scan*, which carries "
        "the state.\n\n"
        "Source: Cho et al. (2014), *Learning phrase representations using RNN encoder-decoder*."
    )
    Config = GRUCellConfig
    config: GRUCellConfig
    inputs = (Port("in"), Port("state"))

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        need_vector(one(inputs), self.label, "in")
        state = need_vector(one(inputs, "state"), self.label, "state")
        if state != self.config.hidden_size:
            message = f"The state has {state} numbers, but this cell keeps {self.config.hidden_size}."
            mend = Mend(label=f"Keep {state}", path="config.hidden_size", value=state)
            raise ShapeError(message, field="hidden_size", mend=mend)
        return {"out": Shape.vector(self.config.hidden_size)}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        hidden, size = self.config.hidden_size, need_vector(one(inputs), self.label, "in")
        return [
            Parameter("weight_ih", (3 * hidden, size), axes=("3*out", "in")),
            Parameter("weight_hh", (3 * hidden, hidden), axes=("3*out", "out")),
            Parameter("bias_ih", (3 * hidden,), axes=("3*out",)),
            Parameter("bias_hh", (3 * hidden,), axes=("3*out",)),
        ]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        hidden = self.config.hidden_size
        return 3 * hidden * (one(inputs).count() + hidden)

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.GRUCell(one(inputs).known()[0], self.config.hidden_size)

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        """Uniform in ±1/√hidden_size for every parameter, as ``torch.nn.GRUCell`` does."""
        import torch

        bound = 1 / math.sqrt(self.config.hidden_size)
        with torch.no_grad():
            module.get_parameter(name).uniform_(-bound, bound, generator=generator)

    def to_source(self, place: Place) -> LayerSource:
        module = call("nn.GRUCell", one(place.inputs).known()[0], self.config.hidden_size)
        bound = "bound = 1 / math.sqrt(module.hidden_size)"
        draw = "parameter.uniform_(-bound, bound, generator=random)"
        return LayerSource(module, initial=Initial("nn.GRUCell", (bound, draw)))

    def taps(self) -> list[Tap]:
        weights = [Tap(name, "parameter", "matrix") for name in ("weight_ih", "weight_hh")]
        biases = [Tap(name, "parameter", "bars") for name in ("bias_ih", "bias_hh")]
        return [Tap("out", "activation", "bars"), *weights, *biases]
