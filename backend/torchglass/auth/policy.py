"""Who may call what. A route that is not in this table is refused, and a test compares it with the routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property


class Access(Enum):
    #: Anybody who reaches the server under its own name.
    OPEN = auto()
    #: Whoever holds the token: as a cookie, or as a bearer token.
    TOKEN = auto()
    #: As TOKEN; a token in the query is exchanged for the cookie.
    PAGE = auto()


@dataclass(frozen=True)
class Rule:
    """One path template with its methods (``WEBSOCKET`` for an upgrade)."""

    path: str
    methods: frozenset[str]
    access: Access

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"(\{\w+(?::path)?\})", self.path)
        regex = "".join(
            (r".+" if part.endswith(":path}") else r"[^/]+") if part.startswith("{") else re.escape(part)
            for part in parts
        )
        return re.compile(regex)


def _rule(path: str, methods: str, access: Access = Access.TOKEN) -> Rule:
    return Rule(path, frozenset(methods.split()), access)


POLICY: tuple[Rule, ...] = (
    _rule("/", "GET HEAD", Access.PAGE),
    _rule("/runs/{run_id}", "GET HEAD", Access.PAGE),
    _rule("/favicon.ico", "GET HEAD", Access.OPEN),
    _rule("/static/{path:path}", "GET HEAD", Access.OPEN),
    _rule("/api/health", "GET HEAD", Access.OPEN),
    _rule("/api/openapi.json", "GET HEAD"),
    _rule("/api/catalog", "GET"),
    _rule("/api/presets", "GET"),
    _rule("/api/presets/{preset_id}", "GET"),
    _rule("/api/experiments/check", "POST"),
    _rule("/api/experiments/export", "POST"),
    _rule("/api/sweeps", "POST"),
    _rule("/api/library", "GET POST"),
    _rule("/api/library/{bookmark_id}", "GET PATCH DELETE"),
    _rule("/api/library/{bookmark_id}/duplicate", "POST"),
    _rule("/api/tables", "GET POST"),
    _rule("/api/tables/{table}", "GET DELETE"),
    _rule("/api/tables/{table}/experiment", "POST"),
    _rule("/api/datasets/{kind}/fetch", "POST"),
    _rule("/api/pictures", "GET POST"),
    _rule("/api/pictures/{pictures}", "GET DELETE"),
    _rule("/api/pictures/{pictures}/experiment", "POST"),
    _rule("/api/runs", "GET POST"),
    _rule("/api/runs/delete", "POST"),
    _rule("/api/runs/{run_id}", "GET PATCH DELETE"),
    _rule("/api/runs/{run_id}/fork", "POST"),
    _rule("/api/runs/{run_id}/landscape", "POST"),
    _rule("/api/runs/{run_id}/study", "POST"),
    _rule("/api/runs/{run_id}/baselines", "POST"),
    _rule("/api/runs/{run_id}/metrics", "GET"),
    _rule("/api/runs/{run_id}/checkpoints", "GET"),
    _rule("/api/runs/{run_id}/live", "WEBSOCKET"),
)


def rules_for(path: str) -> list[Rule]:
    """The rules whose template matches a path."""
    return [rule for rule in POLICY if rule.pattern.fullmatch(path)]
