"""The last layer solved at once: linear regression on whatever the layers before it make of the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.datasets.base import FieldSpec
from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource, text_of
from torchglass.spec.base import Name
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    from torch import Tensor

#: The functions that a step is made of; a script has the same.
SOLVE = Path(__file__).with_name("_solve.py")


class LeastSquares(Recipe):
    """Legend: B examples, D features (and one more that is always 1, for the bias), K outputs."""

    kind = "least_squares"
    label = "Solved at once"
    summary = "Every step solves the output layer exactly for its batch: least squares, no gradient, no rate."
    docs = """The layers before the output are features that stay as they were drawn; with H their values, the weights A
    of the output are those with the smallest squared error |HA − Y|², and of all that reach it, the shortest (the
    pseudo-inverse, computed from singular values in double precision). Take a batch as large as the training set, and
    one step is the whole training. With as many weights as examples the fit is perfect for the first time and the
    weights are huge: the test error peaks there, and falls again beyond. A class is the number 1 for its own unit and 0
    for the others; with one unit, 0 or 1. The optimizer is not used.

    Source: Rahimi, Recht (2007), *Random features for large-scale kernel machines*; Belkin et al. (2019), *Reconciling
    modern machine learning practice and the bias-variance trade-off*; Penrose (1955) for the shortest solution."""
    optimizes = False
    formula = r"A = \arg\min_A \|HA - Y\|^2 + \lambda \|A\|^2,\quad \lambda = 0:\ A = H^{+} Y"

    example = experiment(
        "Random features, solved",
        {"kind": "curve", "config": {"count": 60, "form": "hills"}, "batch_size": 30},
        [
            {"id": "x", "kind": "input", "config": {"field": "x"}},
            {"id": "hidden", "kind": "linear", "config": {"out_features": 20}},
            {"id": "tanh", "kind": "tanh"},
            {"id": "y", "kind": "linear", "config": {"out_features": 1}},
        ],
        ["x -> hidden -> tanh -> y"],
        {"kind": "least_squares", "config": {"output": "y", "target": "value", "ridge": 0.01}},
        {"model": {"kind": "sgd", "config": {"lr": 0.1}}},
    )

    class Config(BaseConfig):
        output: Annotated[Name, Field(title="Output", description="The dense layer that is solved.")]
        target: Annotated[Name, Field(title="Target", description="The data field that it should predict.")]
        ridge: Annotated[
            float, Field(title="Ridge", description="What long weights cost; 0: the shortest of the best fits.", ge=0)
        ] = 0.0

    def problems(self, subject: Subject) -> list[Problem]:
        c = self.config
        node = next((node for node in subject.network.nodes if node.id == c.output), None)
        output, target = subject.shapes.get(c.output), subject.fields.get(c.target)
        if node is None:
            message = f"There is no output called “{c.output}” in the network."
            return [Problem(message=message, field="output")]
        if node.kind != "linear" or (output is not None and len(output.sizes) != 1):
            message = "What is solved at once is one dense layer at the end: make the output a dense layer."
            return [Problem(message=message, node=c.output, field="output")]
        if target is None:
            known = ", ".join(sorted(subject.fields)) or "none"
            message = f"The data have no field “{c.target}” to compare with; they have: {known}."
            return [Problem(message=message, field="target")]
        units = _units(target)
        if not units or len(target.shape.sizes) > 1 or (output is not None and output.sizes[0] not in units):
            wanted = units[-1] if units else "a fixed number of"
            message = f"The target “{c.target}” ({target.shape}) needs {wanted} units at the output."
            return [Problem(message=message, node=c.output, field="output")]
        return []

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.output]

    def trains(self) -> list[str] | None:
        return [self.config.output]

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        import torch

        from torchglass.recipes._solve import numbers, solved

        layer = context.model.module(self.config.output)
        seen: list[Tensor] = []
        handle = layer.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
        try:
            with torch.no_grad():
                outputs = context.model.run(batch)
        finally:
            handle.remove()
        target_BK = numbers(batch[self.config.target], outputs[self.config.output])
        with torch.no_grad():
            values = solved(seen[-1], target_BK, self.config.ridge, getattr(layer, "bias", None) is not None)
            for name, value in values.items():
                context.write(f"{self.config.output}.{name}", value)
            output_BK = layer(seen[-1])
        return self._measures(output_BK, batch)

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        return self._measures(model.run(batch)[self.config.output], batch)

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        return outputs.get(self.config.output)

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch) -> Tensor | None:
        from torchglass.recipes._solve import numbers

        output = outputs[self.config.output]
        return (output - numbers(batch[self.config.target], output)).square().mean()

    def _measures(self, output_BK: Tensor, batch: Batch) -> dict[str, Tensor]:
        from torchglass.recipes._solve import numbers

        target = batch[self.config.target]
        found = {"loss": (output_BK - numbers(target, output_BK)).square().mean()}
        if not target.is_floating_point():
            said_B = output_BK.argmax(-1) if output_BK.shape[-1] > 1 else output_BK[:, 0] > 0.5
            found["accuracy"] = (said_B == target).double().mean()
        return found

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        edges = script.subject.network.edges
        features = next(edge.source for edge in edges if edge.target == c.output)
        script.network("model", [features, c.output])
        layer, target = script.module("model", c.output), script.field(c.target)
        names = [item for item in ("weight", "bias") if item == "weight" or self._biased(script.subject)]
        solve = f"solved(features, numbers({target}, output), {c.ridge}, {len(names) > 1})"
        classes = bool(script.subject.fields[c.target].classes) or script.subject.fields[c.target].shape.dtype == "int"
        said = "output.argmax(-1) if output.shape[-1] > 1 else output[:, 0] > 0.5"
        measures = [
            "def measures(output: Tensor, target: Tensor) -> dict[str, Tensor]:",
            '    """The mean squared error, and of classes the share of right answers."""',
            *([f"    said = {said}"] if classes else []),
            "    return {",
            '        "loss": (output - numbers(target, output)).square().mean(),',
            *(['        "accuracy": (said == target).double().mean(),'] if classes else []),
            "    }",
        ]
        return RecipeSource(
            step=(
                "with torch.no_grad():",
                f"    features, output = {script.forward('model')}",
                f"    values = {solve}",
                *(f"    {line}" for line in script.write("model", {f"{layer}.{n}": f'values["{n}"]' for n in names})),
                f"    metrics = measures({layer}(features), {target})",
            ),
            evaluate=(f"metrics = measures({script.forward('model')}[1], {target})",),
            functions=(text_of(SOLVE, "numbers"), text_of(SOLVE, "solved"), "\n".join(measures)),
        )

    def _biased(self, subject: Subject) -> bool:
        return bool(subject.network.node(self.config.output).config.get("bias", True))


def _units(target: FieldSpec) -> tuple[int, ...]:
    """How many outputs fit: one for each class (of two, one may do) or number."""
    if target.classes:
        return (len(target.classes),) if len(target.classes) > 2 else (1, 2)
    size = (*target.shape.sizes, 1)[0]
    return (size,) if isinstance(size, int) else ()
