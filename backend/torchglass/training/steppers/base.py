"""A stepper runs training steps on the trainer's storage; faster ones may take over at a chunk boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    import numpy as np

    from torchglass.training.trainer import Trainer


class Stepper(Protocol):
    """One way of executing steps. Parameters and optimizer state live in the trainer's storage, so that taking
    over copies and resets nothing; a stepper with state of its own moves it with export and import."""

    kind: ClassVar[str]
    #: Whether one call may run over the end of an epoch, because its steps are much shorter than a chunk.
    spans_epochs: ClassVar[bool]

    @staticmethod
    def refuses(trainer: Trainer) -> str | None:
        """Why this stepper cannot run that trainer's experiment, in words; None if it can."""
        ...

    def run(self, steps: int) -> dict[str, np.ndarray]:
        """Run that many steps. Returns each metric as float64 [steps]."""
        ...

    def export_state(self) -> dict[str, np.ndarray]: ...

    def import_state(self, state: dict[str, np.ndarray]) -> None: ...
