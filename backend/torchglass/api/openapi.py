"""The OpenAPI document: what the routes declare, with problem documents for errors and the token for access."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from torchglass.api.problems import MEDIA_TYPE
from torchglass.auth.policy import Access, rules_for
from torchglass.protocol.base import Message
from torchglass.spec.problems import Problem

_UNUSED = ("HTTPValidationError", "ValidationError")
_ERRORS = {
    "4XX": "Refused, and why: in words, with node and field where there are any.",
    "5XX": "The server cannot do it for now, and why.",
}


class ProblemDocument(Message):
    """RFC 9457. ``type`` is stable; ``problems``: every problem of an experiment; ``row`` and ``column`` of a table."""

    type: str
    title: str
    status: int
    detail: str
    node: str | None = None
    field: str | None = None
    row: int | None = None
    column: str | None = None
    problems: list[Problem] = []


def publish(app: FastAPI) -> None:
    """Let the application answer with this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = found["components"]["schemas"]
    for name in _UNUSED:
        schemas.pop(name, None)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["ProblemDocument"] = problem
    found["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "The token of the address that `serve` prints."}
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    errors = {code: {"description": words, "content": content} for code, words in _ERRORS.items()}
    for path, operations in found["paths"].items():
        opened = any(rule.access is Access.OPEN for rule in rules_for(path))
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= errors
            operation["security"] = [] if opened else [{"token": []}]
    return found
