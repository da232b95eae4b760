"""A network as it was at an earlier step, to be looked at beside the one that trains."""

from __future__ import annotations

from torchglass.catalog import require
from torchglass.spec.experiment import Experiment
from torchglass.training.assembly import assemble, feed_for
from torchglass.training.checkpoints import Checkpoint
from torchglass.training.context import TrainingContext
from torchglass.training.differences import only_training, other_data
from torchglass.training.feed import Feed
from torchglass.training.places import fill, places_of
from torchglass.training.pruning import restored
from torchglass.training.trainer import Trainer


class Shadow:
    """What probes read of a trainer (model, data, recipe, subject, context, step), at a kept step; never trained.

    Shares the data of ``beside`` where the step was trained on the same, so that only weights are held twice.
    """

    def __init__(self, checkpoint: Checkpoint, beside: Trainer) -> None:
        experiment = document_of(checkpoint)
        same = only_training(beside.experiment, experiment)
        built = assemble(beside.analysis if same else require(experiment), beside.resolved.device, 1)
        self.experiment, self.analysis, self.resolved = experiment, built.analysis, built.resolved
        self.recipe, self.subject, self.model = built.recipe, built.analysis.subject, built.model
        self.data: Feed = _data(experiment, beside, self)
        self.context = TrainingContext(built.model, built.storage, experiment.training, experiment.seed)
        self.show(checkpoint)

    def fits(self, checkpoint: Checkpoint) -> bool:
        """Whether another step can be shown without building anything."""
        return only_training(self.experiment, document_of(checkpoint))

    def show(self, checkpoint: Checkpoint) -> None:
        """Stand at a step whose network is this one."""
        self.experiment = document_of(checkpoint)
        self.context.configure(self.experiment.training)
        fill(places_of(self.model, self.context), checkpoint, but=("prepare/",))
        restored(self.context, checkpoint.tensors, checkpoint.facts.get("pruned"))
        updates = checkpoint.facts["updates"]
        assert isinstance(updates, dict)
        self.context.count_on(updates)
        self.step = self.context.step = checkpoint.step
        for name, value in checkpoint.tensors.items():
            if name.startswith("recipe/"):
                self.context.state[name.removeprefix("recipe/")] = value.to(self.model.device)


def document_of(checkpoint: Checkpoint) -> Experiment:
    """The document that was trained at that step."""
    return Experiment.model_validate(checkpoint.facts["experiment"])


def _data(experiment: Experiment, beside: Trainer, shadow: Shadow) -> Feed:
    same_form = (shadow.resolved.memory_format, shadow.resolved.dtype) == (
        beside.resolved.memory_format,
        beside.resolved.dtype,
    )
    if same_form and not other_data(beside.experiment, experiment):
        return beside.data
    return feed_for(experiment, shadow.resolved)
