"""The page itself: one for every address that a browser may open."""

from __future__ import annotations

import json
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from torchglass import __version__
from torchglass.api import assets
from torchglass.api.context import Shared
from torchglass.api.headers import page_policy
from torchglass.api.settings import Settings

router = APIRouter()
_TAGLINE = "Build a neural network, watch it learn from the inside, change anything while it trains."


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"), autoescape=select_autoescape()
    )


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def home(request: Request, shared: Shared) -> Response:
    """The page opens a run of its own choice."""
    return _page(request, shared.settings, "Torchglass", _TAGLINE, {"run": None})


@router.api_route("/runs/{run_id}", methods=["GET", "HEAD"], include_in_schema=False)
async def run_page(run_id: str, request: Request, shared: Shared) -> Response:
    """One run; the page says so itself where there is none of that name."""
    run = await shared.runs.recall(run_id)
    if run is None:
        return _page(request, shared.settings, "Torchglass", _TAGLINE, {"run": run_id[:64], "missing": True}, 404)
    experiment = run.document.experiment
    description = experiment.description or _TAGLINE
    return _page(request, shared.settings, f"{experiment.name} · Torchglass", description, {"run": run.id})


def _page(
    request: Request, settings: Settings, title: str, description: str, configuration: dict[str, Any], status: int = 200
) -> Response:
    nonce = secrets.token_urlsafe(16)
    found = assets.find(dev_assets=settings.dev_assets)
    html = (
        _templates()
        .get_template("index.html")
        .render(
            title=title,
            description=description,
            nonce=nonce,
            assets=found,
            configuration=_embedded({"version": __version__, "preset": "mnist-cnn", **configuration}),
        )
    )
    policy = page_policy(nonce, request.headers["host"], settings.dev_assets)
    return HTMLResponse(html.encode("utf-8", "replace"), status, headers={"content-security-policy": policy})


def _embedded(value: Any) -> Markup:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704  (escaped above)
