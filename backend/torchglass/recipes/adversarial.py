"""Generative adversarial training: two roles, two optimizers, alternating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.recipes.base import Batch, Model, Recipe, Scripting, StepContext, Subject, experiment
from torchglass.registry import Config as BaseConfig
from torchglass.source import RecipeSource
from torchglass.spec.base import Name
from torchglass.spec.network import Network
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Adversarial(Recipe):
    kind = "adversarial"
    label = "Adversarial (GAN)"
    summary = "A generator learns to fool a discriminator that learns to tell its samples from data."
    docs = """Each step: the discriminator sees real and generated examples and minimises its cross-entropy, then the
    generator is moved so that the discriminator takes its samples for real (the non-saturating loss of
    Goodfellow et al. 2014, section 3)."""
    formula = r"\min_G \max_D \; \mathbb E_x \log D(x) + \mathbb E_z \log(1 - D(G(z)))"

    example = experiment(
        "GAN on a ring",
        {"kind": "ring", "batch_size": 32},
        [
            {"id": "z", "kind": "noise", "config": {"size": 4}},
            {"id": "g1", "kind": "linear", "config": {"out_features": 16}},
            {"id": "g_relu", "kind": "relu"},
            {"id": "sample", "kind": "linear", "config": {"out_features": 2}},
            {"id": "x", "kind": "input", "config": {"field": "point"}},
            {"id": "d1", "kind": "linear", "config": {"out_features": 16}},
            {"id": "d_relu", "kind": "leaky_relu"},
            {"id": "d_drop", "kind": "dropout", "config": {"p": 0.2}},
            {"id": "verdict", "kind": "linear", "config": {"out_features": 1}},
        ],
        ["z -> g1 -> g_relu -> sample", "x -> d1 -> d_relu -> d_drop -> verdict"],
        {"kind": "adversarial", "config": {"noise": "z", "sample": "sample", "real": "x", "verdict": "verdict"}},
        {
            "generator": {"kind": "adam", "config": {"lr": 0.002, "beta1": 0.5}},
            "discriminator": {"kind": "rmsprop", "config": {"lr": 0.001}},
        },
        parts={
            "generator": ["z", "g1", "g_relu", "sample"],
            "discriminator": ["x", "d1", "d_relu", "d_drop", "verdict"],
        },
    )

    class Config(BaseConfig):
        generator: Annotated[Name, Field(title="Generator", description="The part that makes samples.")] = "generator"
        discriminator: Annotated[Name, Field(title="Discriminator", description="The part that judges.")] = (
            "discriminator"
        )
        noise: Annotated[Name, Field(title="Noise", description="The node that receives random numbers.")]
        sample: Annotated[Name, Field(title="Sample", description="The generator's output node.")]
        real: Annotated[Name, Field(title="Data", description="The discriminator's input node; binds a field.")]
        verdict: Annotated[Name, Field(title="Verdict", description="The discriminator's output node: a logit.")]
        discriminator_steps: Annotated[
            int,
            Field(
                ge=1,
                le=100,
                title="Discriminator steps",
                description="Updates of the discriminator for one of the generator.",
            ),
        ] = 1

    def roles(self, network: Network) -> dict[str, list[str] | None]:
        return {"generator": [self.config.generator], "discriminator": [self.config.discriminator]}

    def problems(self, subject: Subject) -> list[Problem]:
        problems = []
        ids = {node.id for node in subject.network.nodes}
        for field in ("generator", "discriminator"):
            if getattr(self.config, field) not in subject.network.parts:
                message = f"The network has no part “{getattr(self.config, field)}”."
                problems.append(Problem(message=message, field=field))
        for field in ("noise", "sample", "real", "verdict"):
            if getattr(self.config, field) not in ids:
                problems.append(Problem(message=f"There is no layer “{getattr(self.config, field)}”.", field=field))
        sample, real = subject.shapes.get(self.config.sample), subject.shapes.get(self.config.real)
        if sample is not None and real is not None and sample.sizes != real.sizes:
            problems.append(
                Problem(
                    message=f"The samples have shape {sample}, but the data have {real}.",
                    node=self.config.sample,
                    field="sample",
                )
            )
        return problems

    def outputs(self, subject: Subject) -> list[str]:
        return [self.config.sample, self.config.verdict]

    def step(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        import torch
        from torch.nn.functional import softplus

        model, config = context.model, self.config
        real = next(iter(batch.values()))
        for turn in range(config.discriminator_steps):
            with torch.no_grad():
                fake = self._generate(model, len(real), context.generator(f"noise/discriminator/{turn}"))
            on_real = self._judge(model, batch)
            on_fake = self._judge(model, {config.real: fake})
            judge_loss = softplus(-on_real).mean() + softplus(on_fake).mean()
            context.minimise("discriminator", judge_loss)
        fake = self._generate(model, len(real), context.generator("noise/generator"))
        maker_loss = softplus(-self._judge(model, {config.real: fake})).mean()
        context.minimise("generator", maker_loss)
        return {"discriminator_loss": judge_loss.detach(), "loss": maker_loss.detach()}

    def to_source(self, script: Scripting) -> RecipeSource:
        c = self.config
        script.network("generator", [c.sample], c.generator, "generator")
        script.network("discriminator", [c.verdict], c.discriminator, "discriminator")
        sizes = ", ".join(map(str, script.subject.shapes[c.noise].known()))
        several = c.discriminator_steps > 1

        def fake(purpose: str) -> str:
            noise = f"torch.randn(len(real), {sizes}, generator={script.random(purpose)}).to(DEVICE)"
            return f"fake = {script.forward('generator', {c.noise: noise})}"

        judge = [
            "with torch.no_grad():",
            f"    {fake('noise/discriminator/{turn}' if several else 'noise/discriminator/0')}",
            f"on_real = {script.forward('discriminator', {c.real: 'real'})}",
            f"on_fake = {script.forward('discriminator', {c.real: 'fake'})}",
            "judge_loss = functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean()",
            *script.minimise("discriminator", "judge_loss"),
        ]
        if several:
            judge = [f"for turn in range({c.discriminator_steps}):", *(f"    {line}" for line in judge)]
        return RecipeSource(
            step=(
                f"real = {script.field(str(script.subject.network.node(c.real).config['field']))}",
                *judge,
                fake("noise/generator"),
                f"loss = functional.softplus(-{script.forward('discriminator', {c.real: 'fake'})}).mean()",
                *script.minimise("generator", "loss"),
                'metrics = {"discriminator_loss": judge_loss, "loss": loss}',
            ),
        )

    def sample(self, model: Model, count: int, generator: torch.Generator) -> Tensor | None:
        return self._generate(model, count, generator)

    def initial_state(self, model: Model, subject: Subject, generator: torch.Generator) -> dict[str, Tensor]:
        self._noise_sizes = subject.shapes[self.config.noise].known()
        return {}

    def _judge(self, model: Model, inputs: Batch) -> Tensor:
        return model.run(inputs, self.config.discriminator)[self.config.verdict]

    def _generate(self, model: Model, count: int, generator: torch.Generator) -> Tensor:
        import torch

        noise = torch.randn(count, *self._noise_sizes, generator=generator, dtype=model.parameters_dtype)
        noise = noise.to(model.device)
        return model.run({self.config.noise: noise}, self.config.generator)[self.config.sample]
