"""Masked language modelling: hide some tokens, predict them from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
from torchglass.spec.base import Name
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor


#: Two scans run the same part over the sentence.
_READ = {"part": "reader", "over": ["x"], "carry": {"h": "cell"}, "state_shape": {"h": [12]}}


class MaskedLanguageModel(Recipe):
    """Legend: B batch, T time, V vocabulary."""

    kind = "masked_language_model"
    label = "Masked language model"
    summary = "Hide some of the tokens and predict them from both sides."
    docs = """A share of the tokens is replaced by the mask token; the loss is the cross-entropy at the hidden
    positions alone (Devlin et al. 2019, BERT)."""
    formula = r"-\sum_{t \in M} \log p(x_t \mid x_{\setminus M})"

    example = experiment(
        "Tied masked language model",
        {"kind": "token_patterns", "batch_size": 32},
        [
            {"id": "tokens", "kind": "input", "config": {"field": "tokens"}},
            # The output layer shares the embedding's weight.
            {"id": "scores", "kind": "linear", "config": {"out_features": 9}, "tied": {"weight": "embed.weight"}},
            {"id": "embed", "kind": "embedding", "config": {"num_embeddings": 9, "embedding_dim": 12}},
            {"id": "x", "kind": "part_input"},
            {"id": "h", "kind": "part_input", "config": {"shape": [12]}},
            {"id": "cell", "kind": "gru_cell", "config": {"hidden_size": 12}},
            {"id": "read", "kind": "scan", "config": _READ},
            {"id": "again", "kind": "scan", "config": _READ},
            {"id": "sum", "kind": "add"},
        ],
        [
            "tokens -> embed -> read.x",
            "x -> cell",
            "h -> cell.state",
            "read.cell -> again.x",
            "embed -> sum",
            "again.cell -> sum -> scores",
        ],
        {"kind": "masked_language_model", "config": {"output": "scores", "field": "tokens", "mask_token": 0}},
        {"model": {"kind": "adam", "config": {"lr": 0.01}}},
        parts={"reader": ["x", "h", "cell"]},
    )

    class Config(BaseConfig):
        output: Annotated[Name, Field(title="Output", description="Node with a score per token of the vocabulary.")]
        field: Annotated[Name, Field(title="Tokens", description="The field with the tokens.")]
        mask_token: Annotated[int, Field(ge=0, le=10**6, title="Mask token", description="Its number.")]
        share: Annotated[
            float,
            Field(gt=0, lt=1, title="Share hidden", description="Part of the tokens that is replaced by the mask."),
        ] = 0.15

    def problems(self, subject: Subject) -> list[Problem]:
        if self.config.field not in subject.fields:
            return [Problem(message=f"The data have no field “{self.config.field}”.", field="field")]
        if self.config.output not in {node.id for node in subject.network.nodes}:
            return [Problem(message=f"There is no layer “{self.config.output}”.", field="output")]
        return []

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.output]

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        loss, accuracy = self._hidden_loss(batch, context.model, context.generator("mask"))
        context.minimise("model", loss)
        return {"loss": loss.detach(), "accuracy": accuracy}

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        script.network("model", [c.output])
        function = [
            "def hidden_loss(model: nn.Module, tokens: Tensor, random: torch.Generator) -> dict[str, Tensor]:",
            '    """Cross-entropy of the hidden tokens, and the share of right guesses."""',
            f"    hidden = (torch.rand(tokens.shape, generator=random{script.single}) < {c.share}).to(tokens.device)",
            "    hidden[:, 0] |= ~hidden.any(dim=1)  # at least one of each sequence",
            f"    shown = tokens.masked_fill(hidden, {c.mask_token})",
            f"    scores = {script.forward('model', {c.field: 'shown'})}[hidden]  # (hidden, V)",
            "    wanted = tokens[hidden]",
            "    accuracy = (scores.argmax(-1) == wanted).float().mean()",
            '    return {"loss": functional.cross_entropy(scores, wanted), "accuracy": accuracy}',
        ]
        tokens = script.field(c.field)
        measure = f"metrics = hidden_loss(model, {tokens}, {script.random('mask')})"
        return RecipeSource(
            step=(measure, *script.minimise("model", 'metrics["loss"]')),
            evaluate=(f"metrics = hidden_loss(model, {tokens}, torch.Generator().manual_seed(0))",),
            functions=("\n".join(function),),
        )

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        import torch

        fixed = torch.Generator()
        fixed.manual_seed(0)
        loss, accuracy = self._hidden_loss(batch, model, fixed)
        return {"loss": loss, "accuracy": accuracy}

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        output = outputs.get(self.config.output)
        return None if output is None else output.softmax(-1)

    def _hidden_loss(self, batch: Batch, model: Model, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        import torch
        from torch.nn.functional import cross_entropy

        tokens_BT = batch[self.config.field]
        hidden_BT = (torch.rand(tokens_BT.shape, generator=generator) < self.config.share).to(tokens_BT.device)
        hidden_BT[:, 0] |= ~hidden_BT.any(dim=1)  # at least one position, so that the mean exists
        shown_BT = tokens_BT.masked_fill(hidden_BT, self.config.mask_token)
        scores_BTV = model.run({**batch, self.config.field: shown_BT})[self.config.output]
        wanted = tokens_BT[hidden_BT]
        scores = scores_BTV[hidden_BT]
        accuracy = (scores.detach().argmax(-1) == wanted).float().mean()
        return cross_entropy(scores, wanted), accuracy
