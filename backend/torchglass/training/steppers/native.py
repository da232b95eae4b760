"""Small dense and convolutional networks at the machine's limit: the whole step is one compiled function.

Parameters, gradients and optimizer state are the trainer's flat buffers, seen through numpy. Order of the data,
dropout masks and random slopes come from the same streams as in the eager stepper, so both train the same network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from torchglass.training.randomness import stream_seed
from torchglass.training.steppers import compiled
from torchglass.training.steppers.chain import NotAChainError, read_chain
from torchglass.training.steppers.layout import Layout
from torchglass.training.steppers.program import compared_with, optimizer_of, program_of

if TYPE_CHECKING:
    from torchglass.training.trainer import Trainer

#: Bytes of dropout masks drawn ahead in one go.
MASK_BYTES = 4 * 2**20
#: Bytes of images converted ahead in one go, for convolutions.
IMAGE_BYTES = 4 * 2**20
#: Examples whose order is drawn ahead in one go.
AHEAD = 2**20


class Native:
    kind: ClassVar[str] = "native"
    spans_epochs: ClassVar[bool] = True

    def __init__(self, trainer: Trainer) -> None:
        """Only where ``refuses`` gives no reason; raises NotAChainError otherwise."""
        self.trainer = trainer
        self.kernel = compiled.kernel()
        self.chain = read_chain(trainer)
        dtype = np.float64 if trainer.model.parameters_dtype == torch.float64 else np.float32
        target = trainer.data.fields[self.chain.recipe.config.target]
        self.program = program_of(self.chain, trainer.storage, dtype, labelled=target.shape.dtype == "int")
        batch = trainer.experiment.data.batch_size + 1  # a single example left over joins the batch before it
        self.layout = Layout(self.kernel, self.chain.blocks, trainer.storage, batch, dtype)
        self._take_data(dtype)
        widest = int(self.program.ops[:, 1:3].max())
        self.values = np.zeros((len(self.program.ops) + 1, widest, batch), dtype)
        self.grads = np.zeros_like(self.values)

    @staticmethod
    def refuses(trainer: Trainer) -> str | None:
        try:
            read_chain(trainer)
        except NotAChainError as error:
            return str(error)
        return compiled.unavailable()

    def run(self, steps: int) -> dict[str, np.ndarray]:
        trainer = self.trainer
        told = np.zeros((3, steps))
        done = 0
        while done < steps:
            done += self._run(steps - done, told, done)
        trainer.context.step = trainer.step
        return dict(zip(("loss", *self.program.metrics), told, strict=False))

    def _run(self, steps: int, told: np.ndarray, at: int) -> int:
        """Some of those steps, as many as masks and images are prepared for; how many they were."""
        trainer, program = self.trainer, self.program
        batch = trainer.experiment.data.batch_size
        width = sum(one.width for one in program.randoms) + program.slopes
        if width:
            steps = min(steps, max(1, MASK_BYTES // (4 * width * batch)))
        if self.chain.blocks:
            size = self.chain.before[0].outputs["out"].count()
            steps = min(steps, max(1, IMAGE_BYTES // (self.layout.work.itemsize * size * batch)))
        count = min(steps, max(1, AHEAD // batch))
        order, starts = trainer.data.take(trainer.cursor, batch, count)
        data, labels, targets, order, starts = self._examples(order, starts)
        masks, mask_at = self._masks(np.diff(starts))
        role = trainer.context.roles["model"]
        first = trainer.step + 1
        hyper = trainer.context.hyper["model"]
        rates = np.array(
            [hyper["lr"] * trainer.context.schedule.factor(first - trainer.context.began + k) for k in range(count)]
        )
        state = [role.state[slot].numpy() for slot in role.optimizer.slots]
        training, storage = trainer.experiment.training, trainer.storage
        unused = np.zeros(0, self.layout.work.dtype)
        self.kernel.train(
            program.ops, program.settings, self.values, self.grads,
            storage.flat.numpy(), storage.gradient.numpy(), storage.decays.numpy(),
            state[0] if state else unused, state[1] if len(state) > 1 else unused,
            self.layout.rows, self.layout.work, self.layout.chosen,
            data, labels, targets, order, starts, masks, mask_at,
            *program.loss, *optimizer_of(role.optimizer.kind, hyper),
            rates, role.updates, training.regularization.l1, training.regularization.l2,
            training.clip_value or 0.0, training.gradient_clipping or 0.0, training.regularization.max_norm or 0.0,
            told, at,
        )  # fmt: skip
        role.updates += count
        trainer.step += count
        return count

    def _masks(self, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn for each step (steps, M), as torch draws it: dropout masks, scaled as the layer says, room for
        slopes, and what they are made of; where each begins. () without any."""
        randoms, slopes = self.program.randoms, self.program.slopes
        if not randoms:
            return np.zeros((len(sizes), 0), self.layout.work.dtype), np.zeros(1, np.int64)
        batch, seed = int(sizes.max()), self.trainer.experiment.seed
        starts = np.cumsum([0, *(one.width * batch for one in randoms)])
        last = int(starts[-1])
        masks = torch.ones(len(sizes), last + slopes * batch, dtype=self.trainer.model.parameters_dtype)
        for k, count in enumerate(sizes.tolist()):
            torch.default_generator.manual_seed(stream_seed(seed, "dropout", self.trainer.step + 1 + k))
            for one, start in zip(randoms, starts.tolist(), strict=False):
                if one.keep is not None and one.draws:
                    mask = masks[k, start : start + one.width * count]
                    mask.bernoulli_(one.keep).div_(one.keep if one.scaled else 1)
            if slopes:
                masks[k, last : last + slopes * count] = torch.rand(slopes * count, dtype=torch.float64)
        return masks.numpy(), starts.astype(np.int64)

    def _take_data(self, dtype: Any) -> None:
        """Inputs as they reach the first dense layer (N, D), unless convolutions stand before it, which take theirs
        by the chunk; and what the answers are compared with."""
        data, start = self.trainer.data, self.chain.before[0].layer.config.field
        self.data = np.zeros((0, 0), dtype)
        if not self.chain.blocks:
            value = data.column("train", start)
            with torch.no_grad():
                for plan in self.chain.before[1:]:
                    value = self.trainer.model.module(plan.node.id)(value)
            self.data = np.ascontiguousarray(value.numpy(), dtype)
        target = data.column("train", self.chain.recipe.config.target)
        self.labels, self.targets = compared_with(self.program, target, dtype)

    def _examples(self, order: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, ...]:
        """Inputs (N, D), labels, targets, and which of them make up each batch: of everything, or of these steps."""
        if not self.chain.blocks:
            return self.data, self.labels, self.targets, order, starts
        index = order[starts[0] : starts[-1]]
        field = self.chain.before[0].layer.config.field
        images = self.trainer.data.batch("train", torch.from_numpy(index), only=field)[field]
        data = np.ascontiguousarray(images.flatten(1).numpy(), self.layout.work.dtype)
        labels = self.labels[index] if len(self.labels) else self.labels
        targets = self.targets[index] if len(self.targets) else self.targets
        return data, labels, targets, np.arange(len(index)), starts - starts[0]

    def export_state(self) -> dict[str, np.ndarray]:
        return {}

    def import_state(self, state: dict[str, np.ndarray]) -> None:
        assert not state
