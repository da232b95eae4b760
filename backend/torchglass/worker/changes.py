"""Carries changes of the document and of single weights out, and says what came of them."""

from __future__ import annotations

from torchglass.protocol import worker as wire
from torchglass.protocol.run import Mark, RunProblem
from torchglass.spec.experiment import Experiment
from torchglass.spec.stages import at_stage, caught_up, next_stage, stage_name
from torchglass.training.trainer import Rebuilt, Trainer
from torchglass.worker.explain import explain
from torchglass.worker.link import Link


def change(trainer: Trainer, link: Link, message: wire.Change) -> Rebuilt | None:
    """Take over the document, put the mark, tell what is counted anew. None: it could not be done, which is told."""
    known = facts(trainer)
    try:
        rebuilt = trainer.change(_of_now(trainer, message))
    except Exception as error:  # the trainer is as it was: said, and the training goes on
        held = trainer.experiment.model_dump(mode="json")
        link.send(wire.Unchanged(revision=message.revision, problem=explain(error), experiment=held))
        return None
    mark = Mark(
        step=trainer.step,
        kind=message.kind,
        label=message.label or message.path,
        path=message.path,
        before=message.before,
        after=message.value,
    )
    link.send(wire.Marked(mark=mark))
    if (now := facts(trainer)) != known:
        link.send(now)
    return rebuilt


def _of_now(trainer: Trainer, message: wire.Change) -> Experiment:
    """The document of a change. One that was under way while a stage ended by itself is carried on to the stage of
    now; only who asks for another stage gets it."""
    experiment = Experiment.model_validate(message.experiment)
    return experiment if message.path == "stage" else caught_up(experiment, trainer.experiment.stage)


def next_leg(trainer: Trainer, link: Link) -> Rebuilt | RunProblem | None:
    """Go on to the stage that follows, since the one of now is over, put the mark and tell it; None where there is
    none, a problem where it can not be built."""
    number = next_stage(trainer.experiment)
    if number is None:
        return None
    try:
        rebuilt = trainer.change(at_stage(trainer.experiment, number))
    except Exception as error:  # the trainer is as it was
        return explain(error)
    label = stage_name(trainer.experiment, number)
    mark = Mark(step=trainer.step, kind="set", label=label, path="stage", before=number - 1, after=number)
    link.send(wire.Staged(stage=number))
    link.send(wire.Marked(mark=mark))
    link.send(facts(trainer))
    return rebuilt


def assign(trainer: Trainer, message: wire.Assign) -> Mark | None:
    """Set one number; None where that was done before, or where an edit has taken the place away meanwhile."""
    if message.number <= trainer.assigned:
        return None
    trainer.assigned = message.number
    try:
        before = trainer.assign(message.node, message.parameter, message.index, message.value, message.more)
    except (KeyError, IndexError):
        return None
    place = ", ".join(map(str, message.index))
    following = f" and {len(message.more)} behind it" if message.more else ""
    return Mark(
        step=trainer.step,
        kind="set",
        label=f"{message.label} {before:.4g} → {message.value:.4g}{following}",
        path=f"network.nodes.{message.node}.{message.parameter}[{place}]",
        before=before,
        after=message.value,
    )


def facts(trainer: Trainer) -> wire.Facts:
    """What is counted when the network is built."""
    return wire.Facts(
        step=trainer.step,
        epoch=trainer.epoch,
        steps_per_epoch=trainer.steps_per_epoch,
        parameters=trainer.storage.flat.numel(),
        resolved=trainer.resolved,
    )
