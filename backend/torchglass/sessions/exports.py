"""Exporting in a process of its own: the server and the command line ask, this waits and passes on how it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from torchglass.engine.base import Engine, WorkerGoneError
from torchglass.engine.local import LocalEngine
from torchglass.protocol.export import FROM_EXPORTER, Export, Exported, FromRun, NotExported, Progress
from torchglass.protocol.run import Mark
from torchglass.sessions.errors import RefusedError

#: Where such a process begins.
ENTRY = "torchglass.worker.exporting:main"
#: Seconds that one export may take.
LIMIT = 120.0
#: Marks that changed nothing of what is trained.
_NO_EDIT = {"reset", "rewind", "restored", "diverged", "finished", "stepper"}

#: Hears what is being done, and the share of it that is done.
Listener = Callable[[str, float], None]


def exporter() -> Engine:
    """Starts processes that export; they come from the same forkserver as the workers."""
    return LocalEngine(entry=ENTRY)


async def export(engine: Engine, order: Export, listen: Listener | None = None) -> list[Path]:
    """The files that were written into ``order.folder``. Cancelling ends the process.

    Raises RefusedError ``export`` in words.
    """
    try:
        process = await engine.start()
    except WorkerGoneError as error:
        raise RefusedError("export", str(error)) from error
    try:
        async with asyncio.timeout(LIMIT):
            process.send(order)
            async for header, _ in process.messages():
                match FROM_EXPORTER.validate_python(header):
                    case Exported(files=files):
                        return [Path(order.folder) / file for file in files]
                    case NotExported(message=message, node=node):
                        raise RefusedError("export", message, node=node)
                    case Progress(words=words, share=share) if listen is not None:
                        listen(words, share)
                    case _:
                        continue
    except TimeoutError:
        raise RefusedError("export", f"This export took more than {LIMIT:.0f} seconds and was stopped.") from None
    finally:
        process.kill()
    raise RefusedError("export", "The exporting process ended unexpectedly; perhaps the machine is out of memory.")


def edits_of(marks: Iterable[Mark]) -> list[str]:
    """What was changed while the run trained, in words with the step; what was set before the first step is part
    of the document that it started from, but for a weight set by hand, which no document holds."""
    return [
        f"{mark.label} (step {mark.step:,})"
        for mark in marks
        if mark.kind not in _NO_EDIT and (mark.step > 0 or _by_hand(mark))
    ]


def _by_hand(mark: Mark) -> bool:
    """Whether one number of a weight was set: its path ends at a place in the tensor."""
    return mark.kind == "set" and mark.path is not None and mark.path.endswith("]")


def from_run(run: str, directory: Path, step: int, threads: int | None, marks: Iterable[Mark]) -> FromRun:
    """What an export needs to know of a run."""
    return FromRun(id=run, directory=str(directory), step=step, threads=threads, edits=edits_of(marks))
