"""The command line as a person or a program uses it: real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

TORCHGLASS = [sys.executable, "-m", "torchglass"]


def _run(*arguments: str, timeout: float = 100) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TORCHGLASS, *arguments], capture_output=True, text=True, timeout=timeout)


def test_train_with_json_ends_with_metrics() -> None:
    done = _run("train", "mnist-softmax", "--steps", "30", "--json", "--seed", "3")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["event"] == "started"
    assert (lines[-1]["event"], lines[-1]["step"]) == ("finished", 30)
    assert {"train.loss", "test.accuracy"} <= set(lines[-1]["metrics"])
    assert all(line["event"] in ("started", "metrics", "note", "finished") for line in lines)


def test_train_takes_a_file_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    from torchglass.presets import load_preset

    experiment = load_preset("mnist-softmax").model_dump(mode="json")
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(experiment | {"training": experiment["training"] | {"stop": {"steps": 5}}}))
    done = _run("train", str(file))
    assert done.returncode == 0, done.stderr
    assert "finished after 5 steps" in done.stdout
    file.write_text(json.dumps(experiment | {"data": {"kind": "nothing"}}))
    done = _run("train", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "data.kind" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["train", "no-such"], 1, "mnist-cnn"),
        (["train", "mnist-cnn", "--steps", "0"], 2, "whole number"),
        (["train", "mnist-cnn", "--steps", "1", "--epochs", "1"], 2, "not allowed"),
        (["serve", "--port", "99999"], 2, "65535"),
        (["serve", "--host", "0.0.0.0"], 1, "--published-on"),
        (["serve", "--published-on", "nonsense"], 1, "HOST:PORT"),
        (["serve", "--data-dir", "/proc/nowhere"], 1, "--data-dir"),
        ([], 2, "usage"),
    ],
)
def test_mistakes_are_told_in_words(arguments: list[str], code: int, words: str) -> None:
    done = _run(*arguments, timeout=20)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_catalog_and_presets_as_json() -> None:
    assert "layers" in json.loads(_run("catalog", "--json").stdout)
    assert "mnist-cnn" in [preset["id"] for preset in json.loads(_run("presets", "--json").stdout)]


def test_help_does_not_import_the_world() -> None:
    program = (
        "import sys, torchglass.cli; print([m for m in ('torch', 'fastapi', 'pydantic', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_serve_prints_one_line_answers_and_drains(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [*TORCHGLASS, "serve", "--no-browser", "--port", "0", "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stderr is not None
    try:
        url = server.stdout.readline().strip()
        base = url.split("/?token=")[0]
        headers = {"authorization": "Bearer " + url.split("token=")[1]}
        client = httpx.Client(base_url=base, headers=headers, timeout=60)
        assert client.get("/api/health").status_code == 200
        assert httpx.get(url, timeout=60).status_code == 303
        run = client.post("/api/runs", json={"preset": "mnist-softmax", "start": True}).json()
        pid = None
        deadline = time.monotonic() + 60
        while pid is None and time.monotonic() < deadline:
            pid = client.get(f"/api/runs/{run['id']}").json()["worker_pid"]
            time.sleep(0.05)
        assert pid is not None
        client.close()
        server.send_signal(signal.SIGTERM)
        rest, errors = server.communicate(timeout=60)
        assert (rest, errors) == ("", "")
        deadline = time.monotonic() + 20
        while _lives(pid):
            assert time.monotonic() < deadline, "the worker outlives its server"
            time.sleep(0.05)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_said_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = _run("serve", "--no-browser", "--port", port, "--data-dir", str(tmp_path), timeout=20)
    assert (done.returncode, done.stdout) == (1, "")
    assert "already taken" in done.stderr
    assert "--port" in done.stderr


def test_a_reader_that_has_had_enough_is_no_error():
    command = f"{sys.executable} -m torchglass catalog --json | head -n 1"
    done = subprocess.run(command, shell=True, text=True, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")
