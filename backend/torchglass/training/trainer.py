"""One training of one experiment: module, data, recipe, storage, and the step that they have reached."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from torchglass.catalog import Analysis, require
from torchglass.checking.pins import cores, spare_cores
from torchglass.recipes.base import RECIPES
from torchglass.spec.experiment import Experiment
from torchglass.training.assembly import Assembly, assemble, feed_for
from torchglass.training.attic import Attic
from torchglass.training.builder import initialise
from torchglass.training.checkpoints import Checkpoint
from torchglass.training.context import TrainingContext
from torchglass.training.differences import live_changes, only_training, other_data, other_network
from torchglass.training.edits import succeed
from torchglass.training.evaluation import evaluate
from torchglass.training.feed import Cursor, Feed
from torchglass.training.judged import Judged
from torchglass.training.places import fill, places_of
from torchglass.training.pruning import masks_of, prune, restored, steps_until_round
from torchglass.training.randomness import generator
from torchglass.training.staging import Began, enter
from torchglass.training.steppers.choose import Choice, choose


@dataclass(frozen=True, slots=True)
class Chunk:
    """What some steps brought: step numbers (after the step) and each metric, one value per step."""

    steps: np.ndarray
    metrics: dict[str, np.ndarray]

    @property
    def finite(self) -> bool:
        return all(bool(np.isfinite(values).all()) for values in self.metrics.values())


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a change of the document replaced."""

    model: bool = False
    data: bool = False


class Trainer:
    """Build it, then call ``run``. Raises ExperimentError for a document that does not check."""

    def __init__(self, experiment: Experiment, *, device: str | None = None, threads: int | None = None) -> None:
        self._device, self._threads = device, threads
        # Looked at once: later the load is this training's own.
        self._spare = spare_cores()
        self.attic = Attic()
        #: Number of the last assignment by hand (see ``protocol.worker.Assign``).
        self.assigned = 0
        self.choice: Choice | None = None
        self._begin(require(experiment))

    def _begin(self, analysis: Analysis) -> None:
        """Step 0 of a document, whatever was there before."""
        built = assemble(analysis, self._device, self._threads, self._spare)
        self._device = built.resolved.device
        torch.set_num_threads(built.resolved.threads)
        self.data: Feed = feed_for(built.experiment, built.resolved)
        self._adopt(built)
        self.restart(built.experiment.seed)

    def _adopt(self, built: Assembly) -> None:
        self.experiment, self.analysis, self.resolved = built.experiment, built.analysis, built.resolved
        self.recipe, self.subject = built.recipe, built.analysis.subject
        self.model, self.storage = built.model, built.storage

    # -- training ---------------------------------------------------------------------------------------------

    def restart(self, seed: int) -> None:
        """Step 0, with the weights (and the data, where they are drawn) of this seed. Forgets what edits removed."""
        self.experiment = self.experiment.model_copy(update={"seed": seed})
        self.step = 0
        self.cursor = Cursor()
        self.judged = Judged()
        self.began = Began()
        self.attic = Attic()
        if self.data.seed != seed:
            self.data = feed_for(self.experiment, self.resolved)
        initialise(self.model, self.analysis, seed)
        self.context = TrainingContext(self.model, self.storage, self.experiment.training, seed)
        self.context.state.update(self._initial_state())
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

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return self.recipe.initial_state(self.model, self.subject, generator(self.experiment.seed, "state"))

    def run(self, steps: int) -> Chunk:
        """Train that many steps; never beyond the run's stop, a round of pruning, nor the end of an epoch that
        is judged or where a step takes long."""
        prune(self)
        first = self.step
        until = steps_until_round(self.experiment.training.pruning, self.context.pruned, self.step)
        steps = min(steps, self.steps_until_stop, until)
        spans = self.stepper.spans_epochs and not self.experiment.training.stop.judges
        metrics = self.stepper.run(steps if spans else min(steps, self.steps_left_in_epoch))
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
        """0 when the stage of now, and with the last one the run, is finished."""
        stop = self.experiment.training.stop
        left = 2**62
        if stop.steps is not None:
            left = max(0, stop.steps - (self.step - self.began.step))
        if stop.epochs is not None:
            whole = stop.epochs - (self.cursor.epoch - self.began.epoch) - 1
            in_epochs = 0 if whole < 0 else self.steps_left_in_epoch + whole * self.steps_per_epoch
            left = min(left, in_epochs)
        return left

    def evaluate(self, split: str = "test", limit: int | None = None) -> Iterator[dict[str, float] | None]:
        """In slices; see ``evaluation.evaluate``."""
        return evaluate(self.recipe, self.model, self.data, split, limit)

    # -- change -----------------------------------------------------------------------------------------------

    def change(self, experiment: Experiment) -> Rebuilt:
        """Take over an edited document between two steps; step, weights and optimizer state are kept as far as they
        mean the same (see ``edits``), but for what another stage begins with (see ``staging``). Raises ExperimentError
        or what building raises; then nothing has changed."""
        analysis = self.analysis if only_training(self.experiment, experiment) else require(experiment)
        needed, stage = self._needed(analysis, experiment), self.experiment.stage
        if needed.model:
            self._rebuild(analysis, needed.data)
        else:
            self._take_over(experiment, analysis, needed.data)
        if experiment.stage != stage:
            enter(self, later=experiment.stage > stage)
        return needed

    def take_beginning(self, began: Began) -> None:
        """A stage begins, or one that was left is gone on with: stops and schedules count from there."""
        self.began = began
        self.context.began = began.step

    def assign(
        self, node: str, parameter: str, index: Sequence[int], value: float, more: Sequence[float] = ()
    ) -> float:
        """Set one number of a parameter, and ``more`` in the places behind it, row by row; what the first was. Raises
        KeyError or IndexError for a place that is not there."""
        name = f"{node}.{parameter}"
        slot = self.storage.slots[self.model.aliases.get(name, name)]
        place = tuple(index)
        if len(place) != slot.parameter.dim():
            raise IndexError(f"{name} has {slot.parameter.dim()} axes")
        with torch.no_grad():
            before = float(slot.parameter[place])
        shape = slot.parameter.shape
        first = sum(step * math.prod(shape[axis + 1 :]) for axis, step in enumerate(place))
        if first + len(more) >= slot.parameter.numel():
            raise IndexError(f"{name} has {slot.parameter.numel()} numbers")
        places = self.storage.views(torch.arange(self.storage.flat.numel()))[slot.name]
        for step, number in enumerate((value, *more)):
            at = tuple(int(i) for i in np.unravel_index(first + step, shape)) if shape else ()
            with torch.no_grad():
                slot.parameter[at] = number
            self.context.give_back(int(places[at]))
        return before

    def _needed(self, analysis: Analysis, experiment: Experiment) -> Rebuilt:
        """What an edited document asks to build anew."""
        before = self.experiment
        model = (
            before.training.precision != experiment.training.precision
            or self.analysis.roles != analysis.roles
            or other_network(before, experiment)
            or self.analysis.shapes != analysis.shapes
        )
        return Rebuilt(model, other_data(before, experiment))

    def _take_over(self, experiment: Experiment, analysis: Analysis, data: bool) -> None:
        """The same modules with other settings, or on other data."""
        if data:
            self._take_feed(feed_for(experiment, self.resolved))
        self.data.augment(experiment.data.augment)
        for node in live_changes(self.experiment, experiment):
            if node in self.model.nodes:
                analysis.layers[node].apply_live(self.model.module(node))
        before = self.experiment
        self.experiment, self.analysis, self.subject = experiment, analysis, analysis.subject
        self.context.seed = experiment.seed
        self.context.configure(experiment.training)
        if before.recipe != experiment.recipe:
            self.recipe = RECIPES.make(experiment.recipe.kind, experiment.recipe.config)
            self._keep_state()
        self._choose_again(before)
        prune(self)

    def _take_feed(self, feed: Feed) -> None:
        """Other data begin with their first batch; epochs are counted on."""
        self.data, self.cursor = feed, Cursor(self.cursor.epoch, 0)

    def _rebuild(self, analysis: Analysis, data: bool) -> None:
        """Another network: new modules and storage, filled from the old ones."""
        built = assemble(analysis, self._device, self._threads, self._spare)
        before, experiment, old = self.experiment, built.experiment, self.context
        same_form = (built.resolved.memory_format, built.resolved.dtype) == (
            self.resolved.memory_format,
            self.resolved.dtype,
        )
        feed = self.data if same_form and not data else feed_for(experiment, built.resolved)
        initialise(built.model, analysis, experiment.seed)
        context = TrainingContext(built.model, built.storage, experiment.training, experiment.seed)
        succeed(old, self.analysis, context, analysis, self.attic)
        torch.set_num_threads(built.resolved.threads)
        self._adopt(built)
        if data:
            self._take_feed(feed)
        self.data = feed
        feed.augment(experiment.data.augment)
        self.context, context.step, context.state = context, self.step, old.state
        context.began = old.began
        self._keep_state()
        self._choose_again(before)

    def _choose_again(self, before: Experiment) -> None:
        """A run stays with its stepper where it can, unless people asked for another."""
        stays = before.training.stepper == self.experiment.training.stepper
        self.choose_stepper(keep=self.stepper.kind if stays else None)

    def _keep_state(self) -> None:
        """The recipe's own tensors, as far as this recipe has them in this shape; the others as at the start."""
        old = self.context.state
        fresh = self._initial_state()
        kept = {n: old[n] if n in old and old[n].shape == value.shape else value for n, value in fresh.items()}
        self.context.state = {name: value.to(self.model.device) for name, value in kept.items()}

    # -- checkpoints ------------------------------------------------------------------------------------------

    def snapshot(self) -> Checkpoint:
        """Everything that is needed to go on with the same numbers. Tied tensors appear once."""
        tensors = self.places()
        for name, value in self.context.state.items():
            tensors[f"recipe/{name}"] = value
        tensors |= masks_of(self.context)
        stored, listed = self.attic.export()  # never written into, so shared
        copies = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        return Checkpoint(copies | stored, {**self._facts(), "attic": listed})

    def _facts(self) -> dict[str, Any]:
        return {
            "format": 1,
            "step": self.step,
            "epoch": self.cursor.epoch,
            "used": self.cursor.used,
            "assigned": self.assigned,
            "judged": self.judged.facts(),
            "began": self.began.facts(),
            "pruned": self.context.pruned.facts() if self.context.pruned is not None else None,
            "updates": {role.name: role.updates for role in self.context.roles.values()},
            "resolved": self.resolved.model_dump(mode="json"),
            "experiment": self.experiment.model_dump(mode="json"),
        }

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a snapshot, with the document that it was taken of. Raises ValueError if its tensors do not
        fit that document."""
        facts: Any = checkpoint.facts
        stored = Experiment.model_validate(facts["experiment"])
        analysis = require(stored)
        if self._needed(analysis, stored) == Rebuilt():
            self.restart(stored.seed)
            self._take_over(stored, analysis, data=False)
        else:
            self._begin(analysis)
        fill(self.places(), checkpoint)
        for name, value in checkpoint.tensors.items():
            if name.startswith("recipe/"):
                self.context.state[name.removeprefix("recipe/")] = value.to(self.model.device)
        restored(self.context, checkpoint.tensors, facts.get("pruned"))
        self.assigned = int(facts.get("assigned", 0))
        self.judged = Judged.of(facts.get("judged", {}))
        self.take_beginning(Began.of(facts.get("began")))
        self.attic.take(checkpoint.tensors, facts.get("attic", []))
        self.context.count_on(facts["updates"])
        self.step = self.context.step = int(facts["step"])
        self.cursor = Cursor(int(facts["epoch"]), int(facts["used"]))
        self._keep_threads(int(facts["resolved"]["threads"]))
        self.choose_stepper(keep=facts["resolved"]["stepper"])

    def _keep_threads(self, threads: int) -> None:
        """As many as the run had, where this computer has them: sums of other pieces round differently."""
        if self._threads is None and self.resolved.device == "cpu":
            self.resolved = self.resolved.model_copy(update={"threads": min(threads, cores())})
            torch.set_num_threads(self.resolved.threads)

    def take_weights(self, checkpoint: Checkpoint) -> bool:
        """Weights, buffers and optimizer state of a snapshot, at the step of now. False, and nothing has changed,
        where it belongs to another network."""
        try:
            fill(self.places(), checkpoint)
        except ValueError:
            return False
        restored(self.context, checkpoint.tensors, checkpoint.facts.get("pruned"))
        return True

    def places(self) -> dict[str, torch.Tensor]:
        """Where each tensor of a snapshot lives."""
        found = places_of(self.model, self.context)
        for position, fitted in enumerate(self.data.fitted):
            found |= {f"prepare/{position}/{name}": value for name, value in fitted.items()}
        return found
