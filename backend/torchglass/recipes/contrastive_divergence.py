"""Contrastive divergence for a restricted Boltzmann machine: no autograd, optional persistent chains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
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
            problems.append(Problem(message=f"“{self.config.node}” is no restricted Boltzmann machine.", field="node"))
        if self.config.field not in subject.fields:
            problems.append(Problem(message=f"The data have no field “{self.config.field}”.", field="field"))
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
        machine: Any = context.model.module(self.config.node)
        v_BV = batch[self.config.field].flatten(1)
        h_BH = machine(v_BV)
        random = context.generator("gibbs")
        dream_BV = context.state["chains"] if self.config.persistent else v_BV
        for _ in range(self.config.k):
            dream_BV = _gibbs(machine, dream_BV, random)
        if self.config.persistent:
            context.state["chains"] = dream_BV
        dream_BH = machine(dream_BV)
        data, dreams = len(v_BV), len(dream_BV)
        context.apply(
            "model",
            {
                f"{self.config.node}.weight": dream_BH.T @ dream_BV / dreams - h_BH.T @ v_BV / data,
                f"{self.config.node}.bias": dream_BH.mean(0) - h_BH.mean(0),
                f"{self.config.node}.visible_bias": dream_BV.mean(0) - v_BV.mean(0),
            },
        )
        return {"loss": ((machine.visible(h_BH) - v_BV) ** 2).mean()}

    def evaluate(self, batch: Batch, model: Model) -> dict[str, Tensor]:
        machine: Any = model.module(self.config.node)
        v_BV = batch[self.config.field].flatten(1)
        return {"loss": ((machine.visible(machine(v_BV)) - v_BV) ** 2).mean()}

    def sample(self, model: Model, count: int, generator: torch.Generator) -> Tensor | None:
        import torch

        machine: Any = model.module(self.config.node)
        with torch.no_grad():
            v_BV = torch_bernoulli(torch.full((count, machine.weight.shape[1]), 0.5), generator).to(machine.weight)
            for _ in range(200):
                v_BV = _gibbs(machine, v_BV, generator)
        return v_BV

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        script.network("model", [c.node])
        gradients = {
            "machine.weight": "dream_h.T @ dream / len(dream) - h.T @ v / len(v)",
            "machine.bias": "dream_h.mean(0) - h.mean(0)",
            "machine.visible_bias": "dream.mean(0) - v.mean(0)",
        }
        setup = [f"machine = {script.module('model', c.node)}"]
        if c.persistent:
            setup.append(f"half = torch.full(({c.chains}, machine.weight.shape[1]), 0.5{script.single})")
            setup.append('chains = torch.bernoulli(half, generator=stream("state")).to(machine.weight)')
        lines = [
            f"v = {script.field(c.field)}.flatten(1)  # what is seen",
            "h = machine(v)",
            f"random = {script.random('gibbs')}",
            f"dream = {'chains' if c.persistent else 'v'}",
            f"for _ in range({c.k}):",
            "    dream = draw(machine.visible(draw(machine(dream), random)), random)",
            *(["chains = dream  # go on from here at the next step"] if c.persistent else []),
            "dream_h = machine(dream)",
            *script.apply("model", gradients),
            'metrics = {"loss": ((machine.visible(h) - v) ** 2).mean()}',
        ]
        draw = [
            "def draw(probabilities: Tensor, random: torch.Generator) -> Tensor:",
            '    """Zeros and ones."""',
            "    uniform = torch.rand(probabilities.shape, generator=random)",
            "    return (uniform.to(probabilities.device) < probabilities).to(probabilities)",
        ]
        measured = f"v = {script.field(c.field)}.flatten(1)"
        return RecipeSource(
            setup=tuple(setup),
            step=("with torch.no_grad():", *(f"    {line}" for line in lines)),
            evaluate=(
                f"machine = {script.module('model', c.node)}",
                measured,
                'metrics = {"loss": ((machine.visible(machine(v)) - v) ** 2).mean()}',
            ),
            functions=("\n".join(draw),),
        )


def _gibbs(machine: Any, v_BV: Tensor, generator: Any) -> Tensor:
    """Hidden units from visible ones and back, both drawn."""
    hidden_BH = torch_bernoulli(machine(v_BV), generator)
    return torch_bernoulli(machine.visible(hidden_BH), generator)


def torch_bernoulli(probabilities: Tensor, generator: Any) -> Tensor:
    """Zeros and ones drawn on the CPU stream, wherever the probabilities live."""
    import torch

    uniform = torch.rand(probabilities.shape, generator=generator, dtype=probabilities.dtype)
    return (uniform.to(probabilities.device) < probabilities).to(probabilities)
