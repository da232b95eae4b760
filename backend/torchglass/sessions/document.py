"""The experiment of a run: changes it by path, checks the whole of it again, counts revisions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from torchglass.catalog import parse_experiment, validate
from torchglass.protocol.run import Mark
from torchglass.sessions.errors import RefusedError, RevisionConflictError
from torchglass.sessions.paths import Place, resolve
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError, Problem

_MAX_VALUE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Changed:
    """One applied change. ``trains`` is False where only people see it (name, description, view)."""

    path: str
    before: Any
    value: Any
    trains: bool
    label: str

    def mark(self, step: int) -> Mark:
        return Mark(step=step, kind="set", label=self.label, path=self.path, before=self.before, after=self.value)


class Document:
    """The experiment with its revision: the number of changes that touched what is trained."""

    def __init__(self, experiment: Experiment, revision: int = 0) -> None:
        self.experiment = experiment
        self.revision = revision

    def set(self, path: str, value: Any, revision: int) -> Changed | None:
        """Change one value; None when it is that already.

        Raises RevisionConflictError, or RefusedError with the node and field at fault; then nothing has changed.
        """
        if revision != self.revision:
            raise RevisionConflictError(self.revision, self.experiment)
        if len(json.dumps(value)) > _MAX_VALUE:
            raise RefusedError("invalid-value", "That value is too large: at most 64 kB.", field=path)
        raw = self.experiment.model_dump(mode="json")
        place = resolve(raw, path)
        before = place.holder.get(place.key, place.default)
        place.holder[place.key] = value
        changed = self._checked(raw, place)
        after = self._value_at(changed, path)
        if after == before and type(after) is type(before):
            return None
        self.experiment = changed
        if place.counts:
            self.revision += 1
        return Changed(path, before, after, place.trains, f"{place.label} {_shown(before)} → {_shown(after)}")

    def reseed(self) -> int:
        """Advance the seed, so that new weights are drawn; the new seed."""
        seed = (self.experiment.seed + 1) % 2**53
        self.experiment = self.experiment.model_copy(update={"seed": seed})
        self.revision += 1
        return seed

    def _checked(self, raw: dict[str, Any], place: Place) -> Experiment:
        try:
            changed = parse_experiment(raw)
        except ExperimentError as error:
            raise _refusal(error.problems[0], place) from error
        errors = [problem for problem in validate(changed).problems if problem.severity == "error"]
        if errors:
            raise _refusal(errors[0], place)
        return changed

    @staticmethod
    def _value_at(experiment: Experiment, path: str) -> Any:
        place = resolve(experiment.model_dump(mode="json"), path)
        return place.holder.get(place.key, place.default)


def _refusal(problem: Problem, place: Place) -> RefusedError:
    return RefusedError(
        "invalid-value", problem.message, node=problem.node or place.node, field=problem.field or place.field
    )


def _shown(value: Any) -> str:
    """A value as a curve's mark shows it: short."""
    if value is None:
        return "none"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else text[:23] + "…"
