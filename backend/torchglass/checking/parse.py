"""From untrusted JSON to the document: bounded before it is read, refused in words."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from torchglass.checking.words import say
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError, Problem

MAX_DEPTH = 24
MAX_VALUES = 200_000
#: Settings of one object. Nothing has as many; 80,000 unknown ones would be 80,000 faults of 1.5 kB each.
MAX_NAMES = 4096
#: The newest version of the document that there is.
VERSION = 1
_LARGEST_NUMBER = 2**63


def parse_experiment(raw: Any) -> Experiment:
    """The document that ``raw`` (parsed JSON) describes. Raises ExperimentError with node and field."""
    problem = _unbounded(raw) or _newer(raw)
    if problem is not None:
        raise ExperimentError([problem])
    try:
        return Experiment.model_validate_json(json.dumps(raw, allow_nan=False), strict=True)
    except ValidationError as error:
        items = error.errors(include_url=False)[:50]
        raise ExperimentError([_problem(dict(item), raw) for item in items]) from None
    except (TypeError, ValueError):
        raise ExperimentError(
            [Problem(message="This is not an experiment: it holds something that JSON does not have.")]
        ) from None


def _unbounded(raw: Any) -> Problem | None:
    """What makes the value too deep, too large or not finite; None if it is fine. Never recurses."""
    if not isinstance(raw, dict):
        return Problem(message="An experiment is a JSON object.")
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(raw, ())]
    count = 0
    while stack:
        value, path = stack.pop()
        count += 1
        message = None
        if count > MAX_VALUES:
            message = f"The experiment has more than {MAX_VALUES:,} values."
        elif len(path) > MAX_DEPTH:
            message = f"The experiment is nested more than {MAX_DEPTH} levels deep."
        elif isinstance(value, float) and not math.isfinite(value):
            message = "This number is not finite (NaN or infinity)."
        elif isinstance(value, int) and abs(value) >= _LARGEST_NUMBER:
            message = "This number is far too large."
        elif isinstance(value, dict) and len(value) > MAX_NAMES:
            message = f"This has more than {MAX_NAMES:,} settings."
        elif isinstance(value, str) and not _sound(value):
            message = "This text holds half a character (a lone surrogate): type it again."
        if message is not None:
            return _place(Problem(message=message), path, raw)
        if isinstance(value, dict):
            stack.extend((item, (*path, str(key))) for key, item in value.items())
            if not all(_sound(str(key)) for key in value):
                return _place(Problem(message="A name in here holds half a character (a lone surrogate)."), path, raw)
        elif isinstance(value, list | tuple):
            stack.extend((item, (*path, number)) for number, item in enumerate(value))
    return None


def _newer(raw: dict[str, Any]) -> Problem | None:
    """What is wrong with the version, if it is one that does not exist yet."""
    version = raw.get("version", VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version <= VERSION:
        return None
    message = (
        f"This experiment was made by a newer Torchglass: its format is version {version}, this program reads up to "
        f"{VERSION}. Update this one to open it."
    )
    return Problem(message=message, field="version")


def _sound(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _problem(item: dict[str, Any], raw: Any) -> Problem:
    path = tuple(item["loc"])
    if item["type"] == "extra_forbidden":
        return _place(Problem(message=f"The experiment has no setting “{path[-1]}” here."), path, raw)
    name = f"“{path[-1]}”" if path else "The experiment"
    if path[-1:] == ("device",):
        return _place(Problem(message="A device is auto, cpu, cuda, cuda:0 (and so on) or mps."), path, raw)
    return _place(Problem(message=f"{name} {say(item)}."), path, raw)


def _place(problem: Problem, path: Sequence[str | int], raw: Any) -> Problem:
    """Names the node where the path leads into one, and the rest of the path as the field."""
    steps = [str(step)[:64].encode("utf-8", "replace").decode() for step in path if step != "[key]"]
    node = None
    if len(path) >= 3 and steps[:2] == ["network", "nodes"] and isinstance(path[2], int):
        try:
            found = raw["network"]["nodes"][path[2]].get("id")
        except (KeyError, IndexError, TypeError, AttributeError):
            found = None
        if isinstance(found, str):
            node, steps = found[:64].encode("utf-8", "replace").decode(), steps[3:]
            steps = steps[1:] if steps[:1] == ["config"] and len(steps) > 1 else steps
    return problem.model_copy(update={"node": node, "field": ".".join(steps) or ("config" if node else None)})
