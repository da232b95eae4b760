"""Dense networks on small data at the machine's limit: the whole step is one compiled function.

Parameters, gradients and optimizer state are the trainer's flat buffers, seen through numpy. Order of the data and
dropout masks come from the same streams as in the eager stepper, so both train the same network.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from torchglass.training.randomness import stream_seed
from torchglass.training.steppers import compiled
from torchglass.training.steppers.chain import Chain, NotAChainError, read_chain

if TYPE_CHECKING:
    from torchglass.checking.plan import NodePlan
    from torchglass.training.storage import Storage
    from torchglass.training.trainer import Trainer

#: Bytes of dropout masks drawn ahead in one go.
MASK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Program:
    """What the kernel needs besides parameters: a row per operation, and the dropouts among them."""

    ops: np.ndarray  # (K, 6) int64
    settings: np.ndarray  # (K, 2)
    dropouts: list[tuple[float, int, bool]]  # probability, width, and whether the others are scaled up, in order


class Native:
    kind: ClassVar[str] = "native"
    spans_epochs: ClassVar[bool] = True

    def __init__(self, trainer: Trainer) -> None:
        """Raises NotAChainError where ``refuses`` gives a reason."""
        self.trainer = trainer
        self.kernel = compiled.kernel()
        self.chain = read_chain(trainer)
        dtype = np.float64 if trainer.model.parameters_dtype == torch.float64 else np.float32
        self.program = _program(self.kernel, self.chain, trainer.storage, dtype)
        self._take_data(dtype)
        batch = trainer.experiment.data.batch_size + 1  # a single example left over joins the batch before it
        widest = max(int(self.program.ops[:, 1:3].max()), self.data.shape[1])
        self.values = np.zeros((len(self.program.ops) + 1, widest, batch), dtype)
        self.grads = np.zeros_like(self.values)
        self.loss_code, self.loss_setting = _loss(self.kernel, self.chain, self.program)
        self.second = "absolute_error" if self.loss_code in _distances(self.kernel) else "accuracy"

    @staticmethod
    def refuses(trainer: Trainer) -> str | None:
        reason = compiled.unavailable()
        if reason is not None:
            return reason
        try:
            read_chain(trainer)
        except NotAChainError as error:
            return str(error)
        return None

    def run(self, steps: int) -> dict[str, np.ndarray]:
        trainer = self.trainer
        losses, seconds = np.zeros(steps), np.zeros(steps)
        done = 0
        while done < steps:
            done += self._run(steps - done, losses[done:], seconds[done:])
        trainer.context.step = trainer.step
        return {"loss": losses, self.second: seconds}

    def _run(self, steps: int, losses: np.ndarray, seconds: np.ndarray) -> int:
        """Steps of one epoch, as many as masks are drawn for; how many they were."""
        trainer, program = self.trainer, self.program
        batch = trainer.experiment.data.batch_size
        width = sum(size for _, size, _ in program.dropouts)
        if width:
            steps = min(steps, max(1, MASK_BYTES // (4 * width * batch)))
        order, starts = trainer.data.take(trainer.cursor, batch, steps)
        count = len(starts) - 1
        masks, mask_at = self._masks(np.diff(starts))
        role = trainer.context.roles["model"]
        first = trainer.step + 1
        hyper = trainer.context.hyper["model"]
        rates = np.array(
            [hyper["lr"] * trainer.context.schedule.factor(first - trainer.context.began + k) for k in range(count)]
        )
        state = [role.state[slot].numpy() for slot in role.optimizer.slots]
        training, storage = trainer.experiment.training, trainer.storage
        unused = np.zeros(0, self.data.dtype)
        self.kernel.train(
            program.ops, program.settings, self.values, self.grads,
            storage.flat.numpy(), storage.gradient.numpy(), storage.decays.numpy(),
            state[0] if state else unused, state[1] if len(state) > 1 else unused,
            self.data, self.labels, self.targets, order, starts, masks, mask_at,
            self.loss_code, self.loss_setting, *_optimizer(self.kernel, role.optimizer.kind, hyper),
            rates, role.updates, training.regularization.l1, training.regularization.l2,
            training.clip_value or 0.0, training.gradient_clipping or 0.0, training.regularization.max_norm or 0.0,
            losses, seconds,
        )  # fmt: skip
        role.updates += count
        trainer.step += count
        return count

    def _masks(self, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(steps, M) dropout masks as torch draws them, scaled as the layer says; where each begins; () without any."""
        dropouts = self.program.dropouts
        if not dropouts:
            return np.zeros((len(sizes), 0), self.data.dtype), np.zeros(1, np.int64)
        batch, seed = int(sizes.max()), self.trainer.experiment.seed
        starts = np.cumsum([0, *(size * batch for _, size, _ in dropouts)])
        masks = torch.ones(len(sizes), int(starts[-1]), dtype=self.trainer.model.parameters_dtype)
        for k, count in enumerate(sizes.tolist()):
            torch.default_generator.manual_seed(stream_seed(seed, "dropout", self.trainer.step + 1 + k))
            for (p, size, scaled), start in zip(dropouts, starts.tolist(), strict=False):
                if p > 0 or not scaled:
                    masks[k, start : start + size * count].bernoulli_(1 - p).div_(1 - p if scaled else 1)
        return masks.numpy(), starts[:-1].astype(np.int64)

    def _take_data(self, dtype: Any) -> None:
        """Inputs as they reach the first dense layer (N, D); labels (N,) or targets (N, D)."""
        trainer, recipe = self.trainer, self.chain.recipe
        everything = trainer.data.batch("train", range(trainer.data.count("train")))
        start = self.chain.before[0]
        value = everything[start.layer.config.field]
        with torch.no_grad():
            for plan in self.chain.before[1:]:
                value = trainer.model.module(plan.node.id)(value)
        self.data = np.ascontiguousarray(value.numpy(), dtype)
        target = everything[recipe.config.target]
        size = int(self.program.ops[-1, 2])
        per_class = not target.is_floating_point() and size > 1
        self.labels = np.ascontiguousarray(target.numpy() if per_class else np.zeros(0), np.int64)
        self.targets = np.ascontiguousarray(target.reshape(len(target), -1).numpy(), dtype)

    def export_state(self) -> dict[str, np.ndarray]:
        return {}

    def import_state(self, state: dict[str, np.ndarray]) -> None:
        assert not state


def _program(kernel: ModuleType, chain: Chain, storage: Storage, dtype: Any) -> Program:
    rows, settings = [], []
    dropouts: list[tuple[float, int, bool]] = []
    for plan in chain.inside:
        into, out = _width(plan.inputs["in"]), _width(plan.outputs["out"])
        weight, bias = (_offset(storage, plan, name) for name in ("weight", "bias"))
        code, first, second = _operation(kernel, plan)
        rows.append((code, into, out, weight, bias, len(dropouts) if code == kernel.DROPOUT else 0))
        settings.append((first, second))
        if code == kernel.DROPOUT:
            dropouts.append((plan.layer.config.p, out, plan.layer.config.form == "pytorch"))
    return Program(np.array(rows, np.int64), np.array(settings, dtype), dropouts)


def _width(shape: Any) -> int:
    return int(shape.count())


def _offset(storage: Storage, plan: NodePlan, name: str) -> int:
    slot = storage.slots.get(f"{plan.node.id}.{name}")
    return -1 if slot is None else slot.offset


def _operation(kernel: ModuleType, plan: NodePlan) -> tuple[int, float, float]:
    """Code and the two settings of a layer."""
    config = plan.layer.config
    match plan.node.kind:
        case "leaky_relu":
            return kernel.LEAKY, config.slope, 0.0
        case "gelu":
            return (kernel.GELU if config.approximate == "none" else kernel.GELU_TANH), 0.0, 0.0
        case "softplus":
            return kernel.SOFTPLUS, config.beta, 0.0
        case "elu":
            return kernel.ELU, config.alpha, 0.0
        case "prelu":
            return kernel.PRELU, 0.0, float(config.per_channel)
        case "step":
            return kernel.STEP, config.threshold, float(config.straight_through)
        case kind:
            return getattr(kernel, kind.upper()), 0.0, 0.0


def _distances(kernel: ModuleType) -> set[int]:
    return {kernel.SQUARED, kernel.ABSOLUTE, kernel.HUBER}


def _loss(kernel: ModuleType, chain: Chain, program: Program) -> tuple[int, float]:
    loss = chain.recipe.criterion
    match loss.kind:
        case "cross_entropy":
            return kernel.CROSS_ENTROPY, 0.0
        case "binary_cross_entropy" | "logistic":
            return kernel.BINARY, 0.0
        case "mse":
            return kernel.SQUARED, 0.5 if getattr(loss.config, "form", "pytorch") == "textbook" else 1.0
        case "l1":
            return kernel.ABSOLUTE, 0.0
        case "huber":
            return kernel.HUBER, loss.config.delta
        case _:
            return (kernel.HINGE_CLASSES if program.ops[-1, 2] > 1 else kernel.HINGE), 0.0


def _optimizer(kernel: ModuleType, kind: str, hyper: dict[str, Any]) -> tuple[int, np.ndarray]:
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
    return getattr(kernel, kind.upper()), np.array([*values, 0.0, 0.0, 0.0, 0.0][:4])
