"""Every route × method × token × Origin × Host, against the rules as one would say them aloud."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest

from torchglass.api.guard import Guard
from torchglass.api.settings import Settings
from torchglass.auth.policy import POLICY, Access, Rule, rules_for

TOKEN, OTHERS = "the-token-of-this-server-000000000", "the-token-of-another-server-111111"
HOST = "127.0.0.1:8000"
SETTINGS = Settings(token=TOKEN, data_dir=Path("/nowhere"), hosts=(HOST, "localhost:8000"))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "WEBSOCKET")

#: How the token comes -> (headers, whether it is the right one, whether as a bearer token).
TOKENS: dict[str, tuple[dict[str, str], bool, bool]] = {
    "none": ({}, False, False),
    "bad": ({"authorization": "Bearer wrong", "cookie": f"{SETTINGS.cookie}=wrong"}, False, False),
    "another server's": (
        {"authorization": f"Bearer {OTHERS}", "cookie": f"{SETTINGS.cookie}={OTHERS}"},
        False,
        False,
    ),
    "in the wrong cookie": ({"cookie": f"torchglass_9000={TOKEN}"}, False, False),
    "without its end": ({"authorization": f"Bearer {TOKEN[:-1]}"}, False, False),
    "basic": ({"authorization": f"Basic {TOKEN}"}, False, False),
    "cookie": ({"cookie": f"{SETTINGS.cookie}={TOKEN}"}, True, False),
    "bearer": ({"authorization": f"Bearer {TOKEN}"}, True, True),
}
ORIGINS = {
    None: False,
    f"http://{HOST}": True,
    "http://localhost:8000": True,
    "null": False,
    "": False,
    "http://evil.example": False,
    f"https://{HOST}": False,
    f"http://{HOST}.evil.example": False,
    f"http://{HOST}/": False,
    "http://127.0.0.1": False,
    "http://127.0.0.1:80000": False,
    "http://evil.example@127.0.0.1:8000": False,
    f"HTTP://{HOST}": False,
}
HOSTS = {
    HOST: True,
    "LOCALHOST:8000": True,
    "evil.example": False,
    "127.0.0.1": False,
    "127.0.0.1:80": False,
    f"{HOST}.evil.example": False,
    f"evil.example@{HOST}": False,
    "": False,
}


def _path(rule: Rule) -> str:
    return rule.path.replace("{path:path}", "x.js").replace("{run_id}", "r1").replace("{", "").replace("}", "")


PATHS = sorted({_path(rule) for rule in POLICY})
UNLISTED = ["/api", "/api/", "/api/runs/", "/api/runs/r1/live/x", "/docs", "/api//runs", "/API/runs", "/.env", "/%2e"]


class Served:
    """What lies behind the guard: notes whether anything came through."""

    def __init__(self) -> None:
        self.reached = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached = True


def answer(path: str, method: str, headers: list[tuple[str, str]]) -> int | None:
    """The status of the refusal; None where the request came through."""
    behind, sent = Served(), list[Any]()
    scope: dict[str, Any] = {
        "type": "websocket" if method == "WEBSOCKET" else "http",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    if method != "WEBSOCKET":
        scope["method"] = method

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    judging = Guard(behind, SETTINGS)(scope, receive, send)
    with contextlib.suppress(StopIteration):  # nothing in it ever waits, so that no loop is needed
        judging.send(None)
        raise AssertionError("the guard waits for something")
    assert behind.reached != bool(sent)
    return None if behind.reached else sent[0]["status"]


def expected(path: str, method: str, token: str, origin: str | None, host: str) -> int | None:
    """Host first, then the token (unless the route is open), then the Origin of what may change something."""
    _, right, bearer = TOKENS[token]
    rule = next((rule for rule in rules_for(path) if method in rule.methods), None)
    if not HOSTS[host]:
        return 421
    if rule is not None and rule.access is Access.OPEN:
        return None
    if not right:
        return 401
    if method not in ("GET", "HEAD") and not (ORIGINS[origin] or (origin is None and bearer)):
        return 403
    if rule is not None:
        return None
    return 405 if any(rule.methods != {"WEBSOCKET"} for rule in rules_for(path)) else 404


@pytest.mark.parametrize("path", [*PATHS, *UNLISTED])
def test_every_combination_is_judged_alike(path: str) -> None:
    for method, token, origin, host in itertools.product(METHODS, TOKENS, ORIGINS, HOSTS):
        if origin is not None and not HOSTS[host] and origin != "null":
            continue  # a bad Host decides alone; two Origins are enough to see it
        headers = [("host", host), *TOKENS[token][0].items()]
        headers += [("origin", origin)] if origin is not None else []
        found = answer(path, method, headers)
        assert found == expected(path, method, token, origin, host), (method, token, origin, host)


@pytest.mark.parametrize("name", ["host", "origin"])
def test_a_header_that_comes_twice_is_refused(name: str) -> None:
    headers = [("host", HOST), ("origin", f"http://{HOST}"), ("authorization", f"Bearer {TOKEN}")]
    assert answer("/api/runs", "POST", headers) is None
    twice = [*headers, (name, dict(headers)[name])]
    assert answer("/api/runs", "POST", twice) == {"host": 421, "origin": 403}[name]


def test_a_path_is_compared_as_it_was_decoded() -> None:
    headers = [("host", HOST), ("authorization", f"Bearer {TOKEN}")]
    for path in ("/api/runs/r1/../../health", "/api/runs/a/b/metrics", "/static", "/api/health/x", "/api/health\n"):
        assert answer(path, "GET", headers) == 404


@pytest.mark.parametrize(
    ("began", "way_on"),
    [("cross-site", True), ("same-site", True), (None, True), ("none", False), ("same-origin", False)],
)
async def test_a_link_from_elsewhere_meets_a_way_on_and_nothing_of_the_page(began: str | None, way_on: bool) -> None:
    """The strict cookie stays away on such a step; only where it would have come is it known to be missing."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", HOST.encode())] + ([(b"sec-fetch-site", began.encode())] if began else [])
    scope = {"type": "http", "method": "GET", "path": "/runs/abc", "query_string": b"", "headers": headers}
    await Guard(unreachable, SETTINGS)(scope, receive, send)
    assert sent[0]["status"] == 401
    assert (b"<form" in sent[1]["body"]) is way_on
    assert TOKEN.encode() not in sent[1]["body"]
    assert b"set-cookie" not in dict(sent[0]["headers"])


async def unreachable(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("a request without a token went through")
