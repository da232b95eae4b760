"""The application: routes behind the guard, the body limit and the security headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from torchglass import __version__
from torchglass.api import openapi, problems
from torchglass.api.body import BodyLimit, Streamed
from torchglass.api.context import Context
from torchglass.api.guard import Guard
from torchglass.api.headers import SecurityHeaders
from torchglass.api.routes import (
    baselines,
    catalog,
    experiments,
    exports,
    fetching,
    health,
    landscapes,
    library,
    live,
    pages,
    pictures,
    presets,
    runs,
    static,
    studies,
    sweeps,
    tables,
)
from torchglass.api.settings import Settings
from torchglass.engine.base import Engine
from torchglass.engine.local import LocalEngine
from torchglass.pictures.library import PICTURES
from torchglass.sessions.runs import Runs
from torchglass.tables.library import LIBRARY

ROUTERS = (
    health,
    catalog,
    presets,
    experiments,
    exports,
    sweeps,
    library,
    tables,
    pictures,
    fetching,
    runs,
    baselines,
    landscapes,
    studies,
    live,
    pages,
    static,
)


def create_app(settings: Settings, engine: Engine | None = None) -> FastAPI:
    """The server. ``engine`` defaults to worker processes on this machine."""
    LIBRARY.use(settings.data_dir / "tables")
    shared = Context(
        settings,
        Runs(engine or LocalEngine(), settings.data_dir, device=settings.device, policy=settings.policy),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await shared.runs.open()
        yield
        await shared.runs.close()
        await shared.exporter.close()
        await shared.sweeper.close()
        await shared.surveyor.close()
        await shared.fitter.close()
        await shared.student.close()

    app = FastAPI(
        title="Torchglass",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Guard, settings=settings),
            Middleware(
                BodyLimit,
                limit=settings.max_body,
                within=settings.body_within,
                streamed=[
                    Streamed(path, kept.bounds()[0], settings.body_within, str(kept.too_large()))
                    for path, kept in (("/api/tables", LIBRARY), ("/api/pictures", PICTURES))
                ],
            ),
        ],
    )
    app.state.context = shared
    problems.install(app)
    for module in ROUTERS:
        app.include_router(module.router)
    openapi.publish(app)
    return app
