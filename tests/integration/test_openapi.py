"""The OpenAPI document is true: whatever it allows and forbids is tried, and no answer is one that it does not name."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from tests.serving import TOKEN, Server, running_server

from torchglass.api.app import create_app
from torchglass.api.settings import Settings
from torchglass.engine.local import LocalEngine
from torchglass.sessions.runs import Policy

schemathesis.serializer.alias("application/zip", "application/octet-stream")
EXAMPLES = 2000 if os.environ.get("TORCHGLASS_TEST_TIER") == "full" else 100
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def _document() -> dict[str, Any]:
    """As the server would answer it."""
    settings = Settings(token=TOKEN, data_dir=Path("/nowhere"), hosts=("127.0.0.1",))
    return create_app(settings, LocalEngine(preload=())).openapi()


DOCUMENT = schemathesis.openapi.from_dict(_document())
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENT.get_all_operations()}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a thread of its own."""
    ready, found = threading.Event(), list[Any]()

    async def serve() -> None:
        done = asyncio.Event()
        async with running_server(tmp_path_factory.mktemp("openapi"), Policy()) as server:
            found.extend((server, asyncio.get_running_loop(), done))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    yield found[0]
    found[1].call_soon_threadsafe(found[2].set)
    thread.join(30)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_of_the_document(server: Server, label: str) -> None:
    """Valid requests and such as the document forbids, for what exists and for what does not. A valid body may be
    refused (an experiment can be wrong in ways that no schema says), and further query parameters are ignored, so
    that only JSON bodies must be refused where the document forbids them."""
    operation = OPERATIONS[label]
    valid, spoiled = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    body = any("json" in accepted.media_type for accepted in operation.body)
    loose = [positive_data_acceptance] + [negative_data_rejection] * (not body)
    session = requests.Session()
    created = httpx.post(f"{server.origin}/api/runs", json={"preset": "xor-mlp"}, headers=BEARER)
    assert created.status_code == 201
    kept = httpx.post(f"{server.origin}/api/library", json={"experiment": created.json()["experiment"]}, headers=BEARER)
    assert kept.status_code == 201

    @settings(max_examples=EXAMPLES)
    @given(case=st.one_of(valid, spoiled), real=st.booleans())
    def try_it(case: Case, real: bool) -> None:
        if real and "run_id" in case.path_parameters:
            case.path_parameters["run_id"] = created.json()["id"]
        if real and "bookmark_id" in case.path_parameters:
            case.path_parameters["bookmark_id"] = kept.json()["id"]
        case.call_and_validate(base_url=server.origin, headers=BEARER, session=session, excluded_checks=loose)

    with session:
        try_it()
    assert httpx.get(f"{server.origin}/api/health").status_code == 200
