"""Taking experiments and runs away over the API and on the command line: real processes, real files."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors.numpy import load as load_safetensors
from tests.export_runs import metrics, run, trained
from tests.serving import Server, Serving, reached

from torchglass.presets import load_preset


@pytest.fixture(scope="module")
def iris() -> dict[str, Any]:
    return load_preset("iris-mlp").model_dump(mode="json")


async def ask(server: Server, **body: Any) -> httpx.Response:
    return await server.http.post("/api/experiments/export", json=body)


async def test_the_code_comes_at_once_in_pieces(server: Server, iris: dict[str, Any]) -> None:
    answer = (await ask(server, experiment=iris, format="code")).json()
    compile(answer["text"], "train.py", "exec")
    assert "".join(piece for _, piece in answer["pieces"]) == answer["text"]
    assert ["keyword", "class "] in answer["pieces"]
    assert answer["edits"] == []


async def test_the_archive_runs_with_the_same_losses(server: Server, iris: dict[str, Any], tmp_path: Path) -> None:
    answer = await ask(server, experiment=iris | {"name": "Íris / <b>flowers</b>"}, format="python")
    assert answer.headers["content-type"] == "application/zip"
    assert 'filename="iris-b-flowers-b.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["iris-b-flowers-b/data.npz", "iris-b-flowers-b/train.py"]
        archive.extractall(tmp_path)
    printed = await asyncio.to_thread(run, {"iris": tmp_path / "iris-b-flowers-b"}, 50)
    ours = await asyncio.to_thread(trained, iris, 50)
    np.testing.assert_allclose(metrics(printed["iris"])["loss"], ours["loss"], rtol=0, atol=1e-5)
    assert printed["iris"][-1]["event"] == "finished"
    assert set(printed["iris"][-1]["metrics"]) == {"loss", "accuracy", "test_loss", "test_accuracy"}


async def test_weights_document_and_onnx(server: Server, iris: dict[str, Any]) -> None:
    weights = load_safetensors((await ask(server, experiment=iris, format="safetensors")).content)
    assert {name: tensor.shape for name, tensor in weights.items()}["hidden1.weight"] == (8, 4)
    assert (await ask(server, experiment=iris, format="json")).json() == iris
    onnx = await ask(server, experiment=iris, format="onnx")
    assert onnx.status_code == 200
    assert b"hidden1" in onnx.content


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"format": "python"}, 422, "either an experiment or the id of a run"),
        ({"format": "html", "experiment": {}}, 422, "can not be exported yet; there are: python"),
        ({"format": "pickle", "experiment": {}}, 422, "format"),
        ({"format": "python", "run": "nothing"}, 404, "no run of that name"),
        ({"format": "python", "experiment": {"version": 99}}, 422, "version"),
    ],
)
async def test_what_can_not_be_exported_is_said(server: Server, body: dict[str, Any], status: int, words: str) -> None:
    answer = await ask(server, **body)
    assert answer.status_code == status
    assert words in answer.text


async def test_an_experiment_that_can_not_run_is_refused_at_its_node(server: Server, iris: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(iris))
    broken["network"]["edges"] = broken["network"]["edges"][1:]
    for kind in ("code", "python", "onnx"):
        answer = await ask(server, experiment=broken, format=kind)
        assert answer.status_code == 422
        assert answer.json()["node"]


async def test_the_process_ends_when_the_client_leaves(serving: Serving, iris: dict[str, Any]) -> None:
    async with serving() as server:
        exporter = server.context.exporter
        with pytest.raises(httpx.ReadTimeout):
            await server.http.post(
                "/api/experiments/export", json={"experiment": iris, "format": "python"}, timeout=0.05
            )
        await reached(lambda: all(worker.dead for worker in exporter._workers))


async def test_an_edited_run_leaves_with_its_document_weights_and_edits(
    serving_real: Serving, iris: dict[str, Any], tmp_path: Path
) -> None:
    async with serving_real() as server:
        created = await server.create(experiment=iris)
        async with server.live(created["id"]) as client:
            await client.ask("step", n=5, unit="step")
            await client.until(lambda c: 5 in c.steps)
            changed = await client.ask("set", path="training.optimizers.model.config.lr", value=0.5, revision=0)
            assert changed["type"] == "ack"
            await client.ask("step", n=5, unit="step")
            await client.until(lambda c: 10 in c.steps)
        code = (await ask(server, run=created["id"], format="code")).json()
        assert "lr=0.5" in code["text"]
        assert len(code["edits"]) == 1
        assert "step 5" in code["edits"][0]
    command = [sys.executable, "-m", "torchglass", "export", created["id"], "--data-dir", str(tmp_path)]
    done = await asyncio.to_thread(
        subprocess.run, [*command, "-o", str(tmp_path / "out")], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert "changed once" in done.stdout
    script = " ".join((tmp_path / "out" / "train.py").read_text().split())
    assert "was changed while it trained" in script
    assert "lr=0.5" in script
    with np.load(tmp_path / "out" / "weights.npz") as weights:
        assert "hidden1.weight" in weights.files


def test_the_command_line_refuses_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    for arguments, words in (
        (["nothing", "-o", "x"], "mnist-cnn"),
        (["iris-mlp", "-o", str(tmp_path / "full")], "not an empty folder"),
        (["iris-mlp", "-o", str(tmp_path / "no" / "x.zip")], "there is no folder"),
        (["iris-mlp", "--format", "html", "-o", str(tmp_path / "x")], "can not be exported yet"),
    ):
        command = [sys.executable, "-m", "torchglass", "export", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
