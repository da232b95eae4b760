"""The page that ``scaling.py`` writes: one table, and how to read it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from figures import figure
from torchglass.checking.pins import WORTH_A_THREAD, WORTH_AN_ACCELERATOR

#: Bytes of one parameter while it trains: itself, its gradient and two moments of Adam, in float32.
_PER_PARAMETER = 16
#: What the crowd of ``spectators`` watches: bytes of a picture, pictures a second.
_PICTURE, _RATE, _CROWD = 50_000, 20, 300

_HEAD = """# How cost grows

Written by `python benchmarks/scaling.py` (some minutes), which measures it anew on your machine. This table:
{machine}.

A step's cost is processor time of the training thread on one core, so that other programs did not bend it. At 50 ms a
step there are as many steps as pictures (20 a second): beyond it watching is waiting, and the next resource is due.
"Grows with" is the power of the upper half of what was measured: 1 is in proportion, 2 with the square.

| what grows | measured | what it costs | grows with | full at | then |
| --- | --- | --- | --- | --- | --- |
"""

_FOOT = """
## What to get next

1. **A second core** when two runs train at once: on one, they take turns. A single step is divided among cores from
   {thread:,} million multiply-adds on, one core being left for the server (`threads_by_rule` in
   [checking/pins.py](../backend/torchglass/checking/pins.py)); below that, dividing costs more than it saves.
2. **A GPU** when a step takes more than 50 ms on the cores that there are: at the widths in the table. Networks far
   below that are faster on a processor (`device_by_rule`, same file: {gpu:,} million multiply-adds a batch).
3. **A second machine** when there are more runs than cores: each trains at cores ÷ runs of its speed, while server and
   pages stay quick, since workers run at a lower priority. Or when the link is full: see watchers.
4. **More memory** last of all: beside the server, {workers:,} workers such as those of mnist-cnn fit into
   {memory:.0f} GB. Training with Adam takes {each} bytes a parameter, so that one network of {widest} billion
   would fill it.
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """One ladder: seconds of a step by size, the power with which they grow, the sizes of 50 ms and of the end."""

    name: str
    what: str
    unit: str
    taken: Mapping[int, float]
    exponent: float
    slow: float
    end: float


def page(
    machine: Mapping[str, Any],
    grown: Sequence[Growth],
    together: Mapping[int, Mapping[str, float]],
    others: Mapping[str, Mapping[str, float]],
    cores: int,
    memory: float,
) -> str:
    """``memory``: MB of this machine; ``others``: rows of other benchmarks."""
    lines = [_growth(one) for one in grown]
    lines += [_runs(together, cores), _watchers(others["spectators"]), _people(others["spectators"])]
    described = ", ".join(
        [
            f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB",
            f"torch {machine['torch']}, {machine['day']}, at a load of {machine['load']}",
        ]
    )
    private = max(told["private"] for told in together.values())
    server = (
        others["memory"]["server at rest, page loaded once"] + others["memory"]["forkserver, shared by all workers"]
    )
    foot = _FOOT.format(
        thread=WORTH_A_THREAD // 10**6,
        gpu=WORTH_AN_ACCELERATOR // 10**6,
        workers=int((memory - server) / private),
        memory=memory / 1024,
        widest=figure(memory * 2**20 / _PER_PARAMETER / 1e9),
        each=_PER_PARAMETER,
    )
    return _HEAD.format(machine=described) + "".join(f"{line}\n" for line in lines) + foot


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _growth(one: Growth) -> str:
    sizes = sorted(one.taken)
    cost = f"{figure(1000 * one.taken[sizes[0]])} to {figure(1000 * one.taken[sizes[-1]])} ms a step"
    if one.exponent < 0.2:  # each step takes a batch, however many there are
        epoch = one.taken[sizes[-1]] * sizes[-1] / 64
        full = f"never: an epoch is longer in proportion ({figure(epoch)} s here)"
        return _row(f"**{one.name}**", _range(one, sizes), cost, "nothing", full, "a core for each further run on them")
    full = f"50 ms: {_size(one.slow)} {one.unit}; half a second: {_size(one.end)}"
    return _row(f"**{one.name}**", _range(one, sizes), cost, f"power {one.exponent:.1f}", full, "GPU")


def _range(one: Growth, sizes: Sequence[int]) -> str:
    return f"{sizes[0]:,} to {sizes[-1]:,} {one.what}"


def _size(size: float) -> str:
    """Two digits."""
    if math.isinf(size):
        return "never"
    digits = 10 ** max(0, int(math.log10(size)) - 1)
    return f"{round(size / digits) * digits:,}"


def _runs(together: Mapping[int, Mapping[str, float]], cores: int) -> str:
    first, last = min(together), max(together)
    rates = ", ".join(f"{count}: {figure(told['rate'])}" for count, told in together.items())
    effort = ", ".join(figure(1000 * told["effort"]) for told in together.values())
    each = figure(together[last]["private"])
    cost = f"steps a second of all, {rates}; {effort} ms of a processor a step; {each} MB each"
    measured = f"{first} to {last} runs of mnist-cnn at once"
    return _row("**runs**", measured, cost, "power 1", f"{cores} runs: one core each", "a core a run, then a machine")


def _watchers(told: Mapping[str, float]) -> str:
    share = told[f"{_CROWD} watching: processors that the server takes"]
    left = told[f"{_CROWD} watching / nobody, per processor second"]
    late = told[f"{_CROWD} watching: from worker to client, p99"]
    link = _PICTURE * _RATE * 8 / 1e9
    cost = (
        f"{figure(share)} of a core for {_CROWD}; training keeps {100 * min(left, 1):.0f} % of its steps per second of "
        f"its core; late by {late:.0f} ms (p99)"
    )
    full = (
        f"the server's one core: about {_size(_CROWD / share)}; a link of 1 Gbit/s: {int(1 / link)} at full rate "
        f"({1000 * link:.0f} Mbit/s each); slower links get fewer pictures"
    )
    measured = f"0 to {_CROWD} at 50 kB × 20 Hz, 1,000 at 4 kB × 10 Hz"
    return _row("**watchers**", measured, cost, "power 1", full, "link, then a machine")


def _people(told: Mapping[str, float]) -> str:
    answer = told["40 people at 8 runs: an answer of the server"]
    late = told["40 people at 8 runs: its event loop is late (p95)"]
    cost = f"an answer in {figure(answer)} ms (median) while 8 runs train, the event loop late by {figure(late)} ms"
    full = "their runs, not they: 8 workers at once (or one a core, where there are more), others wait in turn"
    return _row(
        "**people**", "40 people asking without pause, at 8 runs", cost, "with their runs", full, "a core a run"
    )
