"""Networks of one shape trained together: one forward and one backward pass for all of them.

For sweeps over networks that the compiled step refuses. Parameters are stacked (N, P) and mapped over with
``torch.func.vmap``; batches, rates, penalties and optimizer state stay each network's own, so that no network touches
another. Legend: N networks, P numbers in the flat buffer of each, B examples of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, grad_and_value, vmap

from torchglass.recipes.supervised import Supervised
from torchglass.training.trainer import Trainer

#: Multiply-adds of one batch above which a network keeps the machine busy alone.
SMALL_STEP = 500_000
#: Fewer are not worth it.
FEWEST = 4

_Batches = dict[str, Tensor]
_Results = tuple[Tensor, tuple[dict[str, Tensor], dict[str, Tensor]]]


class Stack:
    """Trains these trainers at once; all stand at the same step. Numbers agree with those of each alone up to the
    rounding of other matrix products."""

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        self.trainers = list(trainers)
        first = self.trainers[0]
        assert isinstance(first.recipe, Supervised)
        self._recipe, self._model, self._storage = first.recipe, first.model, first.storage
        self._each = [dict(one.model.named_buffers()) for one in self.trainers]
        self._step = vmap(grad_and_value(self._loss, has_aux=True), randomness="error")

    @staticmethod
    def refuses(trainers: Sequence[Trainer]) -> str | None:
        """Why these, alike by ``shape_of``, can not be trained together, or None; tries one pass, which changes
        nothing."""
        if len(trainers) < FEWEST:
            return "there are few of them"
        refused = next((reason for one in trainers if (reason := _refuses(one))), None)
        if refused:
            return refused
        try:
            stack = Stack(trainers)
            size = trainers[0].experiment.data.batch_size
            batches = [one.data.batch("train", range(min(size, one.data.count("train")))) for one in trainers]
            stack._pass(stack._flats(), stack._buffers(), _stacked(batches))
        except RuntimeError as error:  # randomness, or what can not be mapped over
            return str(error).splitlines()[0]
        return None

    def run(self, steps: int) -> dict[str, np.ndarray]:
        """Train every network that many steps; each metric (steps, N)."""
        collected: dict[str, list[Tensor]] = {}
        buffers = self._buffers()
        for one in self.trainers:
            one.model.train()
        for _ in range(steps):
            batches = []
            for one in self.trainers:
                one.context.step = one.step + 1
                batches.append(one.data.next_batch(one.cursor, one.experiment.data.batch_size, one.context.step))
            gradients, metrics = self._pass(self._flats(), buffers, _stacked(batches))
            for one, gradient in zip(self.trainers, gradients.unbind(0), strict=True):
                one.context.descend("model", gradient)
                one.step += 1
            for name, value in metrics.items():
                collected.setdefault(name, []).append(value)
        for name, value in buffers.items():
            torch._foreach_copy_([each[name] for each in self._each], list(value.unbind(0)))
        return {name: torch.stack(values).double().numpy() for name, values in collected.items()}

    def _pass(self, flats: Tensor, buffers: _Batches, batches: _Batches) -> tuple[Tensor, dict[str, Tensor]]:
        """Gradients (N, P) and metrics (N,); ``buffers`` become those after the pass."""
        gradients, (loss, (metrics, after)) = self._step(flats, buffers, batches)
        buffers.update(after)
        return gradients, {"loss": loss, **metrics}

    def _loss(self, flat: Tensor, buffers: _Batches, batch: _Batches) -> _Results:
        """Of one network: its loss, and (metrics, buffers afterwards) beside it."""
        parameters = {f"nodes.{name}": value for name, value in self._storage.views(flat).items()}
        now = {name: value.clone() for name, value in buffers.items()}
        outputs = functional_call(self._model, (parameters, now), (batch,))
        loss = self._recipe.loss(outputs, batch)
        assert loss is not None
        return loss, (self._recipe.measures(outputs, batch), now)

    def _flats(self) -> Tensor:
        return torch.stack([one.storage.flat for one in self.trainers])

    def _buffers(self) -> _Batches:
        return {name: torch.stack([each[name] for each in self._each]) for name in self._each[0]}


def _stacked(batches: Sequence[_Batches]) -> _Batches:
    return {name: torch.stack([batch[name] for batch in batches]) for name in batches[0]}


def _refuses(trainer: Trainer) -> str | None:
    """Why this network has to be trained alone."""
    training = trainer.experiment.training
    work = sum(plan.multiply_adds for plan in trainer.analysis.plans()) * trainer.experiment.data.batch_size
    reasons = (
        (trainer.stepper.kind != "eager", "the compiled step takes it"),
        (training.stepper == "eager", "it asks for PyTorch, operation by operation"),
        (type(trainer.recipe) is not Supervised or list(trainer.context.roles) != ["model"], "its recipe is its own"),
        (trainer.recipe.refuses("stacked") is not None, "its recipe refuses"),
        (trainer.model.device.type != "cpu" or training.precision not in ("float32", "float64"), "of its precision"),
        (any(hold.active for hold in training.held.values()), "something in it is held"),
        (trainer.context.pruned is not None, "it is pruned on the way"),
        (trainer.data.count("train") == 0 or work > SMALL_STEP, "a step is long enough"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def shape_of(trainer: Trainer) -> tuple[object, ...]:
    """Equal for networks that differ in numbers only."""
    experiment = trainer.experiment
    return (
        experiment.network.model_dump_json(),
        experiment.recipe.model_dump_json(),
        experiment.training.precision,
        experiment.data.batch_size,
        trainer.data.count("train"),
        tuple((name, field.shape) for name, field in trainer.data.fields.items()),
    )
