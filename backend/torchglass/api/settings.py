"""What a server is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from torchglass.sessions.runs import Policy

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Settings:
    """``hosts`` are the names (with port) under which the server may be addressed; Host and Origin are compared
    with them exactly. ``dev_assets`` is the origin of a Vite server that serves the page's scripts."""

    token: str
    data_dir: Path
    hosts: tuple[str, ...]
    device: str | None = None
    dev_assets: str | None = None
    policy: Policy = field(default_factory=Policy)
    max_body: int = 1024 * 1024
    #: Seconds a body may take to arrive.
    body_within: float = 30.0
    #: Seconds in which what was sent to a client must arrive; looked at every second, it is gone after 15 at most.
    read_within: float = 12.0

    @property
    def origins(self) -> frozenset[str]:
        return frozenset(f"http://{host}" for host in self.hosts)

    @property
    def cookie(self) -> str:
        """Cookies are shared by every port of a host, so the name carries the port."""
        return f"torchglass_{self.hosts[0].rpartition(':')[2]}"


def local_hosts(port: int) -> tuple[str, ...]:
    """The names of this machine's loopback at a port; port 80 may be left out, as browsers do."""
    names = [f"{name}:{port}" for name in LOOPBACK]
    return (*names, *LOOPBACK) if port == 80 else tuple(names)
