"""Hebb's rule, and the form of it that stays bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
from torchglass.spec.base import Name
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    from torch import Tensor


class Hebb(Recipe):
    """Legend: B examples, D inputs."""

    kind = "hebb"
    label = "Hebb's rule"
    summary = "Weights grow where input and output are active together; Oja's form keeps their length at one."
    docs = """With y = w·x, Hebb (1949): w ← w + η·y·x. What is active together is wired together, and since that makes
    y larger, the weights grow without end along the direction of the largest variance. Oja (1982) lets them decay by as
    much as they grow: w ← w + η·(y·x − y²·w), whose fixed points are the principal directions with length 1, of which
    only the first is stable. No target, no loss: `loss` measures the mean squared distance of the examples from the
    line along w, which the first principal direction makes as small as it can be. Use plain SGD, whose rate is η."""
    formula = r"w \leftarrow w + \eta\, y\,(x - y\, w),\quad y = w^\top x"

    example = experiment(
        "Oja",
        {"kind": "tilted_cloud", "config": {"train": 200, "test": 100}, "batch_size": 5},
        [
            {"id": "x", "kind": "input", "config": {"field": "point"}},
            {"id": "unit", "kind": "linear", "config": {"out_features": 1, "bias": False}},
        ],
        ["x -> unit"],
        {"kind": "hebb", "config": {"node": "unit", "field": "point"}},
        {"model": {"kind": "sgd", "config": {"lr": 0.02}}},
    )

    class Config(BaseConfig):
        node: Annotated[Name, Field(title="Unit", description="A linear node with one unit and no bias.")]
        field: Annotated[Name, Field(title="Input", description="The field with the inputs.")]
        rule: Annotated[
            Literal["oja", "hebb"], Field(title="Rule", description="Oja's bounded rule, or Hebb's, which grows.")
        ] = "oja"

    def problems(self, subject: Subject) -> list[Problem]:
        problems = []
        found = next((node for node in subject.network.nodes if node.id == self.config.node), None)
        shape = subject.shapes.get(self.config.node)
        if found is None:
            problems.append(Problem(message=f"there is no node {self.config.node!r}", field="node"))
        elif found.kind != "linear" or (shape is not None and shape.sizes != (1,)) or found.config.get("bias", True):
            message = "Hebb's rule needs a linear node with one unit and no bias"
            problems.append(Problem(message=message, field="node"))
        if self.config.field not in subject.fields:
            problems.append(Problem(message=f"the data has no field {self.config.field!r}", field="field"))
        return problems

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.node]

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        import torch

        name = f"{self.config.node}.weight"
        with torch.no_grad():
            w_1D, x_BD = context.model.parameter(name), batch[self.config.field]
            y_B1 = x_BD @ w_1D.T
            change_1D = y_B1.T @ x_BD / len(x_BD)
            if self.config.rule == "oja":
                change_1D = change_1D - y_B1.square().mean() * w_1D
            loss = _distance(x_BD, w_1D)
            context.apply("model", {name: -change_1D})
        return {"loss": loss}

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        w_1D = model.parameter(f"{self.config.node}.weight")
        return {"loss": _distance(batch[self.config.field], w_1D), "length": w_1D.double().norm()}

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        return outputs.get(self.config.node)

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        script.network("model", [c.node])
        weight = f"{script.module('model', c.node)}.weight"
        points = script.field(c.field)
        grown = "y.T @ x / len(x)"
        change = f"{grown} - y.square().mean() * {weight}" if c.rule == "oja" else grown
        step = (
            f"x = {points}",
            f"y = x @ {weight}.T",
            f'metrics = {{"loss": distance(x, {weight})}}',
            *script.apply("model", {weight: f"-({change})"}),
        )
        distance = (
            "def distance(x: Tensor, w: Tensor) -> Tensor:",
            '    """Mean squared distance of the examples from the line along the weights."""',
            "    scaled = w / w.abs().max()  # squares of large weights would be infinite",
            "    along = x @ (scaled / scaled.norm()).T",
            "    return (x.square().sum(-1) - along.squeeze(-1).square()).mean()",
        )
        return RecipeSource(
            step=("with torch.no_grad():", *(f"    {line}" for line in step)),
            evaluate=(f'metrics = {{"loss": distance({points}, {weight}), "length": {weight}.double().norm()}}',),
            functions=("\n".join(distance),),
        )


def _distance(x_BD: Tensor, w_1D: Tensor) -> Tensor:
    """Mean squared distance of the examples from the line along the weights."""
    scaled_1D = w_1D / w_1D.abs().max()  # squares of large weights would be infinite
    along_B1 = x_BD @ (scaled_1D / scaled_1D.norm()).T
    squares_B: Tensor = x_BD.square().sum(-1) - along_B1.squeeze(-1).square()
    return squares_B.mean()
