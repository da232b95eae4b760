"""Reads a checked experiment as a chain of dense layers, or says why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torchglass.recipes.supervised import Supervised

if TYPE_CHECKING:
    from torchglass.checking.plan import Analysis, NodePlan
    from torchglass.training.trainer import Trainer

#: Layers without weights that may stand before the first dense layer: they are run once over the data.
BEFORE = {"input", "features", "flatten", "identity", "relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu"}
#: Layers of the chain itself.
INSIDE = {
    "linear", "relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu", "softplus", "elu", "prelu", "step", "dropout",
    "identity",
}  # fmt: skip
LOSSES = {"cross_entropy", "binary_cross_entropy", "logistic", "mse", "l1", "huber", "hinge"}
OPTIMIZERS = {"sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta"}
#: Multiply-adds of one batch up to which a loop beats PyTorch's calls (each costs some microseconds).
SMALL_STEP = 100_000
#: Bytes that the inputs of all training examples may take, converted and prepared.
SMALL_DATA = 64 * 2**20


class NotAChainError(ValueError):
    """Why this experiment needs PyTorch, in words for people."""


@dataclass(frozen=True, slots=True)
class Chain:
    """``before``: nodes without weights, run once; ``inside``: from the first dense layer to the output."""

    before: list[NodePlan]
    inside: list[NodePlan]
    recipe: Supervised


def read_chain(trainer: Trainer) -> Chain:
    """Raises NotAChainError with the reason that a person reads."""
    analysis, recipe = trainer.analysis, trainer.recipe
    _check_surroundings(trainer)
    assert isinstance(recipe, Supervised)
    plans = _ordered(analysis, recipe.config.output)
    first = next((k for k, plan in enumerate(plans) if plan.node.kind == "linear"), None)
    if first is None:
        raise NotAChainError("there is no dense layer in it")
    before, inside = plans[:first], plans[first:]
    for plan in before:
        if plan.node.kind not in BEFORE:
            raise NotAChainError(f"“{plan.node.id}” ({plan.layer.label}) stands before the first dense layer")
    for plan in inside:
        if plan.node.kind not in INSIDE:
            raise NotAChainError(f"it holds “{plan.node.id}” ({plan.layer.label})")
        if len(plan.outputs["out"].axes) != 1:
            raise NotAChainError(f"“{plan.node.id}” works on more than vectors")
    _check_size(trainer, before)
    return Chain(before, [plan for plan in inside if plan.node.kind != "identity"], recipe)


def _check_surroundings(trainer: Trainer) -> None:
    analysis, experiment = trainer.analysis, trainer.experiment
    if trainer.model.device.type != "cpu":
        raise NotAChainError("it runs on an accelerator")
    if experiment.training.precision not in ("float32", "float64"):
        raise NotAChainError(f"its precision is {experiment.training.precision}")
    if any(hold.active for hold in experiment.training.held.values()):
        raise NotAChainError("something in it is frozen or silenced by hand")
    if experiment.training.pruning is not None:
        raise NotAChainError("weights are pruned")
    if experiment.data.augment:
        raise NotAChainError("its pictures are augmented")
    recipe = trainer.recipe
    # A recipe that derives from this one may have a step of its own, and says so.
    if not isinstance(recipe, Supervised) or recipe.refuses("native") is not None:
        raise NotAChainError(f"the recipe is “{recipe.label}”")
    if recipe.config.mask is not None:
        raise NotAChainError("its sequences are padded")
    if recipe.criterion.kind not in LOSSES:
        raise NotAChainError(f"the loss is “{recipe.criterion.label}”")
    optimizer = trainer.context.roles["model"].optimizer
    if optimizer.kind not in OPTIMIZERS:
        raise NotAChainError(f"the optimizer is “{optimizer.label}”")
    if analysis.ties or analysis.parts:
        raise NotAChainError("layers share weights")


def _ordered(analysis: Analysis, output: str) -> list[NodePlan]:
    """From the input to the output, each reading the one before it, and nothing beside them."""
    chain = [analysis.main.nodes[output]]
    while chain[0].sources:
        sources = [source for many in chain[0].sources.values() for source in many]
        if len(sources) != 1:
            raise NotAChainError(f"“{chain[0].node.id}” has several inputs")
        chain.insert(0, analysis.main.nodes[sources[0][0]])
    if len(chain) != len(analysis.main.order):
        raise NotAChainError("the network branches")
    return chain


def _check_size(trainer: Trainer, before: list[NodePlan]) -> None:
    work = sum(plan.multiply_adds for plan in trainer.analysis.plans()) * trainer.experiment.data.batch_size
    if work > SMALL_STEP:
        raise NotAChainError(f"a step has {work:,} multiply-adds, which PyTorch does faster")
    examples = trainer.data.count("train")
    if examples == 0:
        raise NotAChainError("there are no examples")
    width = before[-1].outputs["out"].count() if before else 0
    if examples * width * 8 > SMALL_DATA:
        raise NotAChainError("the data is too large to be kept converted")
