"""Attacks on a server that others look at: its memory stays where it was, and nobody else notices."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crowd import masked
from stage import TOKEN, Stage

WATCH = {"watch": 1, "probe": "stamped", "options": {"size": 20_000}, "rate": 20}
MOST_MEMORY = 64 * 1024 * 1024
#: So long each attack goes on.
SECONDS = 0.7


def _post(held: Stage, body: bytes) -> None:
    """What is sound (a strange name, say) is a report; everything else is refused in words, or cut while it comes."""
    for path in ("/api/experiments/check", "/api/runs"):
        connection = http.client.HTTPConnection(held.host, timeout=30)
        try:
            headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            told = json.load(answer)
        except ConnectionError:
            assert len(body) > 1 << 20
            continue
        finally:
            connection.close()
        if answer.status == 200 and told["ok"]:
            return
        assert answer.status < 500, (answer.status, body[:100])
        assert answer.status == 200 or told["detail"]


def _document(change: Callable[[dict[str, Any]], None], base: dict[str, Any]) -> bytes:
    document = json.loads(json.dumps(base))
    change(document)
    return json.dumps({"experiment": document}).encode()


def _layers(count: int, kind: str, config: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        ids = [f"n{number}" for number in range(count)]
        first = document["network"]["nodes"][0]
        document["network"]["nodes"] = [first] + [{"id": name, "kind": kind, "config": config} for name in ids]
        chain = zip([first["id"], *ids], ids, strict=False)
        document["network"]["edges"] = [{"source": source, "target": target} for source, target in chain]

    return change


def _wide(size: int) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for node in document["network"]["nodes"]:
            if node["kind"] == "linear":
                node["config"]["out_features"] = size

    return change


def _many_settings(document: dict[str, Any]) -> None:
    document["network"]["nodes"][-1]["config"] = {f"a{number}": 1 for number in range(60_000)}


def bodies(base: dict[str, Any]) -> dict[str, bytes]:
    """The documents of which an unwary server would die."""
    text = json.dumps({"experiment": base})
    return {
        "Linear(1e9, 1e9)": _document(_wide(10**9), base),
        "Linear(1e6, 1e6)": _document(_wide(10**6), base),
        "products over 2^63": _document(_layers(1990, "concatenate", {"axis": -1}), base),
        "a million layers": _document(_layers(1_000_000, "relu", {}), base),
        "as many layers as a body holds": _document(_layers(9_000, "relu", {}), base),
        "two thousand dense layers": _document(_layers(1990, "linear", {"out_features": 10**6}), base),
        "batch 1e9": _document(lambda document: document["data"].update(batch_size=10**9), base),
        "rate 1e999": text.replace('"lr": ', '"lr": 1e999, "x": ').encode(),
        "4,300 digits": text.replace('"seed": ', '"seed": 1' + "0" * 4299 + ', "x": ').encode(),
        "depth 1e5": b'{"experiment":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "objects, depth 1e5": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "names twice": b'{"experiment":{' + b",".join(b'"a":1' for _ in range(100_000)) + b"}}",
        "many names": b'{"experiment":{' + b",".join(b'"a%d":1' % n for n in range(80_000)) + b"}}",
        "many settings": _document(_many_settings, base),
        "many names of nothing": b"{" + b",".join(b'"a%d":1' % n for n in range(90_000)) + b"}",
        "half characters": b'{"experiment":{"name":"' + b"\\ud800" * 100_000 + b'"}}',
        "right to left": json.dumps({"experiment": {**base, "name": "\u202e" * 200}}).encode(),
        "markup": json.dumps({"experiment": {**base, "name": "<script>" * 20, "description": "</p>" * 999}}).encode(),
        "one long text": b'{"experiment":{"name":"' + b"x" * 1_000_000 + b'"}}',
        "over the limit": b'{"experiment":"' + b"x" * (4 << 20) + b'"}',
    }  # fmt: skip


def _frame(opcode: int, data: bytes, *, fin: bool = True) -> bytes:
    sent = masked(opcode, data)
    return sent if fin else bytes([sent[0] & 0x7F]) + sent[1:]


def _large(data: bytes) -> bytes:
    """One text of more than 64 kB, masked with zeros."""
    return b"\x81\xff" + struct.pack(">Q", len(data)) + bytes(4) + data


#: What opens an attack over the websocket, and what is sent again and again.
FLOODS = {
    "empty pieces": (_frame(1, b"x", fin=False), _frame(0, b"", fin=False) * 2000),
    "endless pieces": (_frame(1, b"x", fin=False), _frame(0, b"x" * 4000, fin=False) * 50),
    "pings": (b"", _frame(9, b"x" * 125) * 500),
    "commands": (b"", _frame(1, b'{"type":"speed","steps_per_second":null}') * 300),
    "no commands": (b"", _frame(1, b"[" * 60_000)),
    "many names": (b"", _large(b"{" + b",".join(b'"a%d":1' % n for n in range(90_000)) + b"}")),
    "watches": (b"", _frame(1, b'{"type":"watch","watch":1,"probe":"x","rate":60}') * 300),
    "unmasked": (b"\x81\x02{}", b""),
    "reserved bits": (bytes([0xF1]) + masked(1, b"{}")[1:], b""),
    "bad UTF-8": (masked(1, b"\xff\xfe"), b""),
    "2^63 bytes": (b"\x82\xff" + struct.pack(">Q", 2**63 - 1) + bytes(4), b"x" * 65536),
}  # fmt: skip


def _flood(held: Stage, run: str, name: str) -> None:
    """Until the server cuts it off, or for a while."""
    host, port = held.host.split(":")
    first, again = FLOODS[name]
    with socket.create_connection((host, int(port)), 5) as sock:
        sock.sendall(
            f"GET /api/runs/{run}/live HTTP/1.1\r\nHost: {held.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Authorization: Bearer {TOKEN}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in sock.recv(4096)
        end = time.monotonic() + SECONDS
        with contextlib.suppress(OSError):
            sock.sendall(first)
            while time.monotonic() < end:
                sock.sendall(again or b"")
                if not again:
                    return


def _forget_peak(pid: int) -> int:
    """Resident bytes now; the peak counts from here."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024


def _attack(held: Stage, attacks: dict[str, Callable[[], None]]) -> dict[str, int]:
    """One after the other, each for a while; by how many bytes the server's memory rose above where it was."""
    rose = {}
    for name, attack in attacks.items():
        before, end = _forget_peak(held.pid), time.monotonic() + SECONDS
        while time.monotonic() < end:
            attack()
        rose[name] = _status(held.pid, "VmHWM") - before
    return rose


@pytest.mark.timeout(300)
def test_attacks_cost_little_and_nobody_else_notices(held: Stage, run: str) -> None:
    """Five people look on all the while, on another run than the one that is flooded. One attacker without a pause
    keeps one processor busy; the rest is left to the lookers-on and the training."""
    attacked = held.start()
    base = held.http("/api/presets/mnist-cnn")["experiment"]
    attacks: dict[str, Callable[[], None]] = {
        name: lambda body=body: _post(held, body) for name, body in bodies(base).items()
    }
    attacks |= {name: lambda name=name: _flood(held, attacked, name) for name in FLOODS}
    held.crowd("gather", run=run, watch=WATCH, fast=5)
    quiet = held.crowd("measure", seconds=3.0)
    with held.crowd_measuring(len(attacks) * SECONDS) as seen:
        rose = _attack(held, attacks)
    assert {name: bytes for name, bytes in rose.items() if bytes > MOST_MEMORY} == {}
    assert seen["lost"] == 0
    assert seen["rate_min"] >= 0.5 * quiet["rate_median"]
    held.http("/api/runs/delete", {"runs": [attacked]})
