"""The id of a run that is somebody else's, gone, or no id at all: nothing is said, nothing is done, nobody notices."""

from __future__ import annotations

import contextlib

import pytest
from serve_process import serve
from tests.serving import Server
from websockets.exceptions import InvalidStatus

from torchglass.auth.policy import POLICY

_RULES = [(rule.path, method) for rule in POLICY for method in sorted(rule.methods) if "{run_id}" in rule.path]
ROUTES = [(path, method) for path, method in _RULES if path.startswith("/api/") and method != "WEBSOCKET"]
BODIES = {"PATCH": {"name": "Taken over"}, "POST": {"step": 0}}
#: As they stand in the address.
NO_IDS = ("..%2F..%2Fetc", "%00", "%F0%9F%94%A5", "a" * 3000, "rnothing%20or%201=1", "*")


async def _answers(server: Server, run: str) -> dict[tuple[str, str], int]:
    found = {}
    for path, method in ROUTES:
        answer = await server.http.request(method, path.replace("{run_id}", run), json=BODIES.get(method))
        found[path, method] = answer.status_code
    return found


async def test_the_run_of_another_server_is_no_run_here(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two people, two servers on one computer; the id of a deleted run is no better."""
    deleted = (await server.create())["id"]
    assert (await server.http.delete(f"/api/runs/{deleted}")).status_code == 204
    async with serve(tmp_path_factory.mktemp("theirs")) as theirs:
        run = await theirs.create()
        async with theirs.live(run) as owner:
            await owner.event("hello")
            for foreign in (run, deleted):
                assert set((await _answers(server, foreign)).values()) == {404}
                async with server.live(foreign) as client:
                    await client.socket.wait_closed()
                    assert client.socket.close_code == 4404
                    assert client.events == []
            await server.http.post("/api/runs/delete", json={"runs": [run]})
            assert (await owner.ask("step", n=1))["type"] == "ack"
        assert (await theirs.info(run))["name"] != "Taken over"


@pytest.mark.parametrize("text", NO_IDS)
async def test_what_is_no_id_names_nothing(server: Server, text: str) -> None:
    assert set((await _answers(server, text)).values()) <= {404, 405}
    code = None
    with contextlib.suppress(InvalidStatus):  # what is no path of a run is refused before there is a socket
        async with server.live(text) as client:
            await client.socket.wait_closed()
            code = client.socket.close_code
    assert code in (None, 4404)
