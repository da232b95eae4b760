"""Entries of the registries with validated settings, kept for the next check: entries never change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from torchglass.checking.words import by_likeness, nearest, settings_problems
from torchglass.registry import Entry, Registry
from torchglass.spec.problems import Mend, Problem

E = TypeVar("E", bound=Entry)
_KEPT_AT_MOST = 4096
_kept: dict[tuple[type[Entry], str], tuple[Entry | None, list[Problem]]] = {}


@dataclass(frozen=True, slots=True)
class Made(Generic[E]):
    """The entry, or what is wrong with its kind or settings (``field`` relative to the settings, or ``kind``)."""

    entry: E | None
    problems: list[Problem]


def make(registry: Registry[E], kind: str, config: Mapping[str, Any], what: str) -> Made[E]:
    """The entry of that kind. ``what`` names the sort of thing for people: ``layer``, ``loss`` ..."""
    entry_type = registry.entries.get(kind)
    if entry_type is None:
        return Made(None, [_unknown(registry, kind, what)])
    try:
        key = (entry_type, json.dumps(config, allow_nan=False))  # the order of lanes, say, is kept
    except (TypeError, ValueError, RecursionError):
        message = "The settings hold something that is no plain value: a number that is not finite or far too large?"
        return Made(None, [Problem(message=message)])
    if key not in _kept:
        if len(_kept) >= _KEPT_AT_MOST:
            _kept.clear()
        _kept[key] = _validate(entry_type, key[1])
    entry, problems = _kept.get(key) or _validate(entry_type, key[1])
    return Made(entry, problems)  # type: ignore[arg-type]  # keyed by the entry's own class


def _validate(entry_type: type[Entry], settings: str) -> tuple[Entry | None, list[Problem]]:
    try:
        return entry_type(entry_type.Config.model_validate_json(settings, strict=True)), []
    except ValidationError as error:
        return None, settings_problems(error, entry_type.Config.model_fields)


#: More names than this help nobody in a sentence: those that are most alike come first.
_MOST_NAMED = 12


def _unknown(registry: Registry[E], kind: str, what: str) -> Problem:
    near = nearest(kind, registry.entries)
    known = by_likeness(kind, registry.entries)
    more = len(known) - _MOST_NAMED
    others = f"There are: {', '.join(known[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''}."
    hint = f" Did you mean “{near}”?" if near else f" {others}"
    mend = Mend(label=f"Use “{near}”", path="kind", value=near) if near else None
    return Problem(message=f"There is no {what} called “{kind}”.{hint}", field="kind", mend=mend)


def placed(problem: Problem, *, node: str | None = None, prefix: str = "") -> Problem:
    """The problem at its place in the document: ``field`` and the mend's path get the prefix."""
    mend, field = problem.mend, problem.field
    if node is not None:
        path = f"network.nodes.{node}."
        if mend is not None and mend.path is not None:
            mend = mend.model_copy(update={"path": path + mend.path})
        return problem.model_copy(update={"node": node, "field": field or "config", "mend": mend})
    if mend is not None and mend.path is not None:
        mend = mend.model_copy(update={"path": f"{prefix}.{mend.path}"})
    inside = "" if field in (None, "kind") else "config."
    return problem.model_copy(
        update={"field": f"{prefix}.{inside}{field}" if field else f"{prefix}.config", "mend": mend}
    )
