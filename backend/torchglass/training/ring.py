"""Earlier steps of a run, kept so that one can look at them, go back to them, or fork a run off them.

Bounded in bytes and in number. Where there are too many, one whose neighbours are near goes, measured by its distance
from the first step and from the newest: dense where the run began and where it stands, thinner in between. The first
step, the newest one, and those just before an edit stay longest. What going back has set aside is another branch, of
which the end is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from torchglass.training.checkpoints import Checkpoint, decode, encode

#: Bytes of tensors, and number of steps, that are kept at most.
LIMIT = 64 * 1024 * 1024
MOST = 80
#: So many points just before edits are safe from thinning, the newest ones.
PINS = 24
#: The branch that the run is on.
NOW = 0
_NAME = re.compile(r"kept-(\d+)-(\d+)-([0-9a-f]{16})(-pinned)?\.safetensors")


@dataclass(slots=True, eq=False)
class Kept:
    """One kept step; in memory, in a file, or both."""

    branch: int
    step: int
    size: int
    pinned: bool
    checkpoint: Checkpoint | None = None
    path: Path | None = None
    gone: bool = False


class Ring:
    """The kept steps of one run. ``folder``: where they outlive the process (None: nowhere). For one thread, but for
    what ``writing`` returns, which may run in another one."""

    def __init__(self, folder: Path | None = None, limit: int = LIMIT, most: int = MOST) -> None:
        self._folder, self._limit, self._most = folder, limit, most
        self._kept: list[Kept] = []
        self._stale: list[Path] = []
        #: Counts changes, so that others hear of them.
        self.version = 0
        #: (branch, step) that somebody looks at: not thinned.
        self.in_use: Collection[tuple[int, int]] = ()
        #: The step of the best weights, to which early stopping comes back: not thinned.
        self.best: int | None = None

    # -- what there is ----------------------------------------------------------------------------------------

    def steps(self, branch: int = NOW) -> list[int]:
        """Ascending."""
        return sorted(kept.step for kept in self._kept if kept.branch == branch)

    @property
    def branches(self) -> dict[int, int]:
        """The newest step of every branch that was set aside."""
        found: dict[int, int] = {}
        for kept in self._kept:
            if kept.branch != NOW:
                found[kept.branch] = max(kept.step, found.get(kept.branch, 0))
        return found

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(kept.size for kept in self._kept)

    def fits(self, size: int) -> bool:
        """Whether checkpoints of so many bytes can be kept at all: the first, the newest and one more."""
        return 3 * size <= self._limit

    def get(self, step: int, branch: int = NOW) -> Checkpoint | None:
        """The state at a step; None where it is not kept (any more)."""
        found = next((kept for kept in self._kept if (kept.branch, kept.step) == (branch, step)), None)
        if found is None:
            return None
        if found.checkpoint is not None:
            return found.checkpoint
        assert found.path is not None
        checkpoint = _read(found.path)
        if checkpoint is None:
            self._drop(found)
        return checkpoint

    # -- what changes -----------------------------------------------------------------------------------------

    def keep(self, checkpoint: Checkpoint, *, pinned: bool = False) -> None:
        """Keep a state of the branch of now, which is never written into. The first one of a step counts;
        ``pinned``: an edit follows."""
        step, size = checkpoint.step, checkpoint.size
        if not self.fits(size):
            return
        known = next((kept for kept in self._kept if (kept.branch, kept.step) == (NOW, step)), None)
        if known is not None:
            self._pin(known, pinned)
            return
        self._add(Kept(NOW, step, size, pinned, _on_cpu(checkpoint)))

    def _add(self, kept: Kept) -> None:
        self._kept.append(kept)
        self.version += 1
        while len(self._kept) > self._most or self.size > self._limit:
            victim = self._victim()
            if victim is None:
                break
            self._drop(victim)

    def set_aside(self, beyond: int, branch: int, end: Checkpoint | None) -> None:
        """What lies beyond a step belongs to that branch from now on. ``end``: the state that is left, by which one
        can come back to it."""
        self._move(NOW, branch, beyond)
        if end is not None and self.fits(end.size):
            for kept in [kept for kept in self._kept if (kept.branch, kept.step) == (branch, end.step)]:
                self._drop(kept)
            self._add(Kept(branch, end.step, end.size, True, _on_cpu(end)))

    def bring_back(self, branch: int) -> None:
        """A branch that was set aside goes on the branch of now, which was set aside before."""
        here = set(self.steps())
        for kept in [kept for kept in self._kept if kept.branch == branch and kept.step in here]:
            self._drop(kept)
        self._move(branch, NOW, -1)

    def cut(self, beyond: int) -> None:
        """What lies beyond a step of the branch of now is void (-1: all of it)."""
        for kept in [kept for kept in self._kept if kept.branch == NOW and kept.step > beyond]:
            self._drop(kept)

    def clear(self) -> None:
        """Begin anew."""
        for kept in list(self._kept):
            self._drop(kept)

    def _move(self, source: int, target: int, beyond: int) -> None:
        for kept in self._kept:
            if kept.branch == source and kept.step > beyond:
                kept.branch = target
                self._rename(kept)
        self.version += 1

    def _rename(self, kept: Kept) -> None:
        """A file is called after the branch that it belongs to; one that cannot follow is written again."""
        if kept.path is None:
            return
        wanted = kept.path.with_name(_name(kept, _digest(kept.path)))
        try:
            kept.path = kept.path.replace(wanted)
        except OSError:
            kept.checkpoint = kept.checkpoint or _read(kept.path)
            self._stale.append(kept.path)
            kept.path = None

    def _pin(self, kept: Kept, pinned: bool) -> None:
        if pinned and not kept.pinned:
            kept.pinned = True
            self._rename(kept)

    def _drop(self, kept: Kept) -> None:
        self._kept.remove(kept)
        kept.gone = True
        self.version += 1
        if kept.path is not None:
            self._stale.append(kept.path)

    # -- which one goes ---------------------------------------------------------------------------------------

    def _victim(self) -> Kept | None:
        ends = self.branches
        aside = [kept for kept in self._kept if kept.branch != NOW]
        loose = [kept for kept in aside if kept.step != ends[kept.branch] and self._free(kept)]
        if loose:
            return min(loose, key=lambda kept: (kept.branch, kept.step))
        line = sorted((kept for kept in self._kept if kept.branch == NOW), key=lambda kept: kept.step)
        pins = [kept for kept in line if kept.pinned][-PINS:]
        inner = range(1, len(line) - 1)
        thinned = [n for n in inner if line[n] not in pins and self._free(line[n])]
        if thinned:
            return line[min(thinned, key=lambda n: _loss(line, n))]
        oldest = sorted(aside, key=lambda kept: kept.branch)
        return next((kept for kept in [*oldest, *pins, *line[1:-1]] if self._free(kept)), None)

    def _free(self, kept: Kept) -> bool:
        return (kept.branch, kept.step) not in self.in_use and (kept.branch, kept.step) != (NOW, self.best)

    # -- files ------------------------------------------------------------------------------------------------

    def writing(self) -> Callable[[], None]:
        """What brings the folder up to date; leaves the last few behind where the disk is full. Not synced to the
        disk: these steps can be done without, and a damaged file is told by its hash."""
        folder, stale = self._folder, self._stale
        self._stale = []
        fresh = [kept for kept in self._kept if kept.path is None] if folder is not None else []

        def write() -> None:
            for path in stale:
                path.unlink(missing_ok=True)
            for kept in fresh:
                assert folder is not None
                if not kept.gone and not _write(folder, kept):
                    break

        return write

    def recall(self, newest: int) -> None:
        """Begin with what an earlier process left behind, up to the step at which the run stands."""
        if self._folder is None or not self._folder.is_dir():
            return
        for path in sorted(self._folder.iterdir()):
            parts = _NAME.fullmatch(path.name)
            if parts is None:
                path.unlink(missing_ok=True)
                continue
            kept = Kept(int(parts[1]), int(parts[2]), path.stat().st_size, bool(parts[4]), path=path)
            self._kept.append(kept)
        self._kept.sort(key=lambda kept: (kept.branch, kept.step))
        self.cut(newest)
        self.version += 1


def written(folder: Path) -> Iterator[Checkpoint]:
    """What lies in the folder of a run's kept steps, of the branch of now, ascending; only reads, so that the run may
    go on keeping steps. What is damaged or has just gone is left out."""
    found = [(int(parts[2]), path) for path in _listed(folder) if (parts := _NAME.fullmatch(path.name))]
    for _, path in sorted((step, path) for step, path in found if path.name.startswith(f"kept-{NOW}-")):
        checkpoint = _read(path)
        if checkpoint is not None:
            yield checkpoint


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _on_cpu(checkpoint: Checkpoint) -> Checkpoint:
    """The memory of a device belongs to the training."""
    return Checkpoint({name: tensor.cpu() for name, tensor in checkpoint.tensors.items()}, checkpoint.facts)


def _loss(line: list[Kept], n: int) -> float:
    """How much is lost without the n-th: the gap that it leaves, seen from the nearer end."""
    gap = line[n + 1].step - line[n - 1].step
    near = min(line[n].step - line[0].step, line[-1].step - line[n].step)
    return gap / (near + 1)


def _name(kept: Kept, digest: str) -> str:
    return f"kept-{kept.branch}-{kept.step}-{digest}{'-pinned' if kept.pinned else ''}.safetensors"


def _digest(path: Path) -> str:
    parts = _NAME.fullmatch(path.name)
    assert parts is not None
    return parts[3]


def _write(folder: Path, kept: Kept) -> bool:
    checkpoint = kept.checkpoint
    assert checkpoint is not None
    content = encode(checkpoint)
    path = folder / _name(kept, hashlib.sha256(content).hexdigest()[:16])
    beside = path.with_suffix(".tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError:
        return False
    kept.path = path
    if kept.gone:  # meanwhile
        path.unlink(missing_ok=True)
    return True


def _read(path: Path) -> Checkpoint | None:
    """What the file holds; None where it is gone or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return decode(content) if hashlib.sha256(content).hexdigest()[:16] == _digest(path) else None
