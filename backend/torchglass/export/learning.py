"""What a recipe asks for while it writes the loop (``recipes.base.Scripting``): models, calls, updates, losses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torchglass.augment.base import AUGMENTS
from torchglass.catalog import Analysis
from torchglass.export import pruning
from torchglass.export.network import NetworkWriter, Written
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS, Optimizer
from torchglass.recipes.base import Subject
from torchglass.schedules.base import SCHEDULES
from torchglass.source import LossSource, SourceError, Variable
from torchglass.spec.base import Choice


@dataclass(frozen=True, slots=True)
class Model:
    """A class of the script and the variable that holds the one model of it, trained by ``role``."""

    variable: str
    role: str
    written: Written


class Learning:
    """Implements ``recipes.base.Scripting``."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.training = analysis.experiment.training
        self.models: dict[str, Model] = {}
        self.fields: dict[str, None] = {}

    @property
    def subject(self) -> Subject:
        return self.analysis.subject

    @property
    def single(self) -> str:
        return ", dtype=torch.float32" if self.training.precision == "float64" else ""

    @property
    def mixes(self) -> bool:
        """Whether pairs of training examples are mixed."""
        return any(AUGMENTS[choice.kind].mixes for choice in self.analysis.experiment.data.augment)

    def network(self, variable: str, outputs: list[str], part: str | None = None, role: str = "model") -> None:
        network = self.analysis.experiment.network
        writer = NetworkWriter(
            self.analysis,
            "".join(map(str.capitalize, variable.split("_"))),
            outputs,
            None if part is None else network.parts[part],
        )
        missing = [node for node in outputs if node not in writer.bodies[0].order]
        if missing:
            raise SourceError(f"“{missing[0]}” can not be computed from what the recipe feeds.", node=missing[0])
        decorator = "@torch.autocast(DEVICE, dtype=torch.bfloat16)" if self.training.precision == "bfloat16" else ""
        words = f"The part “{part}” of the network." if part else f"The network: {self._weights():,} numbers to learn."
        model = Model(variable, role, writer.write(words, decorator))
        shared = [name for other in self.models.values() for name in other.written.parts & model.written.parts]
        if shared:
            raise SourceError(f"The part “{shared[0]}” is used by two networks that are trained apart.")
        self.models[variable] = model

    def _weights(self) -> int:
        tied = set(self.analysis.ties)
        return sum(
            math.prod(parameter.shape)
            for plan in self.analysis.plans()
            for parameter in plan.parameters
            if parameter.trainable and f"{plan.node.id}.{parameter.name}" not in tied
        )

    def forward(self, variable: str, given: Mapping[str, str] | None = None) -> str:
        return f"{variable}({', '.join(self._fed(node, field, given or {}) for node, field in self._inputs(variable))})"

    def _inputs(self, variable: str) -> list[tuple[str, str | None]]:
        return self.models[variable].written.inputs

    def _fed(self, node: str, field: str | None, given: Mapping[str, str]) -> str:
        if node in given:
            return given[node]
        if field is None:
            raise SourceError("Nothing feeds this node.", node=node)
        return given.get(field) or self.field(field)

    def module(self, variable: str, node: str) -> str:
        return f"{variable}.{self.models[variable].written.paths[node]}"

    def field(self, name: str) -> str:
        self.fields[name] = None
        return f'batch["{name}"]'

    def loss(self, choice: Choice, output: str, target: str, mask: str | None) -> LossSource:
        output_shape, target_shape = self.subject.shapes[output], self.subject.fields[target].shape
        loss = LOSSES.make(choice.kind, choice.config)
        written = Variable("output", output_shape, half=self.training.precision == "bfloat16")
        return loss.to_source(written, Variable("target", target_shape), "mask" if mask is not None else None)

    def random(self, purpose: str) -> str:
        return f'stream({"f" if "{" in purpose else ""}"{purpose}", step)'

    # -- updates -----------------------------------------------------------------------------------------------

    def optimizer(self, role: str) -> str:
        """The variable that holds the optimizer of that role."""
        return "optimizer" if len(self.analysis.roles) == 1 else f"{role}_optimizer"

    def _variable(self, role: str) -> str:
        return next(model.variable for model in self.models.values() if model.role == role)

    def make_optimizer(self, role: str) -> str:
        """The expression that constructs it."""
        made = self._made(role)
        if self._inside(made):
            made = type(made)(made.config.model_copy(update={"lr": 1.0}))
        return made.to_source(f"{self._variable(role)}.parameters()")

    def _made(self, role: str) -> Optimizer:
        choice = self.training.optimizers[role]
        return OPTIMIZERS.make(choice.kind, choice.config)

    def _inside(self, optimizer: Optimizer) -> bool:
        """Whether the rate multiplies the gradients, ahead of the optimizer."""
        return self.training.form == "textbook" and optimizer.textbook_scales_gradients()

    def minimise(self, role: str, loss: str, clear: bool = True) -> list[str]:
        optimizer = self.optimizer(role)
        if clear:
            return [f"{optimizer}.zero_grad()", f"{loss}.backward()", *self._update(role)]
        lines = [f"{loss}.backward()  # adds to what is there: nothing is ever cleared"]
        update, alters = self._update(role), self._alters_gradients(role)
        if not alters:
            return [*lines, *update]
        parameters = f"{self._variable(role)}.parameters()"
        keep = f"sums = [(weight, weight.grad.clone()) for weight in {parameters} if weight.grad is not None]"
        return [
            *lines,
            keep,
            *update,
            "for weight, kept in sums:",
            "    weight.grad = kept  # without penalty, unclipped",
        ]

    def _alters_gradients(self, role: str) -> bool:
        """Whether something is done to the gradients between the backward pass and the update."""
        penalty, made = self.training.regularization, self._made(role)
        clips = self.training.gradient_clipping or self.training.clip_value
        return bool(penalty.l1 or penalty.l2 or clips or self.frozen(role) or self.prunes or self._inside(made))

    def apply(self, role: str, gradients: Mapping[str, str]) -> list[str]:
        return [*(f"{name}.grad = {value}" for name, value in gradients.items()), *self._update(role)]

    @property
    def prunes(self) -> bool:
        """Whether weights are taken out while it trains."""
        return self.training.pruning is not None

    def write(self, role: str, values: Mapping[str, str]) -> list[str]:
        lines = [f"{name}.copy_({value})" for name, value in values.items()]
        if self.frozen(role):
            lines = [*self._kept(role), *lines, *self._restored(role)]
        return [*lines, *pruning.OUT] if self.prunes else lines

    def _update(self, role: str) -> list[str]:
        optimizer, model = self.optimizer(role), self._variable(role)
        made = self._made(role)
        lines, frozen = self._penalties(model), bool(self.frozen(role))
        if frozen:
            lines += self._kept(role)
        if self.prunes:
            lines += pruning.NO_GRADIENT
        if self.training.clip_value:
            lines.append(f"nn.utils.clip_grad_value_({model}.parameters(), {self.training.clip_value})")
        if self.training.gradient_clipping:
            lines.append(f"nn.utils.clip_grad_norm_({model}.parameters(), {self.training.gradient_clipping})")
        schedule = SCHEDULES.make(self.training.schedule.kind, self.training.schedule.config)
        factor = schedule.to_source("step")
        rate = str(made.hyper()["lr"]) if factor is None else f"{made.hyper()['lr']} * ({factor})"
        if self._inside(made):
            lines += [
                f"for weight in {model}.parameters():",
                f"    weight.grad *= {rate}  # the rate is part of the velocity",
            ]
        elif factor is not None:
            lines += [f"for group in {optimizer}.param_groups:", f'    group["lr"] = {rate}']
        lines += [f"{optimizer}.step()", *self._limit(model)]
        if frozen:
            lines += ["with torch.no_grad():", *(f"    {line}" for line in self._restored(role))]
        if self.prunes:
            lines += ["with torch.no_grad():", *(f"    {line}" for line in pruning.OUT)]
        return lines

    def _restored(self, role: str) -> list[str]:
        return [
            f"for (weight, rows), value in zip({self._frozen_name(role)}, kept, strict=True):",
            "    weight[rows] = value  # momentum and decay do not move it either",
        ]

    def _frozen_name(self, role: str) -> str:
        return "frozen" if len(self.analysis.roles) == 1 else f"{role}_frozen"

    def frozen(self, role: str) -> list[str]:
        """The line that lists what is frozen by hand: parameters and which of their rows."""
        pairs = ", ".join(f"({path}, {rows})" for path, rows in self.frozen_paths(role).items())
        return [f"{self._frozen_name(role)} = [{pairs}]  # by hand: parameters and rows that stay"] if pairs else []

    def frozen_paths(self, role: str) -> dict[str, str]:
        """Parameter in the script -> which of its rows are frozen by hand."""
        held = self.training.held
        model = next(model for model in self.models.values() if model.role == role)
        found: dict[str, str] = {}
        for plan in self.analysis.plans():
            hold = held.get(plan.node.id)
            if hold is None or not (hold.frozen or hold.frozen_units) or plan.node.id not in model.written.paths:
                continue
            for parameter in plan.parameters:
                name = self.analysis.ties.get(f"{plan.node.id}.{parameter.name}", f"{plan.node.id}.{parameter.name}")
                node, _, inner = name.partition(".")
                rows = [unit for unit in sorted(set(hold.frozen_units)) if unit < (parameter.shape or (0,))[0]]
                if parameter.trainable and node in model.written.paths and (hold.frozen or rows):
                    path = f"{model.variable}.{model.written.paths[node]}.{inner}"
                    found[path] = "slice(None)" if hold.frozen else str(rows)
        return found

    def _kept(self, role: str) -> list[str]:
        name = self._frozen_name(role)
        return [
            f"kept = [weight.detach()[rows].clone() for weight, rows in {name}]",
            f"for weight, rows in {name}:",
            "    if weight.grad is not None:",
            "        weight.grad[rows] = 0",
        ]

    def _limit(self, model: str) -> list[str]:
        limit = self.training.regularization.max_norm
        if not limit:
            return []
        return [
            "with torch.no_grad():",
            f"    for weight in {model}.parameters():",
            "        if weight.dim() > 1:  # max-norm: the weights into a unit are no longer than this",
            f"            weight.copy_(torch.renorm(weight, 2, 0, {limit}))",
        ]

    def _penalties(self, model: str) -> list[str]:
        penalty = self.training.regularization
        if not penalty.l1 and not penalty.l2:
            return []
        dead = " and weight.grad is not None" if any(m.written.dead for m in self.models.values()) else ""
        lines = [
            "with torch.no_grad():",
            f"    for weight in {model}.parameters():",
            f"        if weight.dim() > 1{dead}:  # large weights cost something, biases do not",
        ]
        if penalty.l2:
            lines.append(f"            weight.grad.add_(weight, alpha={penalty.l2})")
        if penalty.l1:
            lines.append(f"            weight.grad.add_(weight.sign(), alpha={penalty.l1})")
        return lines
