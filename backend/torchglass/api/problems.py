"""Errors as RFC 9457 problem documents: a stable type, a sentence for people, and node and field where known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from torchglass.sessions.errors import RefusedError
from torchglass.spec.problems import ExperimentError
from torchglass.store.errors import StoreError
from torchglass.tables.errors import TableError

MEDIA_TYPE = "application/problem+json"
_STATUS = {
    "too-many-runs": 503,
    "no-such-run": 404,
    "no-such-preset": 404,
    "not-kept": 409,
    "run-open": 409,
    "not-ready": 409,
    "disk": 507,
    "too-large": 413,
    "too-slow": 408,
    "tables-full": 507,
    "tables-busy": 503,
    "no-such-table": 404,
    "table-in-use": 409,
    "no-such-pictures": 404,
    "pictures-in-use": 409,
    "library-full": 507,
    "no-such-bookmark": 404,
    "bookmark-changed": 409,
}
_WORDS = {
    401: "This server needs its token: open the address that it printed when it started.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    415: "Send JSON: the content type must be application/json.",
}

_PLAIN = {
    "missing": "this is missing.",
    "extra_forbidden": "there is no such setting here.",
    "dict_type": "this must be a JSON object.",
    "model_attributes_type": "send a JSON object, with the content type application/json.",
}


class ProblemResponse(Response):
    """ASCII JSON, so that no text that somebody sent can make it fail."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode("ascii")


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> ProblemResponse:
    """One problem document; ``type`` is ``urn:torchglass:<code>``."""
    body = {"type": f"urn:torchglass:{code}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body |= {key: value for key, value in more.items() if value is not None}
    return ProblemResponse(body, status_code=status, headers=dict(headers or {}))


def install(app: FastAPI) -> None:
    """Every error leaves as a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ExperimentError, _experiment)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(StoreError, _unreadable)
    app.add_exception_handler(TableError, _table)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def experiment_problem(error: ExperimentError) -> ProblemResponse:
    """Every problem of an experiment; the first one also at the top, for those who show only one."""
    first = error.problems[0]
    return problem(
        422,
        "experiment",
        first.message,
        node=first.node,
        field=first.field,
        problems=[item.model_dump(mode="json") for item in error.problems[:100]],
    )


async def _experiment(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExperimentError)
    return experiment_problem(error)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return problem(_STATUS.get(error.code, 422), error.code, error.message, node=error.node, field=error.field)


async def _table(request: Request, error: Exception) -> Response:
    assert isinstance(error, TableError)
    return problem(_STATUS.get(error.code, 422), error.code, error.message, row=error.row, column=error.column)


async def _unreadable(request: Request, error: Exception) -> Response:
    return problem(503, "store", str(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    words = _PLAIN.get(first["type"]) or f"{first['msg']}."
    return problem(422, "request", f"“{field}”: {words}" if field else f"The request’s body: {words}", field=field)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail) if error.status_code == 400 else _WORDS.get(error.status_code, str(error.detail))
    return problem(error.status_code, f"http-{error.status_code}", detail, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    detail = "The server made a mistake of its own; its log has the details. Nothing of yours was changed by it."
    return problem(500, "internal", detail)
