"""A real small disk: a tmpfs in a mount namespace of its own, which ends with the block and leaves nothing behind.

Root may mount; anybody else needs user namespaces. Where neither is there the test fails and says so: a full disk
that is only pretended would show nothing.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class SmallDisk:
    """``inside`` is the command prefix that runs a program where the disk is mounted at ``place``."""

    def __init__(self, holder: subprocess.Popen[str], place: Path) -> None:
        self._holder = holder
        self.place = place
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.inside = ["nsenter", "--target", str(holder.pid), "--mount", *user]

    @property
    def seen(self) -> Path:
        """The disk as this process sees it."""
        return Path(f"/proc/{self._holder.pid}/root{self.place}")

    def fill(self) -> None:
        """Leave not a byte."""
        with (self.seen / "ballast").open("ab", buffering=0) as ballast:
            for size in (65536, 4096, 512, 1):
                try:
                    while ballast.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        (self.seen / "ballast").unlink()

    async def remount(self, options: str) -> None:
        command = [*self.inside, "mount", "-o", f"remount,{options}", str(self.place)]
        await asyncio.to_thread(subprocess.run, command, check=True)

    async def protect(self, program: int) -> None:
        """Turn read-only under a running program and its children, as a disk does that reports errors: nothing new can
        be written, nor what is open already, which ``remount`` refuses to touch."""
        over = f"mount --bind '{self.place}' '{self.place}' && mount -o remount,bind,ro '{self.place}'"
        await asyncio.to_thread(subprocess.run, [*self.inside, "sh", "-c", over], check=True)
        _limit_files(program, 0)

    async def unprotect(self, program: int) -> None:
        _limit_files(program, resource.RLIM_INFINITY)
        await asyncio.to_thread(subprocess.run, [*self.inside, "umount", str(self.place)], check=True)


def _limit_files(program: int, size: int) -> None:
    """Let a program and its children write files up to that size only."""
    resource.prlimit(program, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    for thread in Path(f"/proc/{program}/task").iterdir():
        for child in (thread / "children").read_text().split():
            _limit_files(int(child), size)


@asynccontextmanager
async def small_disk(place: Path, size: str) -> AsyncIterator[SmallDisk]:
    """A disk of that size, mounted at ``place`` for the programs that run ``inside``."""
    await asyncio.to_thread(place.mkdir)
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = f"mount -t tmpfs -o size={size} torchglass-test '{place}' && echo mounted && exec cat"
    holder = subprocess.Popen(  # noqa: ASYNC220
        ["unshare", *user, "--mount", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        said = await asyncio.to_thread(holder.stdout.readline)
        assert said.strip() == "mounted", "no small disk: this test needs root or user namespaces (unshare --user)"
        yield SmallDisk(holder, place)
    finally:
        holder.stdin.close()
        await asyncio.to_thread(holder.wait)
        holder.stdout.close()
