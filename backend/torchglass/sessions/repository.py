"""Where runs are remembered. In memory for now; the same few calls will be answered by a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torchglass.ids import RunId
from torchglass.protocol.run import RunState
from torchglass.spec.experiment import Experiment


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What must outlive the process."""

    id: RunId
    experiment: Experiment
    revision: int
    created_at: str
    state: RunState
    step: int


class Repository(Protocol):
    """Keeps records; a call that returned has kept its promise."""

    def save(self, record: RunRecord) -> None:
        """Insert or replace."""

    def all(self) -> list[RunRecord]:
        """Every record, oldest first."""

    def delete(self, run: RunId) -> None:
        """Forget one; no error where there is none."""


class MemoryRepository:
    """Forgets everything when the server ends."""

    def __init__(self) -> None:
        self._records: dict[RunId, RunRecord] = {}

    def save(self, record: RunRecord) -> None:
        self._records[record.id] = record

    def all(self) -> list[RunRecord]:
        return list(self._records.values())

    def delete(self, run: RunId) -> None:
        self._records.pop(run, None)
