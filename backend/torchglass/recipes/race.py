"""Several networks side by side on the same batches, each with its own optimizer: which learns fastest?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.losses.base import LOSSES, Loss
from torchglass.recipes._trail import record, trail_state
from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
from torchglass.spec.base import Choice, Name
from torchglass.spec.network import Network
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: A lane whose loss is larger, or no number, is out of the race: it is updated no more.
LOST = 1e6


def _lane(name: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{name}_x", "kind": "input", "config": {"field": "point"}},
        {"id": f"{name}_hidden", "kind": "linear", "config": {"out_features": 4}},
        {"id": f"{name}_tanh", "kind": "tanh"},
        {"id": f"{name}_y", "kind": "linear", "config": {"out_features": 1}},
    ]


def _path(name: str) -> str:
    return " -> ".join(node["id"] for node in _lane(name))


class Race(Recipe):
    kind = "race"
    label = "Race"
    summary = "Several networks learn side by side from the same batches, each with an optimizer of its own."
    docs = """Every lane is a part of the network with its own optimizer; all see the same examples in the same order.
    The layers of a lane begin with the weights of the same layers in the first (drawn from the same streams), so that
    only what is compared differs. Loss and accuracy are those of the lane that is ahead; each lane has curves of
    its own. A lane whose loss explodes is out, and the others go on."""
    formula = r"\min_{\theta_k} L(f_{\theta_k}(x), y)\ \text{for each lane } k"

    example = experiment(
        "Two optimizers",
        {"kind": "circle", "batch_size": 10},
        [*_lane("first"), *_lane("second")],
        [_path("first"), _path("second")],
        {
            "kind": "race",
            "config": {
                "lanes": {"first": "first_y", "second": "second_y"},
                "target": "label",
                "loss": {"kind": "binary_cross_entropy", "config": {}},
            },
        },
        {"first": {"kind": "sgd", "config": {"lr": 0.1}}, "second": {"kind": "adam", "config": {"lr": 0.03}}},
        {name: [node["id"] for node in _lane(name)] for name in ("first", "second")},
    )

    class Config(BaseConfig):
        lanes: Annotated[
            dict[Name, Name],
            Field(
                min_length=1, max_length=12, title="Lanes", description="The output node of every part that takes part."
            ),
        ]
        target: Annotated[Name, Field(title="Target", description="The data field that they should predict.")]
        loss: Annotated[Choice, Field(title="Loss", description="How far an output is from the target.")] = Choice(
            kind="cross_entropy", config={}
        )

    config: Config

    @cached_property
    def criterion(self) -> Loss:
        return LOSSES.make(self.config.loss.kind, self.config.loss.config)

    def problems(self, subject: Subject) -> list[Problem]:
        problems = []
        for lane, output in self.config.lanes.items():
            if lane not in subject.network.parts:
                problems.append(Problem(message=f"The network has no part “{lane}” to race.", field="lanes"))
            elif output not in subject.network.parts[lane]:
                problems.append(Problem(message=f"The part “{lane}” has no node “{output}”.", field="lanes"))
            else:
                problems += self._compared(output, subject)
        target = self.config.target
        if target not in subject.fields:
            known = ", ".join(sorted(subject.fields)) or "none"
            message = f"The data have no field “{target}” to compare with; they have: {known}."
            problems.append(Problem(message=message, field="target"))
        if self.config.loss.kind not in LOSSES:
            problems.append(Problem(message=f"There is no loss called “{self.config.loss.kind}”.", field="loss"))
        return problems

    def _compared(self, output: str, subject: Subject) -> list[Problem]:
        """Whether the loss can compare that lane's output with the target."""
        shape, target = subject.shapes.get(output), subject.fields.get(self.config.target)
        if shape is None or target is None or self.config.loss.kind not in LOSSES:
            return []
        trouble = self.criterion.problem(shape, target.shape, len(target.classes))
        return [] if trouble is None else [Problem(message=trouble, node=output, field="loss")]

    def roles(self, network: Network) -> dict[str, list[str] | None]:
        return {lane: [lane] for lane in self.config.lanes}

    def outputs(self, subject: Subject) -> list[str]:
        return list(self.config.lanes.values())

    def draws_like(self, network: Network) -> dict[str, str]:
        """The layers of every further lane begin like those of the first."""
        parts = [network.parts.get(lane, []) for lane in self.config.lanes]
        return {node: first for part in parts[1:] for node, first in zip(part, parts[0], strict=False)}

    def initial_state(self, model: Model, subject: Subject, generator: torch.Generator) -> dict[str, Tensor]:
        places = all(subject.shapes[output].sizes == (2,) for output in self.config.lanes.values())
        return trail_state(len(self.config.lanes)) if places else {}

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch) -> Tensor | None:
        """Of all lanes together: each weight belongs to one of them."""
        import torch

        return torch.stack([self._loss(outputs[node], batch) for node in self.config.lanes.values()]).sum()

    def _loss(self, output: Tensor, batch: Batch) -> Tensor:
        return self.criterion.value(output, batch[self.config.target])

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        if "trail" in context.state and context.step == 1:
            record(context.state, 0, self._places(batch, context.model))
        measured: dict[str, dict[str, Tensor]] = {}
        for lane, node in self.config.lanes.items():
            output = context.model.run(batch, lane)[node]
            loss = self._loss(output, batch)
            if loss.isfinite() and loss < LOST:
                context.minimise(lane, loss)
            measured[lane] = self._measured(loss, output, batch)
        if "trail" in context.state:
            record(context.state, context.step, self._places(batch, context.model))
        return _together(measured)

    def _places(self, batch: Batch, model: Model) -> Tensor:
        """(lanes, 2)."""
        import torch

        with torch.no_grad():
            return torch.stack([model.run(batch, lane)[node][0] for lane, node in self.config.lanes.items()])

    def _measured(self, loss: Tensor, output: Tensor, batch: Batch) -> dict[str, Tensor]:
        bounded = loss.detach().nan_to_num(LOST, LOST).clamp(max=LOST)
        return {"loss": bounded, **self.criterion.metrics(output.detach(), batch[self.config.target])}

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        outputs = {lane: model.run(batch, lane)[node] for lane, node in self.config.lanes.items()}
        return _together({k: self._measured(self._loss(out, batch), out, batch) for k, out in outputs.items()})

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        """Of the first lane."""
        output = outputs.get(next(iter(self.config.lanes.values())))
        return None if output is None else self.criterion.read(output)

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        for lane, node in c.lanes.items():
            script.network(f"net_{lane}", [node], lane, lane)
        first = next(iter(c.lanes.values()))
        loss = script.loss(c.loss, first, c.target, None)
        measures = {"loss": loss.value, **(loss.metrics or {})}
        uses_target = any("target" in text for text in (*loss.lines, *measures.values()))
        target = [f"target = {script.field(c.target)}"] if uses_target else []
        returned = ", ".join(f'"{name}": {name}' for name in measures)
        criterion = [
            "def criterion(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:",
            f'    """{loss.words}."""',
            *(f"    {line}" for line in (*target, *loss.lines)),
            *(f"    {name} = {value}" for name, value in measures.items()),
            f"    return {{{returned}}}",
        ]
        together = [
            "def together(lanes: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:",
            '    """Of the lane that is ahead, then of each."""',
            "    for measured in lanes.values():",
            f'        measured["loss"] = measured["loss"].detach().nan_to_num({LOST}, {LOST}).clamp(max={LOST})',
            '    ahead = {"loss": torch.stack([measured["loss"] for measured in lanes.values()]).min()}',
            '    if all("accuracy" in measured for measured in lanes.values()):',
            '        ahead["accuracy"] = torch.stack([measured["accuracy"] for measured in lanes.values()]).max()',
            "    for lane, measured in lanes.items():",
            '        ahead |= {f"{lane}_{name}": value for name, value in measured.items()}',
            "    return ahead",
        ]
        step = ["lanes = {}"]
        for lane in c.lanes:
            step += [
                f'lanes["{lane}"] = criterion({script.forward(f"net_{lane}")}, batch)',
                f'if lanes["{lane}"]["loss"].item() < {LOST}:  # else it is out of the race',
                *(f"    {line}" for line in script.minimise(lane, f'lanes["{lane}"]["loss"]')),
            ]
        measure = [f'lanes["{lane}"] = criterion({script.forward("net_" + lane)}, batch)' for lane in c.lanes]
        return RecipeSource(
            step=(*step, "metrics = together(lanes)"),
            evaluate=("lanes = {}", *measure, "metrics = together(lanes)"),
            functions=(*loss.definitions, "\n".join(criterion), "\n".join(together)),
        )


def _together(measured: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Loss and accuracy of the lane that is ahead, then all of each lane as ``lane_metric``."""
    import torch

    ahead = {"loss": torch.stack([lane["loss"] for lane in measured.values()]).min()}
    if all("accuracy" in lane for lane in measured.values()):
        ahead["accuracy"] = torch.stack([lane["accuracy"] for lane in measured.values()]).max()
    return ahead | {f"{lane}_{name}": value for lane, found in measured.items() for name, value in found.items()}
