"""Supervised learning: one output, one target, one loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.augment.base import SHARE, second
from torchglass.losses.base import LOSSES, Loss
from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
from torchglass.spec.base import Choice, Name
from torchglass.spec.network import Network
from torchglass.spec.problems import Mend, Problem
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


def loss_problems(config: Any, subject: Subject) -> list[Problem]:
    """What keeps ``config.loss`` from comparing node ``config.output`` with field ``config.target``."""
    problems: list[Problem] = []
    output = subject.shapes.get(config.output)
    target = subject.fields.get(config.target)
    if config.output not in {node.id for node in subject.network.nodes}:
        message = f"The loss waits for an output called “{config.output}”, which is not in the network."
        problems.append(Problem(message=message, field="output"))
    if target is None:
        known = ", ".join(sorted(subject.fields)) or "none"
        message = f"The data have no field “{config.target}” to compare with; they have: {known}."
        problems.append(Problem(message=message, field="target"))
    if config.loss.kind not in LOSSES:
        return [*problems, Problem(message=f"There is no loss called “{config.loss.kind}”.", field="loss")]
    loss = LOSSES.make(config.loss.kind, config.loss.config)
    if output is not None and target is not None:
        trouble = loss.problem(output, target.shape, len(target.classes))
        if trouble is not None:
            mend = _units_mend(subject, config.output, output, loss, len(target.classes))
            problems.append(Problem(message=trouble, node=config.output, field="loss", mend=mend))
    return problems


def _units_mend(subject: Subject, output: str, shape: Shape, loss: Loss, classes: int) -> Mend | None:
    """Tell a loss that numbers the classes how many there are; else set the units of a dense output layer to what the
    loss reads."""
    if classes < 2 or not shape.axes:
        return None
    if getattr(loss.config, "classes", classes) != classes:
        return Mend(label=f"set {classes} classes", path="recipe.config.loss.config.classes", value=classes)
    units = loss.units(classes)
    if shape.axes[-1].size == units or subject.network.node(output).kind != "linear":
        return None
    label = f"use {units} unit{'s' if units > 1 else ''}"
    return Mend(label=label, path=f"network.nodes.{output}.config.out_features", value=units)


def _mixed(target: str, returned: str) -> list[str]:
    """The end of the criterion in a script whose pictures are mixed: both targets, by their shares."""
    return [
        f"    metrics = {{{returned}}}",
        f'    if "{second(target)}" in batch:  # mixed pictures: what both labels say, by their shares',
        f'        share, other = batch["{SHARE}"], criterion(output, {{"{target}": batch["{second(target)}"]}})',
        "        metrics = {name: share * value + (1 - share) * other[name] for name, value in metrics.items()}",
        "    return metrics",
    ]


class Supervised(Recipe):
    kind = "supervised"
    label = "Supervised learning"
    summary = "Compare the output with the target, follow the gradient of the loss."
    docs = """One forward pass, one scalar loss, one backward pass, one update of every parameter: the loop of
    Rumelhart, Hinton and Williams 1986. ``mask`` names a field that is False where a sequence is padding.

    With an attack ε the loss is (1 - a)·L(x) + a·L(x + ε·sign ∇ₓL): training on adversarial examples (Goodfellow,
    Shlens, Szegedy 2015), with a the attacked share. Tests then tell `attacked_loss` and `attacked_accuracy` beside the
    others."""
    mixes = True
    formula = r"\min_\theta \tfrac1B\sum_b L(f_\theta(x_b), y_b)"

    example = experiment(
        "Circle",
        {"kind": "circle", "batch_size": 10},
        [
            {"id": "x", "kind": "input", "config": {"field": "point"}},
            {"id": "hidden", "kind": "linear", "config": {"out_features": 4}},
            {"id": "tanh", "kind": "tanh"},
            {"id": "y", "kind": "linear", "config": {"out_features": 1}},
        ],
        ["x -> hidden -> tanh -> y"],
        {
            "kind": "supervised",
            "config": {"output": "y", "target": "label", "loss": {"kind": "binary_cross_entropy", "config": {}}},
        },
        {"model": {"kind": "adam", "config": {"lr": 0.03}}},
    )

    class Config(BaseConfig):
        output: Annotated[Name, Field(title="Output", description="The node whose output is compared.")]
        target: Annotated[Name, Field(title="Target", description="The data field that it should predict.")]
        loss: Annotated[Choice, Field(title="Loss", description="How far the output is from the target.")] = Choice(
            kind="cross_entropy", config={}
        )
        mask: Annotated[Name | None, Field(title="Mask", description="Field that is False at padding.")] = None
        zero_gradients: Annotated[
            bool,
            Field(
                title="Zero the gradients",
                description="Clear the gradients before every step; a program that forgets to adds up all of them.",
            ),
        ] = True
        epsilon: Annotated[
            float,
            Field(
                ge=0,
                le=10,
                title="Attack ε",
                description="Move every number of the input by ε in the direction in which the loss rises fastest "
                "(fast gradient sign); as fed to the network. 0: no attack.",
            ),
        ] = 0.0
        attacked_share: Annotated[
            float,
            Field(
                ge=0,
                le=1,
                title="Attacked share",
                description="Share of the loss on the moved examples that is trained on; 0: they are only measured.",
            ),
        ] = 0.5

    @cached_property
    def criterion(self) -> Loss:
        return LOSSES.make(self.config.loss.kind, self.config.loss.config)

    def problems(self, subject: Subject) -> list[Problem]:
        return loss_problems(self.config, subject)

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.output]

    def roles(self, network: Network) -> dict[str, list[str] | None]:
        return {"model": None}

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch) -> Tensor | None:
        output, mask = outputs[self.config.output], self._mask(batch)
        return self._shared(batch, lambda target: self.criterion.value(output, target, mask))

    def _shared(self, batch: Batch, value: Callable[[Tensor], Tensor]) -> Tensor:
        """What is said of the target; of pairs that were mixed, what is said of both targets, by their shares
        (Zhang et al. 2018, the authors' program)."""
        found = value(batch[self.config.target])
        other = batch.get(second(self.config.target))
        return found if other is None else batch[SHARE] * found + (1 - batch[SHARE]) * value(other)

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        share = self.config.attacked_share
        if self.config.epsilon and share:
            clean, attacked, measured = self._attacked(batch, context.model)
            total = (1 - share) * clean + share * attacked
            context.minimise("model", total, clear=self.config.zero_gradients)
            return measured
        outputs = context.model.run(batch)
        loss = self.loss(outputs, batch)
        assert loss is not None
        context.minimise("model", loss, clear=self.config.zero_gradients)
        return {"loss": loss.detach(), **self.measures(outputs, batch)}

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        if self.config.epsilon:
            import torch

            with torch.enable_grad():
                return self._attacked(batch, model)[2]
        outputs = model.run(batch)
        loss = self.loss(outputs, batch)
        assert loss is not None
        return {"loss": loss, **self.measures(outputs, batch)}

    def _attacked(self, batch: Batch, model: Model) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """The loss, the loss on the moved examples, both with their graph, and everything that is told of both."""
        import torch

        compared = (self.config.target, self.config.mask)
        leaves = {
            name: value.detach().requires_grad_(True)
            for name, value in batch.items()
            if name not in compared and value.is_floating_point()
        }
        outputs = model.run({**batch, **leaves})
        loss = self.loss(outputs, batch)
        assert loss is not None
        pulls = torch.autograd.grad(loss, list(leaves.values()), retain_graph=True, allow_unused=True)
        moved = {
            name: batch[name] + self.config.epsilon * pull.sign()
            for name, pull in zip(leaves, pulls, strict=True)
            if pull is not None
        }
        after = model.run({**batch, **moved})
        attacked = self.loss(after, batch)
        assert attacked is not None
        told = {"loss": attacked.detach(), **self.measures(after, batch)}
        measured = {"loss": loss.detach(), **self.measures(outputs, batch)}
        return loss, attacked, measured | {f"attacked_{name}": value for name, value in told.items()}

    def predict(self, outputs: Mapping[str, Tensor]) -> Tensor | None:
        output = outputs.get(self.config.output)
        return None if output is None else self.criterion.read(output)

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        script.network("model", [c.output])
        loss = script.loss(c.loss, c.output, c.target, c.mask)
        masked = [f"mask = {script.field(c.mask)}"] if c.mask else []
        measures = {"loss": loss.value, **(loss.metrics or {})}
        returned = ", ".join(f'"{name}": {name}' for name in measures)
        criterion = [
            "def criterion(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:",
            f'    """{loss.words}."""',
            *(f"    {line}" for line in (f"target = {script.field(c.target)}", *masked, *loss.lines)),
            *(f"    {name} = {value}" for name, value in measures.items()),
            *(_mixed(c.target, returned) if script.mixes else [f"    return {{{returned}}}"]),
        ]
        measure = [f"metrics = criterion({script.forward('model')}, batch)"]
        step, evaluate, total = measure, measure, 'metrics["loss"]'
        if c.epsilon:
            attack = self._attack_source(script)
            evaluate = ["with torch.enable_grad():", *(f"    {line}" for line in attack)]
            if c.attacked_share:
                whole = f'{1 - c.attacked_share!r} * metrics["loss"] + {c.attacked_share!r} * metrics["attacked_loss"]'
                step, total = [*attack, f"total = {whole}"], "total"
        return RecipeSource(
            step=(*step, *script.minimise("model", total, clear=c.zero_gradients)),
            evaluate=tuple(evaluate),
            functions=(*loss.definitions, "\n".join(criterion)),
        )

    def _attack_source(self, script: Scripting) -> list[str]:
        """Sets ``metrics`` of the batch and, under ``attacked_``, of its moved examples."""
        c, fields = self.config, script.subject.fields
        bound = dict.fromkeys(str(node.config.get("field")) for node in script.subject.network.nodes)
        names = [name for name in bound if name in fields and fields[name].shape.dtype == "float"]
        names = [name for name in names if name not in (c.target, c.mask)]
        before, after = ({name: f'{where}["{name}"]' for name in names} for where in ("leaves", "moved"))
        given = ", ".join(f'"{name}": {script.field(name)}.detach().requires_grad_()' for name in names)
        return [
            f"leaves = {{{given}}}",
            f"metrics = criterion({script.forward('model', before)}, batch)",
            'pulls = torch.autograd.grad(metrics["loss"], list(leaves.values()), retain_graph=True)',
            "moved = {}",
            "for (name, leaf), pull in zip(leaves.items(), pulls, strict=True):",
            f"    moved[name] = leaf.detach() + {c.epsilon!r} * pull.sign()",
            f"attacked = criterion({script.forward('model', after)}, batch)",
            'metrics |= {f"attacked_{name}": value for name, value in attacked.items()}',
        ]

    def refuses(self, stepper: str) -> str | None:
        if stepper == "eager":
            return None
        if self.config.epsilon and self.config.attacked_share:
            return "each step attacks its examples first"
        return None if self.config.zero_gradients else "the gradients are never cleared"

    def _mask(self, batch: Batch) -> Tensor | None:
        return batch[self.config.mask] if self.config.mask else None

    def measures(self, outputs: Mapping[str, Tensor], batch: Batch) -> dict[str, Tensor]:
        """What is told beside the loss, e.g. the accuracy."""
        output = outputs[self.config.output].detach()
        mask = self._mask(batch)
        found = self.criterion.metrics(output, batch[self.config.target], mask)
        other = batch.get(second(self.config.target))
        if other is None:
            return found
        told, share = self.criterion.metrics(output, other, mask), batch[SHARE]
        return {name: share * value + (1 - share) * told[name] for name, value in found.items()}
