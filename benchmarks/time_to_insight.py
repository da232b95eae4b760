"""How long after ▶ the promise of each preset can be seen, through a real server and its workers.

``python benchmarks/time_to_insight.py [--write] [PRESET ...]``. A promise is seen as soon as the metric of its proof
reaches the bar while the run trains; a promise of failure once the proof's steps are done; one that a sweep shows when
the whole sweep is drawn. Fails where it takes longer than a minute, or more than twice what the preset states.
``--write`` states what was measured in the presets, rounded up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from figures import Row, row, written
from torchglass import presets as shipped
from torchglass.presets import Preset, Proof, presets

#: Seconds.
LONGEST = 60
OFTEN = 0.05
#: Stated in these: nobody plans with 13 seconds.
ROUND = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60)


def seen(proof: Proof, info: dict[str, Any]) -> bool:
    """Whether what is promised stands on the screen now."""
    done = info["step"] if proof.unit == "steps" else info["epoch"]
    if info["state"] == "failed":
        raise RuntimeError(f"{info['name']} failed: {info.get('problem')}")
    diverged = info["state"] == "paused" and info["step"] > 0
    if done >= proof.length or diverged or info["state"] == "finished":
        return True
    value = info["metrics"].get(proof.metric)
    if proof.kept != "reached" or value is None:
        return False
    return bool(value >= proof.bar if "accuracy" in proof.metric else value <= proof.bar)


async def trained(http: httpx.AsyncClient, preset: Preset) -> float:
    """Seconds from opening the preset and ▶ until the promise is seen in the run."""
    assert preset.proof is not None
    begin = time.perf_counter()
    run = (await http.post("/api/runs", json={"preset": preset.id, "start": True})).json()["id"]
    try:
        while not seen(preset.proof, (await http.get(f"/api/runs/{run}")).json()):
            if time.perf_counter() - begin > 2 * LONGEST:
                return math.inf
            await asyncio.sleep(OFTEN)
        return time.perf_counter() - begin
    finally:
        await http.delete(f"/api/runs/{run}")


async def swept(http: httpx.AsyncClient, preset: Preset, wanted: dict[str, Any]) -> float:
    """Seconds from “Train” until the sweep that the preset proposes is drawn to its end."""
    body = {"experiment": preset.experiment.model_dump(mode="json")}
    body |= {key: wanted[key] for key in ("vary", "seeds", "steps", "baselines") if key in wanted}
    begin = time.perf_counter()
    async with http.stream("POST", "/api/sweeps", json=body, timeout=10 * LONGEST) as answer:
        assert answer.status_code == 200, await answer.aread()
        last = [line async for line in answer.aiter_lines()][-1]
    assert json.loads(last)["type"] == "ended", last
    return time.perf_counter() - begin


async def measured(http: httpx.AsyncClient, preset: Preset) -> float:
    panels = preset.experiment.view.panels
    if panels.get("output", {}).get("shown") == "sweep":
        return await swept(http, preset, panels["sweep"])
    return await trained(http, preset)


def state(preset: str, seconds: int) -> None:
    """Writes it into the preset's file."""
    file = Path(shipped.__file__).parent / f"{preset.replace('-', '_')}.json"
    text = re.sub(r'\n  "insight": \d+,', "", file.read_text(encoding="utf-8"))
    file.write_text(text.replace('\n  "proof":', f'\n  "insight": {seconds},\n  "proof":', 1), encoding="utf-8")


async def main(names: list[str], write: bool, folder: Path) -> int:
    command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", "0", "--data-dir", str(folder)]
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    rows: list[Row] = []
    try:
        assert server.stdout is not None
        line = (await server.stdout.readline()).decode()
        address = httpx.URL(next(word for word in line.split() if word.startswith("http://")))
        headers = {"authorization": f"Bearer {address.params['token']}"}
        origin = f"http://{address.host}:{address.port}"
        async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=60) as http:
            await trained(http, presets()["fit-the-line"])  # the first one waits for more than its worker
            for name in names or presets():
                preset = presets()[name]
                seconds = await measured(http, preset)
                most = LONGEST if write else min(LONGEST, 2 * preset.insight + 1)
                rows.append(row(f"{name} (states {preset.insight} s)", min(seconds, 1e9), "s", bar=f"<= {most}"))
                print(f"{name}: {seconds:.1f} s", flush=True)
                if write:
                    state(name, next((one for one in ROUND if seconds <= one), LONGEST))
    finally:
        server.terminate()
        await server.wait()
    rows.append(row("all together", sum(one.value for one in rows), "s"))
    return written("time_to_insight", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        sys.exit(asyncio.run(main(given.presets, given.write, Path(directory))))
