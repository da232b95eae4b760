"""The experiment of a run: changes it by path, checks the whole of it again, counts revisions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from torchglass.protocol.run import Mark
from torchglass.sessions.errors import Refused, RevisionConflict
from torchglass.sessions.paths import Place, resolve
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import Problem

#: Every problem of an experiment (catalog.validate); errors refuse a change, warnings do not.
Validate = Callable[[Experiment], list[Problem]]
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

    def __init__(self, experiment: Experiment, validate: Validate, revision: int = 0) -> None:
        self.experiment = experiment
        self.revision = revision
        self._validate = validate

    def set(self, path: str, value: Any, revision: int) -> Changed | None:
        """Change one value; None when it is that already.

        Raises RevisionConflict, or Refused with the node and field at fault; then nothing has changed.
        """
        if revision != self.revision:
            raise RevisionConflict(self.revision, self.experiment)
        if len(json.dumps(value)) > _MAX_VALUE:
            raise Refused("invalid-value", "That value is too large: at most 64 kB.", field=path)
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
            changed = Experiment.model_validate(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise Refused(
                "invalid-value", f"{place.label}: {first['msg']}.", node=place.node, field=place.field
            ) from error
        errors = [problem for problem in self._validate(changed) if problem.severity == "error"]
        if errors:
            first_problem = errors[0]
            raise Refused(
                "invalid-value",
                first_problem.message,
                node=first_problem.node or place.node,
                field=first_problem.field or place.field,
            )
        return changed

    @staticmethod
    def _value_at(experiment: Experiment, path: str) -> Any:
        place = resolve(experiment.model_dump(mode="json"), path)
        return place.holder.get(place.key, place.default)


def _shown(value: Any) -> str:
    """A value as a curve's mark shows it: short."""
    if value is None:
        return "none"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else text[:23] + "…"
