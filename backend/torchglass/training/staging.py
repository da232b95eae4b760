"""A stage begins: its clock, its weights, its optimizer's memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from torchglass.spec.stages import at_stage, members, next_stage
from torchglass.training.builder import initialise
from torchglass.training.feed import Cursor
from torchglass.training.holding import frozen_places
from torchglass.training.judged import Judged
from torchglass.training.pruning import prune

if TYPE_CHECKING:
    from torchglass.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Began:
    """Where the stage of now began: stops and schedules count from there."""

    step: int = 0
    epoch: int = 0

    def facts(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def of(cls, facts: Any) -> Began:
        """From a checkpoint; one from before there were stages began at the start."""
        return cls(int(facts["step"]), int(facts["epoch"])) if isinstance(facts, dict) else cls()


def enter(trainer: Trainer, *, later: bool) -> None:
    """The document has just moved to its stage: a new epoch begins, stops and schedules count anew, optimizers
    remember nothing, and, in a ``later`` one than before, the weights are what the stage says. What is frozen stays
    in any case."""
    number = trainer.experiment.stage
    stage, cursor = trainer.experiment.stages[number], trainer.cursor
    trainer.cursor = Cursor(cursor.epoch + (cursor.used > 0), 0)
    trainer.take_beginning(Began(trainer.step, trainer.cursor.epoch))
    trainer.judged = Judged(epoch=trainer.cursor.epoch)
    forget(trainer)
    if not later:
        return
    anew = f"stage/{number}"
    if stage.initial == "rewind":
        _draw(trainer, "init", None)
    elif stage.initial == "reinit":
        _draw(trainer, anew, None)
    if stage.fresh:
        _draw(trainer, anew, set(members(trainer.experiment.network, stage.fresh)))
    if stage.initial == "prune":
        prune(trainer, now=True)


def go_on(trainer: Trainer) -> bool:
    """For who trains without a worker: where the stage is over, enter the next. False where the run is over, or the
    stage is not."""
    number = next_stage(trainer.experiment)
    if number is None or trainer.steps_until_stop > 0:
        return False
    trainer.change(at_stage(trainer.experiment, number))
    return True


def forget(trainer: Trainer) -> None:
    """The optimizers begin without memory."""
    for role in trainer.context.roles.values():
        role.updates = 0
        for state in role.state.values():
            state.zero_()
    trainer.context.forget_leftovers()


def _draw(trainer: Trainer, purpose: str, nodes: set[str] | None) -> None:
    """Weights of these nodes (None: of all) from the streams of that purpose; what is frozen and what lies elsewhere
    stays, with its running statistics."""
    context, storage, model = trainer.context, trainer.storage, trainer.model
    kept = {} if nodes is None else {name: value.clone() for name, value in model.buffers_by_name().items()}
    before = storage.flat.clone()
    initialise(model, trainer.analysis, trainer.experiment.seed, purpose)
    stays = torch.zeros(len(before), dtype=torch.bool, device=before.device)
    if nodes is not None:
        for name, view in storage.views(stays).items():
            view.fill_(name.partition(".")[0] not in nodes)
    held = frozen_places(context.training.held, storage, model.aliases)
    if held is not None:
        stays[held] = True
    with torch.no_grad():
        storage.flat[stays] = before[stays]
        for name, value in model.buffers_by_name().items():
            if name in kept and name.partition(".")[0] not in (nodes or set()):
                value.copy_(kept[name])
