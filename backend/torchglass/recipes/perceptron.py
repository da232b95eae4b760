"""Rosenblatt's perceptron: one example at a time, weights move only at a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.recipes._tally import count, tally_state
from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
from torchglass.spec.base import Name
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Perceptron(Recipe):
    kind = "perceptron"
    label = "Perceptron rule"
    summary = "At every mistake, add the example to the weights (or take it away)."
    docs = """With y in {−1, +1}: if y·(w·x + b) ≤ 0 then w ← w + η·y·x and b ← b + η·y (Rosenblatt 1958). On data
    that a line separates with margin γ inside radius R it makes at most (R/γ)² mistakes (Novikoff 1962). Every
    example of the batch is shown once, in order; use plain SGD, whose rate is η."""
    formula = r"y\,(w^\top x + b) \le 0 \;\Rightarrow\; w \leftarrow w + \eta\, y\, x"

    example = experiment(
        "Perceptron",
        {"kind": "two_blobs", "batch_size": 16},
        [
            {"id": "x", "kind": "input", "config": {"field": "point"}},
            {"id": "unit", "kind": "linear", "config": {"out_features": 1}},
        ],
        ["x -> unit"],
        {"kind": "perceptron", "config": {"node": "unit", "field": "point", "target": "label"}},
        {"model": {"kind": "sgd", "config": {"lr": 1.0}}},
    )

    class Config(BaseConfig):
        node: Annotated[Name, Field(title="Unit", description="A linear node with one unit.")]
        field: Annotated[Name, Field(title="Input", description="The field with the inputs.")]
        target: Annotated[Name, Field(title="Target", description="The field with the labels 0 and 1.")]

    def problems(self, subject: Subject) -> list[Problem]:
        problems = []
        kinds = {node.id: node.kind for node in subject.network.nodes}
        shape = subject.shapes.get(self.config.node)
        if self.config.node not in kinds:
            problems.append(Problem(message=f"There is no layer “{self.config.node}”.", field="node"))
        elif kinds[self.config.node] != "linear" or (shape is not None and shape.sizes != (1,)):
            problems.append(Problem(message="The perceptron rule needs a dense layer with one unit.", field="node"))
        for name in ("field", "target"):
            if getattr(self.config, name) not in subject.fields:
                problems.append(Problem(message=f"The data have no field “{getattr(self.config, name)}”.", field=name))
        return problems

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.node]

    def initial_state(self, model: Model, subject: Subject, generator: torch.Generator) -> dict[str, Tensor]:
        return tally_state()

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        import torch

        weight = f"{self.config.node}.weight"
        bias = f"{self.config.node}.bias"
        mistakes = torch.zeros(())
        with torch.no_grad():
            x_BD = batch[self.config.field]
            y_B = batch[self.config.target].to(x_BD) * 2 - 1
            for x_D, y in zip(x_BD, y_B, strict=True):
                score = context.model.parameter(weight)[0] @ x_D + context.model.parameter(bias)[0]
                wrong = (y * score <= 0).to(x_D)
                pull = -wrong * y
                context.apply("model", {weight: (pull * x_D)[None], bias: pull[None]})
                mistakes = mistakes + wrong.cpu()
        count(context.state, context.step, len(x_BD), mistakes)
        return {"loss": mistakes / len(x_BD)}

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        script.network("model", [c.node])
        unit = script.module("model", c.node)
        update = script.apply("model", {f"{unit}.weight": "(pull * x)[None]", f"{unit}.bias": "pull[None]"})
        points, labels = script.field(c.field), script.field(c.target)
        return RecipeSource(
            step=(
                "with torch.no_grad():",
                "    mistakes = torch.zeros(())",
                f"    points = {points}",
                f"    for x, y in zip(points, {labels}.to(points) * 2 - 1, strict=True):  # y is -1 or 1",
                f"        score = {unit}.weight[0] @ x + {unit}.bias[0]",
                "        wrong = (y * score <= 0).to(x)",
                "        pull = -wrong * y  # nothing moves where the answer was right",
                *(f"        {line}" for line in update),
                "        mistakes += wrong.cpu()",
                '    metrics = {"loss": mistakes / len(points)}',
            ),
            evaluate=(
                f"scores = {script.forward('model')}.squeeze(-1)",
                f'metrics = {{"accuracy": ((scores > 0) == ({labels} > 0)).double().mean()}}',
            ),
        )

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        score_B = model.run(batch)[self.config.node].squeeze(-1)
        right = (score_B > 0) == (batch[self.config.target] > 0)
        return {"accuracy": right.double().mean()}

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        return outputs.get(self.config.node)
