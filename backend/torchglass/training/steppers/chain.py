"""Reads a checked experiment as a chain of dense layers, with convolutions before them or without, or says why it is
none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torchglass.recipes.supervised import Supervised

if TYPE_CHECKING:
    from torchglass.checking.plan import Analysis, NodePlan
    from torchglass.training.trainer import Trainer

#: Layers without weights that may stand before the first dense layer: they are run once over the data.
BEFORE = {
    "input", "features", "flatten", "identity",
    "relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu", "softplus", "elu", "step", "softmax",
}  # fmt: skip
#: Layers with which the chain itself begins.
DENSE = {"linear", "maxout"}
#: Layers of the chain itself.
INSIDE = DENSE | {
    "relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu", "softplus", "elu", "prelu", "rrelu", "step", "softmax",
    "dropout", "identity",
}  # fmt: skip
LOSSES = {
    "cross_entropy", "binary_cross_entropy", "logistic", "hinge", "one_vs_rest", "binary_code", "class_number",
    "mse", "l1", "huber", "gaussian",
}  # fmt: skip
OPTIMIZERS = {"sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta"}
#: Multiply-adds of one batch up to which a loop beats PyTorch's calls (each costs some microseconds).
SMALL_STEP = 100_000
#: Channels and filters of a convolution up to which the way back through the winners of pooling beats oneDNN.
SMALL_CONVOLUTION = (16, 32)
#: Multiply-adds of one batch in the dense layers behind convolutions, and in the convolutions themselves: from there on
#: matrix products, or several threads, are faster.
SMALL_DENSE, SMALL_CONVOLUTIONS = 3_000_000, 300_000_000
#: Bytes that the inputs of all training examples may take, converted and prepared.
SMALL_DATA = 64 * 2**20


class NotAChainError(ValueError):
    """Why this experiment needs PyTorch, in words for people."""


@dataclass(frozen=True, slots=True)
class Block:
    """A convolution whose maps are pooled, ``window`` by ``window``, through a ReLU or without."""

    convolution: NodePlan
    relu: bool
    window: int

    @property
    def images(self) -> tuple[int, int, int]:
        """What it looks at: channels, height, width."""
        shape = self.convolution.inputs["in"]
        assert not isinstance(shape, list)
        channels, height, width = shape.known()
        return channels, height, width


@dataclass(frozen=True, slots=True)
class Chain:
    """``before``: nodes without weights, run once; ``blocks``: convolutions, whose maps are then flattened;
    ``inside``: from the first dense layer to the output."""

    before: list[NodePlan]
    inside: list[NodePlan]
    recipe: Supervised
    blocks: list[Block] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What it is, for people."""
        if self.blocks:
            return "small convolutions, each pooled, then dense layers"
        return "small dense layers in a row"


def read_chain(trainer: Trainer) -> Chain:
    """Raises NotAChainError with the reason that a person reads."""
    analysis, recipe = trainer.analysis, trainer.recipe
    _check_surroundings(trainer)
    assert isinstance(recipe, Supervised)
    plans = _ordered(analysis, recipe.config.output)
    first = next((k for k, plan in enumerate(plans) if plan.node.kind in DENSE), None)
    if first is None:
        raise NotAChainError("there is no dense layer in it")
    before, inside = plans[:first], plans[first:]
    blocks: list[Block] = []
    if any(plan.node.kind == "conv2d" for plan in before):
        blocks, inside = _read_blocks(plans)
        before = plans[:1]
    for plan in before:
        if plan.node.kind not in BEFORE:
            raise NotAChainError(f"“{plan.node.id}” ({plan.layer.label}) stands before the first dense layer")
    for plan in inside:
        if plan.node.kind not in INSIDE:
            raise NotAChainError(f"it holds “{plan.node.id}” ({plan.layer.label})")
        if len(plan.outputs["out"].axes) != 1:
            raise NotAChainError(f"“{plan.node.id}” works on more than vectors")
    _check_draws(inside)
    if blocks:
        _check_convolutions(trainer, blocks, inside)
    else:
        _check_size(trainer, before)
    return Chain(before, [plan for plan in inside if plan.node.kind != "identity"], recipe, blocks)


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


def _check_draws(inside: list[NodePlan]) -> None:
    """How many numbers RReLU draws depends on the values, so nobody can say beforehand what dropout draws next."""
    slopes: NodePlan | None = None
    for plan in inside:
        if plan.node.kind == "rrelu":
            slopes = plan
        elif plan.node.kind == "dropout" and slopes is not None:
            before = f"“{slopes.node.id}” (RReLU)"
            raise NotAChainError(f"what “{plan.node.id}” (Dropout) draws depends on how much {before} drew before it")


def _read_blocks(plans: list[NodePlan]) -> tuple[list[Block], list[NodePlan]]:
    """Convolutions with what pools them, from the image on, and what follows once they are flattened."""
    blocks, rest = [], plans[1:]
    while rest and rest[0].node.kind == "conv2d":
        relu = len(rest) > 1 and rest[1].node.kind == "relu"
        convolution, rest = rest[0], rest[2 if relu else 1 :]
        config = convolution.layer.config
        if config.groups != 1 or config.dilation != 1:
            raise NotAChainError(f"“{convolution.node.id}” has groups or gaps")
        pool = rest[0].layer.config if rest and rest[0].node.kind == "max_pool2d" else None
        if pool is None or pool.kernel_size < 2 or pool.stride not in (None, pool.kernel_size) or pool.padding:
            raise NotAChainError(f"“{convolution.node.id}” is not followed by max pooling without overlap")
        blocks.append(Block(convolution, relu, pool.kernel_size))
        rest = rest[1:]
    if not blocks or not rest or rest[0].node.kind != "flatten":
        found = rest[0] if rest else plans[-1]
        raise NotAChainError(f"“{found.node.id}” ({found.layer.label}) stands before the first dense layer")
    return blocks, rest[1:]


def _check_convolutions(trainer: Trainer, blocks: list[Block], inside: list[NodePlan]) -> None:
    for block in blocks:
        channels, filters = block.images[0], block.convolution.outputs["out"].known()[0]
        if channels > SMALL_CONVOLUTION[0] or filters > SMALL_CONVOLUTION[1]:
            raise NotAChainError(f"“{block.convolution.node.id}” has so many channels that PyTorch is faster")
    batch = trainer.experiment.data.batch_size
    work = sum(plan.multiply_adds for plan in inside) * batch
    if work > SMALL_DENSE and trainer.experiment.training.stepper != "native":
        raise NotAChainError(f"its dense layers have {work:,} multiply-adds in a step, which PyTorch does faster")
    work = sum(block.convolution.multiply_adds for block in blocks) * batch
    if work > SMALL_CONVOLUTIONS or trainer.resolved.threads > 1:
        raise NotAChainError("a step is large enough for more than one thread")
    if trainer.data.count("train") == 0:
        raise NotAChainError("there are no examples")


def _check_size(trainer: Trainer, before: list[NodePlan]) -> None:
    work = sum(plan.multiply_adds for plan in trainer.analysis.plans()) * trainer.experiment.data.batch_size
    if work > SMALL_STEP and trainer.experiment.training.stepper != "native":  # who asks for it gets it
        raise NotAChainError(f"a step has {work:,} multiply-adds, which PyTorch does faster")
    examples = trainer.data.count("train")
    if examples == 0:
        raise NotAChainError("there are no examples")
    width = before[-1].outputs["out"].count() if before else 0
    if examples * width * 8 > SMALL_DATA:
        raise NotAChainError("the data is too large to be kept converted")
