"""Fetching from OpenML: scikit-learn against a stand-in of its endpoint on this computer; no test asks the real one."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import hashlib
import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from tests.serving import running_server

from torchglass.datasets.base import DATASETS
from torchglass.pictures import fetched, fetching
from torchglass.pictures.fetched import FASHION_MNIST
from torchglass.sessions.runs import Policy
from torchglass.tables.library import LIBRARY

#: The same, but with 3 + 2 pictures of 2×2 pixels and two classes.
SMALL = dataclasses.replace(FASHION_MNIST, shape=(1, 2, 2), classes=("shirt", "shoe"), train=3, test=2)
ROWS = [(i, 10 + i, 20 + i, 255 - i, i % 2) for i in range(10)]
NAMES = ["a", "b", "c", "d", "class"]
ARFF = "@RELATION x\n" + "".join(f"@ATTRIBUTE {name} NUMERIC\n" for name in NAMES[:4])
ARFF += "@ATTRIBUTE class {0,1}\n@DATA\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS)


def answers(number: int, arff: str = ARFF) -> dict[str, bytes]:
    """What OpenML answers, by path."""
    about = {
        "id": str(number),
        "name": "x",
        "version": "1",
        "format": "ARFF",
        "status": "active",
        "url": f"https://www.openml.org/data/v1/download/{number}/x.arff",
        "file_id": "1",
        "default_target_attribute": "class",
        "md5_checksum": hashlib.md5(ARFF.encode()).hexdigest(),
        "description": "",
    }
    columns = [
        {
            "index": str(i),
            "name": name,
            "data_type": "nominal" if name == "class" else "numeric",
            "nominal_value": ["0", "1"],
            "is_target": str(name == "class").lower(),
            "is_ignore": "false",
            "is_row_identifier": "false",
            "number_of_missing_values": "0",
        }
        for i, name in enumerate(NAMES)
    ]
    qualities = [{"name": "NumberOfInstances", "value": "10.0"}]
    return {
        f"/api/v1/json/data/{number}": json.dumps({"data_set_description": about}).encode(),
        f"/api/v1/json/data/features/{number}": json.dumps({"data_features": {"feature": columns}}).encode(),
        f"/api/v1/json/data/qualities/{number}": json.dumps({"data_qualities": {"quality": qualities}}).encode(),
        f"/data/v1/download/{number}/x.arff": gzip.compress(arff.encode()),
    }


class StandIn(ThreadingHTTPServer):
    """Answers as OpenML does; ``stalls``: sends one byte of an answer and then waits until it is closed."""

    daemon_threads = True

    def __init__(self, given: dict[str, bytes], *, stalls: bool = False) -> None:
        self.given, self.stalls = given, stalls
        self.asked, self.over = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def end(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class Answering(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        body = self.server.given.get(self.path)
        self.send_response(404 if body is None else 200)
        if self.path.startswith("/data/"):
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.server.stalls:
            self.wfile.write((body or b" ")[:1])
            self.wfile.flush()
            self.server.asked.set()
            self.server.over.wait(60)
        elif body is not None:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(autouse=True)
def as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fetching sets up its whole process; here that is the one of the tests."""
    monkeypatch.setattr(LIBRARY, "folder", tmp_path / "tables")
    yield
    urllib.request.install_opener(None)  # type: ignore[arg-type]
    socket.setdefaulttimeout(None)


def fetched_lines(given: dict[str, bytes], folder: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    server = StandIn(given)
    try:
        fetching.fetch(SMALL, folder, server.address)
    finally:
        server.end()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_set_is_fetched_once_and_then_mapped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DATASETS["fashion_mnist"], "of", SMALL)
    data = DATASETS.make("fashion_mnist", {})
    assert "press “Fetch” in the data pane" in data.problems()[0].message
    with pytest.raises(ValueError, match="not on this computer yet"):
        data.load(0)
    given = answers(SMALL.number)
    lines = fetched_lines(given, tmp_path / "fetched" / "fashion_mnist", capsys)
    assert [lines[0]["stage"], lines[-1]["stage"]] == ["asking", "reading"]
    size = len(given[f"/data/v1/download/{SMALL.number}/x.arff"])
    assert {"stage": "downloading", "bytes": size, "of": size, "problem": None} in lines
    assert (data.problems(), data.counts()) == ([], (6, 4))
    arrays = data.load(0)
    assert arrays.test["label"].tolist() == [0, 1, 0, 1]  # the last two of either class
    assert arrays.train["image"].shape == (6, 1, 2, 2)
    assert arrays.train["image"][3, 0].tolist() == [[3, 13], [23, 252]]
    assert isinstance(arrays.train["image"], np.memmap)
    assert sorted(place.name for place in (tmp_path / "fetched").iterdir()) == ["fashion_mnist"]
    assert not list(tmp_path.rglob("*.gz"))


def test_what_is_not_the_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "fetched" / "x"
    with pytest.raises(ValueError, match="md5"):
        fetched_lines(answers(SMALL.number, ARFF + "1,1,1,1,0\n"), folder, capsys)
    other = dataclasses.replace(SMALL, train=4)
    server = StandIn(answers(SMALL.number))
    try:
        with pytest.raises(ValueError, match="this is not Fashion-MNIST"):
            fetching.fetch(other, folder, server.address)
    finally:
        server.end()
    assert not folder.exists()


async def test_offline_is_said_in_words_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(fetched, "ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        async with running_server(tmp_path, Policy()) as server:
            client = server.http
            answer = await client.post("/api/datasets/cifar10/fetch")
            lines = [json.loads(line) for line in answer.text.splitlines()]
            assert (await client.post("/api/datasets/mnist/fetch")).status_code == 404
    assert [lines[0]["stage"], lines[-1]["stage"]] == ["asking", "failed"]
    assert "openml.org cannot be reached" in lines[-1]["problem"]
    assert "needs a connection to the internet" in lines[-1]["problem"]
    assert list((tmp_path / "fetched").iterdir()) == []


async def test_leaving_ends_the_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = StandIn(answers(40996), stalls=True)
    monkeypatch.setattr(fetched, "ENDPOINT", stand_in.address)
    try:
        async with running_server(tmp_path, Policy()) as server:
            client = server.http
            async with client.stream("POST", "/api/datasets/fashion_mnist/fetch") as answer:
                assert answer.status_code == 200
                assert await asyncio.to_thread(stand_in.asked.wait, 60)
            # The next one waits until the first has cleared away what it had.
            monkeypatch.setattr(fetched, "ENDPOINT", "http://127.0.0.1:1")
            again = await client.post("/api/datasets/fashion_mnist/fetch")
            assert json.loads(again.text.splitlines()[-1])["stage"] == "failed"
        assert list((tmp_path / "fetched").iterdir()) == []
    finally:
        stand_in.end()
