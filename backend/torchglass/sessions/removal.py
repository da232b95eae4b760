"""Which runs nobody will miss, and what became of a wish to delete some."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from torchglass.ids import RunId
from torchglass.presets import presets
from torchglass.sessions.run import Run
from torchglass.sessions.states import IDLE
from torchglass.store.records import Junk

#: A run that has trained so many steps is kept, whatever it is called.
ENOUGH_STEPS = 100
#: Seconds without use after which an open run counts as left: a page that is loaded again is back by then.
_LEFT_FOR = 60.0

KeptCode = Literal["open", "no-such-run", "files"]
OPEN: tuple[KeptCode, str] = (
    "open",
    "It is open in a page: whoever looks at it would lose it. Open another run there, or close that page, first.",
)
UNKNOWN: tuple[KeptCode, str] = ("no-such-run", "There is no such run; somebody may have deleted it before.")
FILES: tuple[KeptCode, str] = (
    "files",
    "It is no longer listed, but the disk would not let go of its checkpoints: delete the folder {folder} by hand.",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that was not deleted, or not wholly, and why; ``code``: ``open``, ``no-such-run`` or ``files``."""

    run: str
    code: KeptCode
    reason: str


@dataclass(slots=True)
class Removal:
    """What is gone, and what is not."""

    gone: list[RunId] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


def junk(open_runs: list[Run]) -> Junk:
    """What tells junk apart: still called what its preset is called, trained for fewer than 100 steps, and open or at
    work nowhere."""
    names = frozenset(preset.experiment.name for preset in presets().values()) | {"Untitled"}
    return Junk(names, ENOUGH_STEPS, frozenset(run.id for run in open_runs if not _left(run)))


def _left(run: Run) -> bool:
    """Nobody looks at it, it does not train, and its page was not closed just now."""
    at_work = run.wish.going and run.state not in IDLE
    return not run.room.clients and not at_work and run.step < ENOUGH_STEPS and run.unused_for > _LEFT_FOR
