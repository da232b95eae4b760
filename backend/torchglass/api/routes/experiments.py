"""Experiments that nobody has started yet."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from torchglass.api.strict import StrictRoute
from torchglass.catalog import CheckReport, parse_experiment, validate
from torchglass.protocol.base import Message

router = APIRouter(route_class=StrictRoute)


class CheckRequest(Message):
    experiment: dict[str, Any]


@router.post("/api/experiments/check", response_model=CheckReport)
def check(request: CheckRequest) -> Response:
    """Shapes, sizes, costs and problems by node and field. A document that is not an experiment at all is a 422;
    one with problems is a report that lists them."""
    report = validate(parse_experiment(request.experiment))
    return Response(report.model_dump_json(), media_type="application/json")
