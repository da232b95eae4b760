"""Contrastive divergence for a restricted Boltzmann machine: no autograd, optional persistent chains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.recipes.base import Batch, Model, Recipe, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.spec.base import Name
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class ContrastiveDivergence(Recipe):
    """Legend: B batch, V visible units, H hidden units."""

    kind = "contrastive_divergence"
    label = "Contrastive divergence"
    summary = "Raise the probability of the data, lower that of what the machine dreams up after k Gibbs steps."
    docs = """ΔW ∝ ⟨h vᵀ⟩_data − ⟨h vᵀ⟩_model, the second average taken after k steps of Gibbs sampling that start at
    the data (Hinton 2002) or, persistent, where the chains were left (Tieleman 2008)."""
    formula = r"\Delta W \propto \langle h v^\top\rangle_{data} - \langle h v^\top\rangle_{k}"

    example = experiment(
        "RBM on bars and stripes",
        {"kind": "bars_and_stripes", "batch_size": 10},
        [
            {"id": "v", "kind": "input", "config": {"field": "pixels"}},
            {"id": "machine", "kind": "rbm", "config": {"hidden": 12}},
        ],
        ["v -> machine"],
        {
            "kind": "contrastive_divergence",
            "config": {"node": "machine", "field": "pixels", "k": 1, "persistent": True},
        },
        {"model": {"kind": "sgd", "config": {"lr": 1.0}}},
    )

    class Config(BaseConfig):
        node: Annotated[Name, Field(title="Machine", description="The rbm node that learns.")]
        field: Annotated[Name, Field(title="Data", description="Field with values in 0..1.")]
        k: Annotated[
            int,
            Field(
                ge=1,
                le=100,
                title="Gibbs steps k",
                description="Down and up so many times before the dream is compared.",
            ),
        ] = 1
        persistent: Annotated[
            bool, Field(title="Persistent chains", description="Dream on where the last step stopped.")
        ] = True
        chains: Annotated[
            int, Field(ge=1, le=4096, title="Chains", description="How many dreams go on side by side.")
        ] = 32

    def problems(self, subject: Subject) -> list[Problem]:
        problems = []
        kinds = {node.id: node.kind for node in subject.network.nodes}
        if kinds.get(self.config.node) != "rbm":
            problems.append(Problem(message=f"{self.config.node!r} is not an rbm node", field="node"))
        if self.config.field not in subject.fields:
            problems.append(Problem(message=f"the data has no field {self.config.field!r}", field="field"))
        return problems

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.node]

    def initial_state(self, model: Model, subject: Subject, generator: torch.Generator) -> dict[str, Tensor]:
        import torch

        if not self.config.persistent:
            return {}
        weight_HV = model.parameter(f"{self.config.node}.weight")
        chains_BV = torch.bernoulli(torch.full((self.config.chains, weight_HV.shape[1]), 0.5), generator=generator)
        return {"chains": chains_BV.to(weight_HV)}

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        import torch

        with torch.no_grad():
            return self._step(batch, context)

    def _step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        machine = _Machine(context.model, self.config.node)
        v_BV = batch[self.config.field].flatten(1)
        h_BH = machine.hidden(v_BV)
        random = context.generator("gibbs")
        dreamt_BV = context.state["chains"] if self.config.persistent else v_BV
        for _ in range(self.config.k):
            hidden = torch_bernoulli(machine.hidden(dreamt_BV), random)
            dreamt_BV = torch_bernoulli(machine.visible(hidden), random)
        if self.config.persistent:
            context.state["chains"] = dreamt_BV
        dreamt_BH = machine.hidden(dreamt_BV)
        data, dream = len(v_BV), len(dreamt_BV)
        context.apply(
            "model",
            {
                f"{self.config.node}.weight": dreamt_BH.T @ dreamt_BV / dream - h_BH.T @ v_BV / data,
                f"{self.config.node}.bias": dreamt_BH.mean(0) - h_BH.mean(0),
                f"{self.config.node}.visible_bias": dreamt_BV.mean(0) - v_BV.mean(0),
            },
        )
        return {"loss": ((machine.visible(h_BH) - v_BV) ** 2).mean()}

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        machine = _Machine(model, self.config.node)
        v_BV = batch[self.config.field].flatten(1)
        return {"loss": ((machine.visible(machine.hidden(v_BV)) - v_BV) ** 2).mean()}

    def sample(self, model: Model, count: int, generator: torch.Generator) -> Tensor | None:
        import torch

        machine = _Machine(model, self.config.node)
        v_BV = torch_bernoulli(torch.full((count, machine.weight_HV.shape[1]), 0.5), generator).to(machine.weight_HV)
        for _ in range(200):
            v_BV = torch_bernoulli(machine.visible(torch_bernoulli(machine.hidden(v_BV), generator)), generator)
        return v_BV


class _Machine:
    """Conditional probabilities of an RBM: p(h|v) = σ(Wv + b), p(v|h) = σ(Wᵀh + c)."""

    def __init__(self, model: Model, node: str) -> None:
        self.weight_HV = model.parameter(f"{node}.weight").detach()
        self.bias_H = model.parameter(f"{node}.bias").detach()
        self.bias_V = model.parameter(f"{node}.visible_bias").detach()

    def hidden(self, v_BV: Tensor) -> Tensor:
        return (v_BV @ self.weight_HV.T + self.bias_H).sigmoid()

    def visible(self, h_BH: Tensor) -> Tensor:
        return (h_BH @ self.weight_HV + self.bias_V).sigmoid()


def torch_bernoulli(probabilities: Tensor, generator: Any) -> Tensor:
    """Zeros and ones drawn on the CPU stream, wherever the probabilities live."""
    import torch

    uniform = torch.rand(probabilities.shape, generator=generator, dtype=probabilities.dtype)
    return (uniform.to(probabilities.device) < probabilities).to(probabilities)
