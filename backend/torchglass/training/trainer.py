"""One training of one experiment: module, data, recipe, storage, and the step that they have reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from torchglass.catalog import require
from torchglass.protocol.run import Resolved
from torchglass.recipes.base import RECIPES, Recipe, Subject
from torchglass.spec.experiment import Experiment
from torchglass.training.builder import build, initialise
from torchglass.training.checkpoints import Checkpoint
from torchglass.training.context import TrainingContext, roles_of
from torchglass.training.evaluation import evaluate
from torchglass.training.feed import Cursor, Feed
from torchglass.training.randomness import generator
from torchglass.training.resolve import DTYPES, resolve
from torchglass.training.steppers.choose import Choice, choose
from torchglass.training.storage import Storage

_CONVOLUTIONS = {"conv2d"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """What some steps brought: step numbers (after the step) and each metric, one value per step."""

    steps: np.ndarray
    metrics: dict[str, np.ndarray]

    @property
    def finite(self) -> bool:
        return all(bool(np.isfinite(values).all()) for values in self.metrics.values())


class Trainer:
    """Build it, then call ``run``. Raises ExperimentError for a document that does not check."""

    def __init__(self, experiment: Experiment, *, device: str | None = None, threads: int | None = None) -> None:
        self.analysis = require(experiment)
        self.experiment = experiment
        nodes = {node.kind for node in experiment.network.nodes}
        work = sum(plan.multiply_adds for plan in self.analysis.plans())
        self.resolved: Resolved = resolve(experiment, work, bool(nodes & _CONVOLUTIONS), device, threads)
        torch.set_num_threads(self.resolved.threads)
        target = torch.device(self.resolved.device)
        dtype = DTYPES[experiment.training.precision]
        channels_last = self.resolved.memory_format == "channels_last"
        self.data = Feed(experiment.data, experiment.seed, target, dtype, channels_last)
        self.recipe: Recipe = RECIPES.make(experiment.recipe.kind, experiment.recipe.config)
        self.subject: Subject = self.analysis.subject
        self.model = build(self.analysis, dtype).to(target)
        if experiment.training.precision == "bfloat16":
            self.model.autocast = torch.bfloat16
        groups = roles_of(self.model, experiment.network.parts, self.recipe.roles(experiment.network))
        self.storage = Storage(groups, target, channels_last)
        self.choice: Choice | None = None
        self.restart(experiment.seed)

    # -- training ---------------------------------------------------------------------------------------------

    def restart(self, seed: int) -> None:
        """Step 0, with the weights that this seed draws."""
        self.experiment = self.experiment.model_copy(update={"seed": seed})
        self.step = 0
        self.cursor = Cursor()
        self.data.seed = seed
        self.data.forget_order()
        initialise(self.model, self.analysis, seed)
        self.context = TrainingContext(self.model, self.storage, self.experiment.training, seed)
        drawn = self.recipe.initial_state(self.model, self.subject, generator(seed, "state"))
        self.context.state.update(drawn)
        self.choose_stepper()

    def choose_stepper(self, *, keep: str | None = None) -> None:
        """By rule (see ``steppers.choose``); to be called whenever network, data or settings have changed.

        ``keep``: the stepper that this run already uses; it stays where it can, since another one rounds
        differently, unless what speaks against the compiled step has changed.
        """
        before = self.choice
        self.choice = choose(self, keep)
        if keep and before and before.refused != self.choice.refused:
            self.choice = choose(self)
        self.stepper = self.choice.stepper
        chosen = {"stepper": self.stepper.kind, "reason": self.choice.reason}
        self.resolved = self.resolved.model_copy(update=chosen)

    def run(self, steps: int) -> Chunk:
        """Train that many steps; never beyond the run's stop, nor the end of the epoch where a step takes long."""
        first = self.step
        steps = min(steps, self.steps_until_stop)
        metrics = self.stepper.run(steps if self.stepper.spans_epochs else min(steps, self.steps_left_in_epoch))
        return Chunk(np.arange(first + 1, self.step + 1), metrics)

    @property
    def steps_per_epoch(self) -> int:
        """0 for data without examples."""
        return self.data.batches_from(0, self.experiment.data.batch_size)

    @property
    def epoch(self) -> float:
        total = self.data.count("train")
        return self.cursor.epoch + (self.cursor.used / total if total else 0.0)

    @property
    def steps_left_in_epoch(self) -> int:
        return self.data.batches_from(self.cursor.used, self.experiment.data.batch_size) or 2**62

    @property
    def steps_until_stop(self) -> int:
        """0 when the run is finished."""
        stop = self.experiment.training.stop
        left = 2**62
        if stop.steps is not None:
            left = max(0, stop.steps - self.step)
        if stop.epochs is not None:
            whole = stop.epochs - self.cursor.epoch - 1
            in_epochs = 0 if whole < 0 else self.steps_left_in_epoch + whole * self.steps_per_epoch
            left = min(left, in_epochs)
        return left

    def evaluate(self, split: str = "test", limit: int | None = None) -> Iterator[dict[str, float] | None]:
        """In slices; see ``evaluation.evaluate``."""
        return evaluate(self.recipe, self.model, self.data, split, limit)

    # -- change -----------------------------------------------------------------------------------------------

    def change(self, experiment: Experiment) -> None:
        """Take over a document that differs only in what can change in place (see ``Layer.live``)."""
        assert [n.id for n in experiment.network.nodes] == [n.id for n in self.experiment.network.nodes]
        before = {node.id: node.config for node in self.experiment.network.nodes}
        stepper = self.experiment.training.stepper
        changed = [node.id for node in experiment.network.nodes if node.config != before[node.id]]
        if changed:
            self.analysis = require(experiment)
            for node in changed:
                self.analysis.layers[node].apply_live(self.model.module(node))
        self.experiment = experiment
        self.context.configure(experiment.training)
        self.choose_stepper(keep=self.stepper.kind if experiment.training.stepper == stepper else None)

    # -- checkpoints ------------------------------------------------------------------------------------------

    def snapshot(self) -> Checkpoint:
        """Everything that is needed to go on with the same numbers. Tied tensors appear once."""
        tensors = self._places()
        for name, value in self.context.state.items():
            tensors[f"recipe/{name}"] = value
        return Checkpoint({name: tensor.detach().clone() for name, tensor in tensors.items()}, self._facts())

    def _facts(self) -> dict[str, Any]:
        return {
            "format": 1,
            "step": self.step,
            "epoch": self.cursor.epoch,
            "used": self.cursor.used,
            "updates": {role.name: role.updates for role in self.context.roles.values()},
            "resolved": self.resolved.model_dump(mode="json"),
            "experiment": self.experiment.model_dump(mode="json"),
        }

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a snapshot of the same network. Raises ValueError if its tensors do not fit."""
        facts: Any = checkpoint.facts
        self.restart(int(facts["experiment"]["seed"]))
        self.change(Experiment.model_validate(facts["experiment"]))
        places = self._places()
        names = {name for name in checkpoint.tensors if not name.startswith("recipe/")}
        if names != set(places):
            odd = sorted(names ^ set(places))[:3]
            raise ValueError(f"the checkpoint belongs to another network (differs in {', '.join(odd)})")
        with torch.no_grad():
            for name, place in places.items():
                place.copy_(checkpoint.tensors[name])
        for name, value in checkpoint.tensors.items():
            if name.startswith("recipe/"):
                self.context.state[name.removeprefix("recipe/")] = value.to(self.model.device)
        for role in self.context.roles.values():
            role.updates = int(facts["updates"][role.name])
        self.step = self.context.step = int(facts["step"])
        self.cursor = Cursor(int(facts["epoch"]), int(facts["used"]))
        self.choose_stepper(keep=facts["resolved"]["stepper"])

    def _places(self) -> dict[str, torch.Tensor]:
        """Where each tensor of a snapshot lives."""
        places: dict[str, torch.Tensor] = {}
        for name, slot in self.storage.slots.items():
            places[f"parameter/{name}"] = slot.parameter.data
        for name, value in self.model.buffers_by_name().items():
            places[f"buffer/{name}"] = value
        for role in self.context.roles.values():
            for slot_name, flat in role.state.items():
                for name, view in self.storage.views(flat, role.start).items():
                    places[f"optimizer/{role.name}/{slot_name}/{name}"] = view
        for position, fitted in enumerate(self.data.fitted):
            for name, value in fitted.items():
                places[f"prepare/{position}/{name}"] = value
        return places
