"""Bad input, as an attacker and as a clumsy person: refused in words at the node and field, never a 5xx."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.serving import Server

from torchglass.presets import presets

Document = dict[str, Any]
BASE: Document = presets()["mnist-cnn"].experiment.model_dump(mode="json")


def node(document: Document, node_id: str) -> Document:
    found: Document = next(item for item in document["network"]["nodes"] if item["id"] == node_id)
    return found


def config(node_id: str, **values: Any) -> Callable[[Document], None]:
    return lambda document: node(document, node_id)["config"].update(values)


def rate(value: Any) -> Callable[[Document], None]:
    return lambda document: document["training"]["optimizers"]["model"]["config"].update(lr=value)


def at(path: str, value: Any) -> Callable[[Document], None]:
    def put(document: Document) -> None:
        *way, last = path.split(".")
        for step in way:
            document = document[step]
        document[last] = value

    return put


def edge(source: str, target: str) -> Callable[[Document], None]:
    return lambda document: document["network"]["edges"].append({"source": source, "target": target})


def unconnected(document: Document) -> None:
    document["network"]["edges"] = [item for item in document["network"]["edges"] if item["target"] != "conv2"]


def renamed(name: str) -> Callable[[Document], None]:
    return lambda document: node(document, "conv1").update(id=name)


def crowd(document: Document) -> None:
    document["network"]["nodes"] = [{"id": f"n{number}", "kind": "relu", "config": {}} for number in range(16_000)]


def tower(document: Document) -> None:
    """Each node three times as wide as the one before: sizes far beyond 2^63."""
    ids = [f"c{number}" for number in range(1500)]
    document["network"]["nodes"][1:] = [{"id": name, "kind": "concatenate", "config": {}} for name in ids]
    steps = zip(["input", *ids], ids, strict=False)
    document["network"]["edges"] = [{"source": a, "target": b} for a, b in steps for _ in range(3)]


def enormous(document: Document) -> None:
    """One dense layer of 785 million weights."""
    document["data"]["batch_size"] = 1
    node(document, "dense")["config"]["out_features"] = 10**6


def deep(document: Document) -> None:
    value: Document = {}
    for _ in range(800):
        value = {"a": value}
    node(document, "conv1")["config"] = value


def recursive(document: Document) -> None:
    document["network"]["nodes"].append({"id": "again", "kind": "part", "config": {"part": "p"}})
    document["network"]["parts"] = {"p": ["again"]}


#: What is wrong -> (how, the node named, the field named, a word of the message).
WRONG: dict[str, tuple[Callable[[Document], None], str | None, str | None, str]] = {
    "unknown kind": (lambda d: node(d, "conv1").update(kind="conv9d"), "conv1", "kind", "conv2d"),
    "unknown data": (at("data.kind", "minst"), None, "data.kind", "mnist"),
    "unknown optimizer": (at("training.optimizers.model.kind", "lion"), None, "training.optimizers.model.kind", "adam"),
    "cycle": (edge("dense", "conv1"), "conv1", "network.edges", "cycle"),
    "itself": (edge("dense", "dense"), "dense", "network.edges", "cycle"),
    "missing edge": (unconnected, "conv2", "in", "Nothing is connected"),
    "edge from nowhere": (edge("ghost", "conv1"), "conv1", "network.edges", "ghost"),
    "mismatch": (config("dense", out_features=11), "dense", None, "11"),
    "zero": (config("dense", out_features=0), "dense", "out_features", "at least 1"),
    "negative": (config("dense", out_features=-3), "dense", "out_features", "at least 1"),
    "boolean": (config("dense", out_features=True), "dense", "out_features", "whole number"),
    "fraction": (config("dense", out_features=1.5), "dense", "out_features", "whole number"),
    "text": (config("dense", out_features="8"), "dense", "out_features", "whole number"),
    "huge": (config("dense", out_features=10**9), "dense", "out_features", "at most"),
    "beyond 2^63": (config("dense", out_features=2**70), "dense", "out_features", "too large"),
    "kernel too large": (config("conv1", kernel_size=99), "conv1", "kernel_size", "does not fit"),
    "stride": (config("conv1", stride=10**9), "conv1", "stride", "at most"),
    "batch": (at("data.batch_size", 10**9), None, "data.batch_size", "at most"),
    "batch of none": (at("data.batch_size", 0), None, "data.batch_size", "at least 1"),
    "memory of the batch": (at("data.batch_size", 65536), None, "data.batch_size", "GB"),
    "10 GB": (enormous, None, "network.nodes", "GB"),
    "rate 1e9": (rate(1e9), None, "training.optimizers.model.config.lr", "at most"),
    "rate negative": (rate(-1), None, "training.optimizers.model.config.lr", "at least"),
    "rate in words": (rate("fast"), None, "training.optimizers.model.config.lr", "number"),
    "too many nodes": (crowd, None, "network.nodes", "2000"),
    "products": (tower, None, None, "far too many"),
    "too deep": (deep, "conv1", None, "levels deep"),
    "recursion": (recursive, "again", "part", "calls itself"),
    "no network": (at("network", {"nodes": [], "edges": []}), None, "network.nodes", "empty"),
    "half a character": (at("name", "\ud800"), None, "name", "character"),
    "half an id": (renamed("\udfff"), None, "id", "character"),
    "markup as id": (renamed("<b>"), "<b>", "id", "letter"),
    "right to left": (renamed("\u202ecba"), None, "id", "letter"),
    "endless name": (at("name", "x" * 201), None, "name", "200"),
    "device": (at("training.device", "tpu"), None, "training.device", "cuda"),
    "tied to nothing": (lambda d: node(d, "dense").update(tied={"weight": "ghost.weight"}), "dense", None, "ghost"),
}


def problems(answer: Any) -> list[dict[str, Any]]:
    told = answer.json()
    if answer.status_code == 200:
        return [problem for problem in told["problems"] if problem["severity"] == "error"]
    found: list[dict[str, Any]] = told["problems"]
    return found


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_named(server: Server, name: str) -> None:
    spoil, where, field, word = WRONG[name]
    document = copy.deepcopy(BASE)
    spoil(document)
    body = json.dumps({"experiment": document}).encode()
    headers = {"content-type": "application/json"}
    checked = await server.http.post("/api/experiments/check", content=body, headers=headers)
    refused = await server.http.post("/api/runs", content=body, headers=headers)
    assert checked.status_code in (200, 422)
    assert refused.status_code == 422
    for answer in (checked, refused):
        matching = [
            problem
            for problem in problems(answer)
            if word in problem["message"]
            and (where is None or problem["node"] == where)
            and (field is None or problem["field"] == field)
        ]
        assert matching, answer.text[:600]
    assert (await server.http.get("/api/runs")).json() == []


TEXT = json.dumps({"experiment": BASE})
SEED = f'"seed": {BASE["seed"]}'
RAW = {
    "no JSON": (b'{"experiment":', "no JSON"),
    "nothing": (b"", "missing"),
    "something after": (b"{}x", "no JSON"),
    "a name twice": (TEXT.replace('"seed":', '"seed": 1, "seed":').encode(), "twice"),
    "NaN": (TEXT.replace(SEED, '"seed": NaN').encode(), "finite"),
    "rate 1e999": (TEXT.replace('"lr": ', '"lr": 1e999, "x": ').encode(), "finite"),
    "4,300 digits": (TEXT.replace(SEED, '"seed": 1' + "0" * 4299).encode(), "too"),
    "5,000 digits": (TEXT.replace(SEED, '"seed": 1' + "0" * 4999).encode(), "digits"),
    "depth 1e5": (b'{"experiment":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deep"),
    "no text": (b'{"experiment": "\xff"}', "UTF-8"),
    "200,000 values": (b'{"experiment": {"nodes": [' + b"1," * 250_000 + b"1]}}", "values"),
}


@pytest.mark.parametrize("name", RAW)
async def test_a_spoiled_body_is_refused_in_words(server: Server, name: str) -> None:
    body, word = RAW[name]
    for path in ("/api/experiments/check", "/api/runs"):
        answer = await server.http.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), answer.text[:300]
        assert word in answer.json()["detail"]
        assert "Traceback" not in answer.text


COMMANDS: dict[str, tuple[Any, str]] = {
    "no object": ([1], "malformed"),
    "unknown": ({"type": "dance", "id": 7}, "malformed"),
    "step of nothing": ({"type": "step", "id": 7, "n": 0}, "malformed"),
    "speed below zero": ({"type": "speed", "id": 7, "steps_per_second": -1}, "malformed"),
    "unknown path": ({"type": "set", "id": 7, "path": "training.magic", "value": 1, "revision": 0}, ""),
    "into the class": ({"type": "set", "id": 7, "path": "__class__.__init__", "value": 1, "revision": 0}, ""),
    "rate 1e9": (
        {"type": "set", "id": 7, "path": "training.optimizers.model.config.lr", "value": 1e9, "revision": 0},
        "invalid-value",
    ),
    "rate of words": (
        {"type": "set", "id": 7, "path": "training.optimizers.model.config.lr", "value": "x", "revision": 0},
        "invalid-value",
    ),
    "half a character": ({"type": "set", "id": 7, "path": "name", "value": "\ud800", "revision": 0}, ""),
    "batch 1e9": ({"type": "set", "id": 7, "path": "data.batch_size", "value": 10**9, "revision": 0}, "invalid-value"),
    "look at a step that is not kept": ({"type": "look", "id": 7, "step": 10**9}, ""),
    "back to a step that is not kept": ({"type": "rewind", "id": 7, "step": 12_345}, ""),
    "watch of options": (
        {"type": "watch", "id": 7, "watch": 1, "probe": "x", "options": {"a": "x" * 20_000}, "rate": 1},
        "malformed",
    ),
    "pixels of nothing": ({"type": "input", "id": 7, "pixels": {"shape": [0], "data": ""}}, "malformed"),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_bad_command_is_answered_in_words(server: Server, name: str) -> None:
    command, code = COMMANDS[name]
    run = await server.create()
    async with server.live(run["id"]) as client:
        seen = len(client.events)
        await client.socket.send(json.dumps(command))
        answer = await client.event("problem", after=seen)
        assert answer["code"] == code or not code
        assert len(answer["message"]) > 10
        assert (await client.ask("pause"))["type"] == "ack"


async def test_names_of_markup_and_of_other_directions_stay_names(server: Server) -> None:
    for name in ("<img src=x onerror=alert(1)>", "\u202egnp.exe", "a\x00b", "__proto__"):
        run = await server.create(experiment={**BASE, "name": name})
        assert (await server.http.get(f"/api/runs/{run['id']}")).json()["name"] == name
        page = await server.http.get(f"/runs/{run['id']}")
        assert page.status_code == 200
        assert "<img" not in page.text
