"""Pictures of one's own, from the archive to a training, and what cannot be used: a real server, memory measured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_server import RealServer, reaches
from tests.pictures import stored, two_classes, zipped

ZIP = {"content-type": "application/zip"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    server = RealServer(tmp_path_factory.mktemp("data"))
    yield server
    server.stop()


def test_from_the_archive_to_a_training(server: RealServer) -> None:
    with server.client() as client:
        answer = client.post("/api/pictures", params={"name": "hues.zip"}, content=zipped(two_classes(8)), headers=ZIP)
        assert answer.status_code == 201, answer.text
        facts = answer.json()
        assert (facts["name"], facts["images"], [one["name"] for one in facts["classes"]]) == (
            "hues.zip",
            16,
            ["blue", "red"],
        )
        assert client.get(f"/api/pictures/{facts['id']}").json() == facts
        assert [one["classes"] for one in client.get("/api/pictures").json()["sets"]] == [2]
        wanted = {"side": 16, "colour": "colour", "test_share": 0.25}
        experiment = client.post(f"/api/pictures/{facts['id']}/experiment", json=wanted).json()["experiment"]
        report = client.post("/api/experiments/check", json={"experiment": experiment}).json()
        assert (report["ok"], report["examples"]) == (True, {"train": 12, "test": 4})
        run = client.post("/api/runs", json={"experiment": experiment, "start": True}).json()["id"]
        reaches(client, run, lambda told: told["step"] >= 20)
        refused = client.delete(f"/api/pictures/{facts['id']}")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:torchglass:pictures-in-use")
        client.delete(f"/api/runs/{run}")
        assert client.delete(f"/api/pictures/{facts['id']}").status_code == 204


def test_what_cannot_be_used_is_refused_and_leaves_nothing(server: RealServer) -> None:
    whole = two_classes()
    bad = {
        "is truncated": zipped(whole | {"set/red/half.png": stored(9, (90, 90), "L")[:60]}),
        "no zip archive": b"PK\x03\x04" + bytes(60 * 2**20),
        "has 65 MB unpacked": zipped(whole | {"set/red/bomb.png": bytes(65 * 2**20)}),
        "leads out of the archive": zipped(whole | {"../x.png": stored(0)}),
        "at most 50,000": zipped({f"set/{i % 2}/{i}.png": b"" for i in range(50_001)}),
    }
    with server.client() as client:
        before = server.memory
        for words, body in bad.items():
            answer = client.post("/api/pictures", content=body, headers=ZIP)
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:torchglass:pictures")
            assert words in answer.json()["detail"]
            assert server.memory - before < 64
    folder = server.folder / "pictures"
    assert not folder.is_dir() or list(folder.iterdir()) == []
