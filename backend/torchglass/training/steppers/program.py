"""What the compiled step is told about a chain: a row per operation, the loss, the optimizer, what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from torchglass.training.steppers import codes

if TYPE_CHECKING:
    from torchglass.checking.plan import NodePlan
    from torchglass.training.steppers.chain import Chain
    from torchglass.training.storage import Storage

_DISTANCES = {codes.SQUARED, codes.ABSOLUTE, codes.HUBER}
_OF_LABELS = {codes.CROSS_ENTROPY, codes.HINGE_CLASSES, codes.ONE_VS_REST}


@dataclass(frozen=True, slots=True)
class Random:
    """A layer that draws numbers while it trains, ``width`` of them for each example: dropout, its mask; RReLU
    (``keep`` is None), at most as many slopes."""

    width: int
    keep: float | None = None
    scaled: bool = True

    @property
    def draws(self) -> bool:
        """Whether PyTorch draws anything; a dropout of nothing does not."""
        return self.keep is None or self.keep < 1 or not self.scaled


@dataclass(frozen=True, slots=True)
class Program:
    """What the kernel needs besides parameters and data."""

    ops: np.ndarray  # (K, 6) int64
    settings: np.ndarray  # (K, 2)
    randoms: list[Random]  # in order
    loss: tuple[int, float]
    metrics: tuple[str, ...]  # beside the loss

    @property
    def slopes(self) -> int:
        """How many slopes an example may need."""
        return sum(one.width for one in self.randoms if one.keep is None)


def program_of(chain: Chain, storage: Storage, dtype: Any, *, labelled: bool) -> Program:
    """``labelled``: whether the target holds whole numbers."""
    rows: list[tuple[int, ...]] = []
    settings: list[tuple[float, float]] = []
    randoms: list[Random] = []
    for plan in chain.inside:
        config = plan.layer.config
        into, out = _width(plan.inputs["in"]), _width(plan.outputs["out"])
        weight, bias = (_offset(storage, plan, name) for name in ("weight", "bias"))
        if plan.node.kind == "maxout":
            rows.append((codes.LINEAR, into, out * config.pieces, weight, bias, 0))
            settings.append((0.0, 0.0))
            into = out * config.pieces
        code, first, second = _operation(plan)
        rows.append((code, into, out, weight, bias, len(randoms) if code in (codes.DROPOUT, codes.RRELU) else 0))
        settings.append((first, second))
        if code == codes.DROPOUT:
            randoms.append(Random(out, 1 - config.p, config.form == "pytorch"))
        elif code == codes.RRELU:
            randoms.append(Random(out))
    loss = _loss(chain, by_class=labelled and rows[-1][2] > 1)
    return Program(np.array(rows, np.int64), np.array(settings, dtype), randoms, loss, _metrics(loss[0]))


def _width(shape: Any) -> int:
    return int(shape.count())


def _offset(storage: Storage, plan: NodePlan, name: str) -> int:
    slot = storage.slots.get(f"{plan.node.id}.{name}")
    return -1 if slot is None else slot.offset


def _operation(plan: NodePlan) -> tuple[int, float, float]:
    """Code and the two settings of a layer; of maxout, what follows its dense layer."""
    config = plan.layer.config
    match plan.node.kind:
        case "leaky_relu":
            return codes.LEAKY_RELU, config.slope, 0.0
        case "rrelu":
            return codes.RRELU, config.lower, config.upper
        case "maxout":
            return codes.LARGEST, 0.0, 0.0
        case "gelu":
            return (codes.GELU if config.approximate == "none" else codes.GELU_TANH), 0.0, 0.0
        case "softplus":
            return codes.SOFTPLUS, config.beta, 0.0
        case "elu":
            return codes.ELU, config.alpha, 0.0
        case "prelu":
            return codes.PRELU, 0.0, float(config.per_channel)
        case "step":
            return codes.STEP, config.threshold, float(config.straight_through)
        case kind:
            return getattr(codes, kind.upper()), 0.0, 0.0


def _loss(chain: Chain, *, by_class: bool) -> tuple[int, float]:
    """Code and setting."""
    loss = chain.recipe.criterion
    match loss.kind:
        case "binary_cross_entropy" | "logistic":
            return codes.BINARY, 0.0
        case "binary_code":
            return codes.BITS, 0.0
        case "class_number":
            return codes.CLASS_NUMBER, loss.config.classes - 1.0
        case "mse":
            return codes.SQUARED, 0.5 if getattr(loss.config, "form", "pytorch") == "textbook" else 1.0
        case "l1":
            return codes.ABSOLUTE, 0.0
        case "huber":
            return codes.HUBER, loss.config.delta
        case "hinge":
            return (codes.HINGE_CLASSES if by_class else codes.HINGE), 0.0
        case kind:
            return getattr(codes, kind.upper()), 0.0


def _metrics(loss: int) -> tuple[str, ...]:
    if loss == codes.GAUSSIAN:
        return ("absolute_error", "within")
    return ("absolute_error",) if loss in _DISTANCES else ("accuracy",)


def compared_with(program: Program, target: torch.Tensor, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """The target (N, ...) as the loss reads it: labels (N,) or numbers (N, K); the other one is empty."""
    loss, outputs = program.loss[0], int(program.ops[-1, 2])
    if loss in _OF_LABELS:
        return np.ascontiguousarray(target.numpy(), np.int64), np.zeros((len(target), 0), dtype)
    if loss == codes.BITS:  # the highest bit first
        target = target.reshape(-1, 1) >> torch.arange(outputs - 1, -1, -1) & 1
    return np.zeros(0, np.int64), np.ascontiguousarray(target.reshape(len(target), -1).numpy(), dtype)


def optimizer_of(kind: str, hyper: dict[str, Any]) -> tuple[int, np.ndarray]:
    """Code and settings in the order that the kernel's ``_update`` reads them."""
    names = {
        "sgd": ("momentum", "nesterov", "textbook"),
        "adam": ("beta1", "beta2", "eps"),
        "adamw": ("beta1", "beta2", "eps", "weight_decay"),
        "rmsprop": ("alpha", "eps"),
        "adagrad": ("eps",),
        "adadelta": ("rho", "eps"),
    }[kind]
    values = [float(hyper[name]) for name in names]
    return getattr(codes, kind.upper()), np.array([*values, 0.0, 0.0, 0.0, 0.0][:4])
