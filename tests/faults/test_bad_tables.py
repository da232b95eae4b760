"""Tables as an attacker or a clumsy person sends them, to a real server that trains: a clear refusal that names the
place, no more than 64 MB, nothing left on the disk, and the other run notices nothing."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from real_server import RealServer, reaches

CSV = {"content-type": "text/csv"}
PIECE = b"1,2,3,4,5,6,7\n" * 74_898  # 1 MB


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    server = RealServer(tmp_path_factory.mktemp("data"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(server: RealServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def other(client: httpx.Client) -> Iterator[str]:
    """Somebody else's run, which must go on while the test lasts."""
    run = str(client.post("/api/runs", json={"preset": "moons-mlp", "start": True}).json()["id"])
    before = reaches(client, run, lambda told: told["step"] > 0)
    yield run
    told = reaches(client, run, lambda told: told["step"] > before["step"])
    assert (told["state"], told["problem"]) == ("running", None)
    client.delete(f"/api/runs/{run}")


def left(server: RealServer) -> list[str]:
    folder = server.folder / "tables"
    return sorted(place.name for place in folder.iterdir()) if folder.is_dir() else []


BAD: dict[str, tuple[bytes, str, int | None]] = {
    "nothing": (b"", "empty", None),
    "a heading alone": (b"a,b\n", "no rows", None),
    "ragged rows": (b"a,b\n1,2\n1,2,3\n", "Row 3 has 3 cells where the first row has 2", 3),
    "binary rubbish": (os.urandom(2_000_000), "binary file", None),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary file", None),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-16", None),
    "10,000 columns": (b",".join(b"c%d" % i for i in range(10_000)) + b"\n", "10,000 columns: at most 200", 1),
    "an open quotation mark": (b'a,b\n1,"x\n' + b"y,z\n" * 50_000, "Row 2", 2),
    "one huge cell": (b"a,b\n1," + b"x" * 5_000_000 + b"\n", "Row 2", 2),
    "too many rows": (b"a\n" + b"1\n" * 300_000, "the limit is at row 200,002", 200_002),
    "too many cells": (b"1,1,1,1,1,1,1,1\n" * 2_000_000, "the limit is at row", None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_table_is_refused_in_words(server: RealServer, client: httpx.Client, other: str, name: str) -> None:
    body, words, row = BAD[name]
    before, kept = server.memory, left(server)
    answer = client.post("/api/tables", content=body, headers=CSV)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert words in told["detail"]
    assert row is None or told["row"] == row
    assert server.memory - before < 64
    assert left(server) == kept


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_two_gigabytes_are_cut_early(server: RealServer, other: str, declared: bool) -> None:
    """The body is made while it is sent; far less than all of it gets through before the answer is there."""
    before = server.memory
    size = 2 * 1024**3
    how = f"content-length: {size}" if declared else "transfer-encoding: chunked"
    head = f"POST /api/tables HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\nauthorization: Bearer {server.token}\r\n"
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{head}content-type: text/csv\r\n{how}\r\n\r\n".encode())
        connection.settimeout(0.001)
        while sent < size and not answer:
            answer = _heard(connection)
            if not answer:
                sent += _push(connection, PIECE if declared else b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
        connection.settimeout(30)
        while more := _heard(connection):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413"), answer[:300]
    assert b"connection: close" in answer.lower()
    assert b"The file is larger than 32 MB" in answer
    assert sent < 80 * 1024**2
    assert server.memory - before < 64


def _heard(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except (TimeoutError, ConnectionError):
        return b""


def _push(connection: socket.socket, piece: bytes) -> int:
    """Send a piece whole; what the server no longer takes counts as sent."""
    connection.settimeout(30)
    try:
        connection.sendall(piece)
    except ConnectionError:
        pass
    finally:
        connection.settimeout(0.001)
    return len(piece)


def test_a_body_that_ends_early_leaves_nothing(server: RealServer, client: httpx.Client, other: str) -> None:
    kept = left(server)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        head = f"POST /api/tables HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\nauthorization: Bearer {server.token}\r\n"
        connection.sendall(f"{head}content-type: text/csv\r\ncontent-length: 1000000\r\n\r\na,b\n1,2\n".encode())
    reaches(client, other, lambda _: left(server) == kept)


MARKUP = b"""name,=cmd|' /C calc'!A0,<script>alert(1)</script>
=1+1,1,<img src=x onerror=alert(1)>
"@SUM(A1)",2,</script>
+3,3,\xe2\x80\xaeevil
-4,4,javascript:alert(1)
"""


def test_formulas_and_markup_stay_text(client: httpx.Client, other: str) -> None:
    answer = client.post("/api/tables", params={"name": "<b>x</b>.csv"}, content=MARKUP, headers=CSV)
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    facts = answer.json()
    assert facts["sample"][0] == ["=1+1", "1", "<img src=x onerror=alert(1)>"]
    assert [column["name"] for column in facts["columns"]][1:] == ["=cmd|' /C calc'!A0", "<script>alert(1)</script>"]
    assert facts["name"] == "b>.csv"  # what stands behind the last slash
    assert client.delete(f"/api/tables/{facts['id']}").status_code == 204


def test_one_column_is_a_table_with_nothing_to_learn_from(client: httpx.Client, other: str) -> None:
    facts = client.post("/api/tables", content=b"value\n1\n2\n3\n", headers=CSV).json()
    answer = client.post(f"/api/tables/{facts['id']}/experiment", json={})
    assert answer.status_code == 422
    assert "at least one column to learn from" in answer.json()["detail"]


@pytest.mark.parametrize("table", ["..%2f..%2fetc%2fpasswd", "0" * 64, "%00", "x" * 3000])
def test_no_name_leads_out_of_the_folder(client: httpx.Client, table: str) -> None:
    for method, path, body in (("GET", "", None), ("DELETE", "", None), ("POST", "/experiment", {})):
        answer = client.request(method, f"/api/tables/{table}{path}", json=body)
        assert answer.status_code in (404, 405), (method, answer.text)


def test_wrong_questions_name_the_column(client: httpx.Client) -> None:
    text = b"a,note,y\n" + b"".join(b"%d,<i>%d</i>,%d\n" % (i, i, i) for i in range(150))
    table = client.post("/api/tables", content=text, headers=CSV).json()["id"]
    wrong: list[tuple[Any, str | None]] = [
        ({"target": "ghost"}, "ghost"),
        ({"inputs": ["note"], "target": "y"}, "note"),
        ({"inputs": ["a", "a"], "target": "y"}, "a"),
        ({"inputs": ["y"], "target": "y"}, "y"),
        ({"types": {"note": "category"}, "inputs": ["note"], "target": "y"}, "note"),
        ({"inputs": ["a"] * 500}, None),
        ({"types": {"a": "picture"}}, None),
        ({"missing": "guess"}, None),
        ([], None),
    ]
    for question, column in wrong:
        answer = client.post(f"/api/tables/{table}/experiment", json=question)
        assert answer.status_code == 422, answer.text
        assert answer.json().get("column") == column
    assert client.post("/api/tables", content=b"a,b\n1,2\n", headers={"content-type": "text/html"}).status_code == 422


def test_a_disk_that_takes_nothing_is_said(server: RealServer, client: httpx.Client, other: str) -> None:
    """Where the folder cannot be written the table is refused; once it can be again, it is taken."""
    folder = server.folder / "tables"
    aside = folder.rename(server.folder / "aside") if folder.exists() else None
    folder.write_bytes(b"in the way")
    answer = client.post("/api/tables", content=b"a,b\n1,2\n3,4\n", headers=CSV)
    assert answer.status_code == 507
    assert "cannot be saved" in answer.json()["detail"]
    assert client.get("/api/tables").json()["tables"] == []
    folder.unlink()
    if aside is not None:
        aside.rename(folder)
    assert client.post("/api/tables", content=b"a,b\n1,2\n3,4\n", headers=CSV).status_code == 201


def test_a_limit_on_the_size_of_files_is_a_full_disk(tmp_path: Path) -> None:
    """The system itself refuses to write further: said in words, nothing half written is left."""
    import resource
    import subprocess
    import sys

    script = (
        "import json, sys; from pathlib import Path; from torchglass.tables.library import LIBRARY\n"
        "from torchglass.tables.errors import TableError\n"
        "LIBRARY.use(Path(sys.argv[1]))\n"
        "try: LIBRARY.add([b'a,b\\n' + b'1,2\\n' * 100_000], 'x.csv')\n"
        "except TableError as error: print(json.dumps([error.code, str(error)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "tables")],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    code, words = json.loads(done.stdout)
    assert (code, "cannot be saved" in words) == ("disk", True)
    assert list((tmp_path / "tables").iterdir()) == []
