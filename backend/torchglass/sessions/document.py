"""The experiment of a run: changes it by path or as a whole, checks all of it again, counts revisions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torchglass.catalog import Analysis, analyse, parse_experiment, validate
from torchglass.layers.base import LAYERS
from torchglass.protocol.run import Mark
from torchglass.sessions import words
from torchglass.sessions.errors import RefusedError, RevisionConflictError
from torchglass.sessions.paths import FIXED, Place, resolve
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError, Problem
from torchglass.spec.stages import at_stage, caught_up, stage_name

_MAX_VALUE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Changed:
    """One applied change. ``trains`` is False where only people see it (name, description, view)."""

    path: str
    before: Any
    value: Any
    trains: bool
    label: str
    kind: Literal["set", "edit"] = "set"

    def mark(self, step: int) -> Mark:
        return Mark(step=step, kind=self.kind, label=self.label, path=self.path, before=self.before, after=self.value)


class Document:
    """The experiment with its revision: the number of changes that touched what is trained."""

    def __init__(self, experiment: Experiment, revision: int = 0) -> None:
        self.experiment = experiment
        self.revision = revision
        self._analysis: Analysis | None = None

    def set(self, path: str, value: Any, revision: int) -> Changed | None:
        """Change one value; None when it is that already.

        Raises RevisionConflictError, or RefusedError with the node and field at fault; then nothing has changed.
        """
        self.expect(revision)
        if path != "network" and len(json.dumps(value)) > _MAX_VALUE:
            raise RefusedError("invalid-value", "That value is too large: at most 64 kB.", field=path)
        if path == "stage":
            return self._set_stage(value)
        raw = self.experiment.model_dump(mode="json")
        place = resolve(raw, path)
        before = place.value
        place.put(value)
        changed = self._checked(raw, place.node, place.field)
        after = resolve(changed.model_dump(mode="json"), path).value
        if after == before and type(after) is type(before):
            return None
        label = words.change(place.label, before, after)
        structural = path.startswith("network") and not _is_live(self.experiment, place)
        if structural and place.node is None:
            label, before, after = words.edit(self.experiment.network, changed.network), None, None
        if path == "data.by_hand":  # long, and the same as in the document
            label, before, after = words.by_hand(self.experiment.data.by_hand, changed.data.by_hand), None, None
        self._adopt(changed, counts=place.counts)
        kind: Literal["set", "edit"] = "edit" if structural and place.trains else "set"
        return Changed(path, before, after, place.trains, label, kind)

    def _set_stage(self, value: Any) -> Changed | None:
        """Go to another stage by hand."""
        before, number = self.experiment.stage, value
        if not isinstance(number, int) or isinstance(number, bool):
            raise RefusedError("invalid-value", "Stages are counted: 0 is the first.", field="stage")
        try:
            changed = at_stage(self.experiment, number)
        except ValueError as error:
            raise RefusedError("invalid-value", str(error), field="stage") from error
        if number == before:
            return None
        self._adopt(changed)
        return Changed("stage", before, number, True, stage_name(changed, number))

    def stage_to(self, number: int) -> bool:
        """The worker has entered that stage; False where the document stands there, or further, already."""
        changed = caught_up(self.experiment, number)
        if changed is self.experiment:
            return False
        self._adopt(changed)
        return True

    def edit(self, sections: Mapping[str, Any], revision: int) -> Changed | None:
        """Replace whole sections (``network``, ``data``, ``recipe``, ``training``) at once; None where nothing
        changes. Raises as ``set`` does."""
        self.expect(revision)
        raw = self.experiment.model_dump(mode="json") | dict(sections)
        changed = self._checked(raw, None, "network")
        if changed == self.experiment:
            return None
        before = self.experiment
        others = [name for name in sections if name != "network" and getattr(changed, name) != getattr(before, name)]
        label = words.edit(before.network, changed.network) if changed.network != before.network else ""
        label = ", ".join(part for part in (label, *(f"{name} changed" for name in others)) if part)
        self._adopt(changed)
        return Changed("network", None, None, True, label, "edit")

    def expect(self, revision: int) -> None:
        """Raises RevisionConflictError where the document has moved on."""
        if revision != self.revision:
            raise RevisionConflictError(self.revision, self.experiment)

    def number_at(self, node: str, parameter: str, index: Sequence[int], more: int = 0) -> str:
        """What a number of a weight, with so many behind it, is called (``hidden: weight[2, 0]``). Raises RefusedError
        at the node, parameter or index that is not there."""
        if self._analysis is None:
            self._analysis = analyse(self.experiment)
        try:
            plan = self._analysis.plan(node)
        except KeyError:
            raise RefusedError("no-such-path", f"The network has no node “{node}”.", node=node, field="node") from None
        known = {item.name: item.shape for item in plan.parameters if item.trainable}
        if parameter not in known:
            listed = ", ".join(known) or "none"
            message = f"“{node}” has no parameter “{parameter}”; it has: {listed}."
            raise RefusedError("no-such-path", message, node=node, field="parameter")
        shape = known[parameter]
        if len(index) != len(shape) or any(not 0 <= place < size for place, size in zip(index, shape, strict=True)):
            message = (
                f"“{parameter}” of “{node}” is {'×'.join(map(str, shape))}, counted from 0: there is no {list(index)}."
            )
            raise RefusedError("no-such-path", message, node=node, field="index")
        place = 0
        for step, size in zip(index, shape, strict=True):
            place = place * size + step
        if place + more >= (total := math.prod(shape)):
            message = f"“{parameter}” of “{node}” has {total} numbers: {more + 1} do not fit from {list(index)} on."
            raise RefusedError("no-such-path", message, node=node, field="more")
        name = plan.node.label or node
        return f"{name}: {parameter}[{', '.join(map(str, index))}]"

    def reseed(self) -> int:
        """Advance the seed, so that new weights are drawn; the new seed."""
        seed = (self.experiment.seed + 1) % 2**53
        self._adopt(self.experiment.model_copy(update={"seed": seed}))
        return seed

    def fall_back(self, experiment: Experiment) -> None:
        """The worker could not follow: what it holds is the experiment again."""
        self._adopt(experiment)

    def go_back(self, experiment: Experiment) -> None:
        """What was trained at an earlier step is trained again; names and what people arranged stay."""
        self._adopt(as_called(experiment, self.experiment))

    def _adopt(self, experiment: Experiment, *, counts: bool = True) -> None:
        self.experiment = experiment
        self._analysis = None
        self.revision += counts

    def _checked(self, raw: dict[str, Any], node: str | None, field: str | None) -> Experiment:
        try:
            changed = parse_experiment(raw)
        except ExperimentError as error:
            raise _refusal(error.problems[0], node, field) from error
        if changed.training.device != self.experiment.training.device:
            raise RefusedError("fixed", FIXED["training.device"], field="training.device")
        errors = [problem for problem in validate(changed).problems if problem.severity == "error"]
        if errors:
            raise _refusal(errors[0], node, field)
        return changed


def forked(experiment: Experiment, parent: Experiment, step: int) -> Experiment:
    """The document of a fork: that of the step, called after its parent."""
    end = f" (fork at {step:,})"
    return as_called(experiment, parent, f"{parent.name[: 200 - len(end)]}{end}")


def as_called(experiment: Experiment, other: Experiment, name: str | None = None) -> Experiment:
    """An earlier document with the name and the arrangement of another one."""
    positions = {**experiment.view.positions, **other.view.positions}
    known = {node.id for node in experiment.network.nodes}
    view = other.view.model_copy(update={"positions": {k: v for k, v in positions.items() if k in known}})
    named = {"name": name or other.name, "description": other.description, "view": view}
    return experiment.model_copy(update=named)


def _is_live(experiment: Experiment, place: Place) -> bool:
    """Whether it is a setting that a layer takes over in place, which changes no structure."""
    if place.node is None or place.key in ("kind", "config", "tied"):
        return False
    return place.key in LAYERS[experiment.network.node(place.node).kind].live


def _refusal(problem: Problem, node: str | None, field: str | None) -> RefusedError:
    return RefusedError("invalid-value", problem.message, node=problem.node or node, field=problem.field or field)
