"""Validation errors of settings in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from torchglass.spec.problems import Mend, Problem

_PLAIN = {
    "missing": "is missing",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "tuple_type": "must be a list",
}
_BOUNDS = {
    "greater_than_equal": ("must be at least {}", "ge"),
    "greater_than": ("must be more than {}", "gt"),
    "less_than_equal": ("must be at most {}", "le"),
    "less_than": ("must be less than {}", "lt"),
    "multiple_of": ("must be a multiple of {}", "multiple_of"),
    "literal_error": ("must be one of {}", "expected"),
    "string_too_long": ("is longer than {} characters", "max_length"),
    "string_too_short": ("must have at least {} characters", "min_length"),
    "too_long": ("has more than {} entries", "max_length"),
    "too_short": ("needs at least {} entries", "min_length"),
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near."""
    found = difflib.get_close_matches(word, list(known), 1, 0.6)
    return found[0] if found else None


def by_likeness(word: str, known: Iterable[str]) -> list[str]:
    """The known words, those first that are most like that one."""
    return sorted(known, key=lambda one: -difflib.SequenceMatcher(None, word, one).ratio())


def say(error: Mapping[str, Any]) -> str:
    """One pydantic error, without the name of the field: ``must be at least 1 (it is 0)``."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _BOUNDS:
        text, key = _BOUNDS[kind]
        words = text.format(context.get(key))
    elif kind == "string_pattern_mismatch":
        words = "is not a name: a letter, then letters, digits or underscores (at most 64)"
    elif kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    else:
        words = _PLAIN.get(kind, str(error["msg"]).lower())
    return words + _given(error)


def _given(error: Mapping[str, Any]) -> str:
    value = error.get("input")
    if error["type"] == "missing" or not isinstance(value, str | int | float | bool | type(None)):
        return ""
    if value is None:
        return " (it is empty)"
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)[:40]
    return f" (it is {text})"


def settings_problems(error: ValidationError, fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of one entry's settings; ``fields`` are the settings that exist. ``field`` is dotted, relative to
    the settings; a number out of bounds carries a mend with ``path`` ``config.<field>``."""
    problems = []
    for item in error.errors(include_url=False)[:20]:
        field = ".".join(str(step) for step in item["loc"])
        if item["type"] == "extra_forbidden":
            near = nearest(field, fields)
            hint = f"; did you mean “{near}”?" if near else (f"; there are: {', '.join(fields)}." if fields else ".")
            problems.append(Problem(message=f"There is no setting “{field}”{hint}", field=field))
            continue
        title = _title(field, fields)
        problems.append(Problem(message=f"{title} {say(item)}.", field=field or None, mend=_mend(item, field, title)))
    return problems


def _title(field: str, fields: Mapping[str, Any]) -> str:
    info = fields.get(field)
    return getattr(info, "title", None) or (f"“{field}”" if field else "The settings")


def _mend(item: Mapping[str, Any], field: str, title: str) -> Mend | None:
    bound = {"greater_than_equal": "ge", "less_than_equal": "le"}.get(item["type"])
    if bound is None or "." in field:
        return None
    value = item["ctx"][bound]
    return Mend(label=f"Set {title} to {value}", path=f"config.{field}", value=value)
