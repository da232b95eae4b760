"""The guard in front of every route: Host, token, Origin, policy table, sizes."""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from tests.serving import TOKEN, Server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from torchglass.api.app import ROUTERS
from torchglass.auth.policy import POLICY, Access

ROUTES = [route for module in ROUTERS for route in module.router.routes]


def test_the_policy_lists_every_route_and_nothing_else() -> None:
    served: set[tuple[str, str]] = set()
    for route in ROUTES:
        if isinstance(route, APIWebSocketRoute):
            served.add((route.path, "WEBSOCKET"))
        else:
            assert isinstance(route, APIRoute)
            served |= {(route.path, method) for method in route.methods}
    listed = {(rule.path, method) for rule in POLICY for method in rule.methods}
    assert listed - served == {("/api/openapi.json", "GET"), ("/api/openapi.json", "HEAD")}
    assert served <= listed


def _path(template: str) -> str:
    return template.replace("{path:path}", "x.js").replace("{run_id}", "rnothing").replace("{preset_id}", "nothing")


HTTP = [(rule, method) for rule in POLICY for method in sorted(rule.methods) if method != "WEBSOCKET"]


@pytest.mark.parametrize("token", [None, "wrong", TOKEN[:-1]])
async def test_every_closed_route_asks_for_the_token(server: Server, token: str | None) -> None:
    async with httpx.AsyncClient(base_url=server.origin) as http:
        for rule, method in HTTP:
            headers = {"origin": server.origin}
            if token is not None:
                headers["authorization"] = f"Bearer {token}"
                headers["cookie"] = f"torchglass_{server.host.split(':')[1]}={token}"
            answer = await http.request(method, _path(rule.path), headers=headers)
            assert (answer.status_code == 401) == (rule.access is not Access.OPEN), (rule.path, method)
            assert answer.status_code < 500


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
async def test_a_foreign_host_is_refused_everywhere(server: Server, host: str) -> None:
    port = server.host.split(":")[1]
    for rule, method in HTTP:
        answer = await server.http.request(method, _path(rule.path), headers={"host": host.format(port=port)})
        assert answer.status_code in (400, 421), (rule.path, method)


FOREIGN = [
    "null",
    "http://evil.example",
    "https://{host}",
    "http://{host}.evil.example",
    "http://{host}/",
    "HTTP://{host}",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_may_change_nothing(server: Server, origin: str) -> None:
    run = await server.create()
    headers = {"origin": origin.format(host=server.host)}
    for method, path in (
        ("POST", "/api/runs"),
        ("POST", "/api/experiments/check"),
        ("DELETE", f"/api/runs/{run['id']}"),
    ):
        answer = await server.http.request(method, path, headers=headers, json={"preset": "mnist-cnn"})
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:torchglass:origin"
    assert len((await server.http.get("/api/runs")).json()) == 1
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            f"ws://{server.host}/api/runs/{run['id']}/live",
            additional_headers={"authorization": f"Bearer {TOKEN}"},
            origin=headers["origin"],  # type: ignore[arg-type]
        )
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"host": "evil.example"}])
async def test_an_upgrade_without_the_token_never_opens(server: Server, headers: dict[str, str]) -> None:
    run = await server.create()
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            f"ws://{server.host}/api/runs/{run['id']}/live",
            additional_headers=headers,
            origin=server.origin,  # type: ignore[arg-type]
        )
    assert refused.value.response.status_code in (400, 401, 421)
    with pytest.raises(InvalidStatus):
        await connect(f"ws://{server.host}/", additional_headers={"authorization": f"Bearer {TOKEN}"})


async def test_the_token_is_exchanged_for_a_cookie(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.origin) as http:
        refused = await http.get("/?token=wrong")
        assert refused.status_code == 401
        assert "set-cookie" not in refused.headers
        answer = await http.get("/?token=" + TOKEN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        page = await http.get("/")
        assert page.status_code == 200
        created = await http.post("/api/runs", json={"preset": "mnist-cnn"}, headers={"origin": server.origin})
        assert created.status_code == 201
        url = f"ws://{server.host}/api/runs/{created.json()['id']}/live"
        own = {"cookie": cookie.split(";")[0]}
        async with connect(url, additional_headers=own, origin=server.origin) as socket:  # type: ignore[arg-type]
            assert json.loads(await socket.recv())["type"] == "hello"
        with pytest.raises(InvalidStatus):
            await connect(url, additional_headers=own)


async def test_a_token_leads_only_to_pages_of_this_server(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.origin) as http:
        answer = await http.get(f"/runs/r1?token={TOKEN}&a=b")
        assert answer.headers["location"] == "/runs/r1?a=b"
        away = await http.get(f"{server.origin}//evil.example/?token={TOKEN}")
        assert not away.headers.get("location", "").startswith("//")


async def test_a_page_allows_no_script_but_its_own(server: Server) -> None:
    page = await server.http.get("/")
    policy = page.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    nonce = scripts.split("'nonce-")[1].split("'")[0]
    assert "unsafe-inline" not in scripts
    assert "unsafe-eval" not in policy
    assert f'nonce="{nonce}"' in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    again = await server.http.get("/")
    assert again.headers["content-security-policy"] != policy
    assert TOKEN not in page.text


async def test_a_name_of_markup_stays_text(server: Server) -> None:
    experiment = (await server.http.get("/api/presets/mnist-cnn")).json()["experiment"]
    hostile = "</script><script>alert(1)</script>"
    run = await server.create(experiment={**experiment, "name": hostile, "description": hostile})
    page = await server.http.get(f"/runs/{run['id']}")
    assert "<script>alert" not in page.text


async def test_bodies_are_cut_while_streaming(server: Server) -> None:
    async def endless() -> object:
        for _ in range(64):
            yield b"x" * 65536

    headers = {"content-type": "application/json"}
    answer = await server.http.post("/api/runs", content=endless(), headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 413
    answer = await server.http.post("/api/runs", content=b"x" * (1024 * 1024 + 1), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:torchglass:too-large")


HOSTILE = [
    b"",
    b"[]",
    b"null",
    b'{"experiment": 1}',
    b'{"preset": "mnist-cnn", "experiment": {}}',
    b"[" * 100_000,
    b'{"experiment":' * 10_000,
    b'{"preset": ' + b"9" * 5000 + b"}",
    b'{"preset": "\\ud800"}',
    b'{"experiment": {"name": "\\ud800", "seed": NaN}}',
    b'{"experiment": {"name": "x", "seed": Infinity}}',
    b"\xff\xfe",
    b'{"preset": "no-such"}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_body_is_a_clear_refusal(server: Server, body: bytes) -> None:
    for path in ("/api/runs", "/api/experiments/check"):
        answer = await server.http.post(path, content=body, headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["type"].startswith("urn:torchglass:")
        assert len(told["detail"]) > 5
        assert "Traceback" not in answer.text


async def test_a_form_is_not_taken_for_json(server: Server) -> None:
    answer = await server.http.post(
        "/api/runs", content=b'{"preset": "mnist-cnn"}', headers={"content-type": "text/plain"}
    )
    assert answer.status_code in (415, 422)


async def test_an_oversize_message_ends_its_connection_alone(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as other, server.live(run["id"]) as client:
        with contextlib.suppress(ConnectionClosed, OSError):
            await client.socket.send("x" * (2 * 1024 * 1024))
        await asyncio.wait_for(client.socket.wait_closed(), 5)
        assert client.socket.close_code == 1009
        assert (await other.ask("pause"))["type"] == "ack"


@pytest.mark.parametrize(
    "path", ["/static/../cli.py", "/static/..%2fcli.py", "/static/.vite/manifest.json", "/static/%00"]
)
async def test_static_serves_nothing_but_assets(server: Server, path: str) -> None:
    answer = await server.http.get(path)
    assert answer.status_code in (404, 401)
