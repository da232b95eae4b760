"""Embedding: a learned vector for every token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import describe, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import Initial, LayerSource, Place, call
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Axis, Shape

if TYPE_CHECKING:
    from torch import nn


class EmbeddingConfig(Settings):
    num_embeddings: int = Field(
        32, title="Vocabulary", description="How many different tokens there are.", ge=1, le=10**6
    )
    embedding_dim: int = Field(16, title="Features", description="Length of the vector of each token.", ge=1, le=65536)


class Embedding(Layer):
    kind = "embedding"
    label = "Embedding"
    group = "Sequence"
    summary = "Looks up a learned vector for every token."
    formula = r"y_t = W_{x_t}"
    docs = (
        "Tokens T become a sequence T×`embedding_dim`; a single token becomes a vector (`torch.nn.Embedding`). The "
        "vocabulary must be at least as large as that of the data.\n\n"
        "Source: Bengio, Ducharme, Vincent, Jauvin (2003), *A neural probabilistic language model*."
    )
    Config = EmbeddingConfig
    config: EmbeddingConfig

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = one(inputs)
        if shape.dtype != "int" or len(shape.axes) > 1:
            raise ShapeError(f"An embedding looks up tokens (whole numbers), but {describe(shape)} arrives here.")
        return {"out": Shape((*shape.axes, Axis("D", self.config.embedding_dim)))}

    def vocabulary(self) -> int:
        return self.config.num_embeddings

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        return [Parameter("weight", (self.config.num_embeddings, self.config.embedding_dim), axes=("row", "out"))]

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Embedding(self.config.num_embeddings, self.config.embedding_dim)

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        """Standard normal, as ``torch.nn.Embedding`` does."""
        import torch

        with torch.no_grad():
            module.get_parameter(name).normal_(generator=generator)

    def to_source(self, place: Place) -> LayerSource:
        module = call("nn.Embedding", self.config.num_embeddings, self.config.embedding_dim)
        return LayerSource(module, initial=Initial("nn.Embedding", ("parameter.normal_(generator=random)",)))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "matrix"), Tap("weight", "parameter", "matrix")]
