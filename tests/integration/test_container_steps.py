"""The container's own commands, run in a scratch root: what Dockerfile and compose promise holds without an engine."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from scratch_install import (
    Visitor,
    build_environment,
    copy_sources,
    environment,
    free_port,
    lend_built_parts,
    lend_heavy_packages,
    serving,
    shell,
)

pytestmark = pytest.mark.timeout(300)


@dataclass
class Stage:
    """One ``FROM`` of a Dockerfile: its instructions in order."""

    image: str
    name: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        """The arguments of every such instruction."""
        return [rest for name, rest in self.steps if name == instruction]

    def last(self, instruction: str) -> str:
        """The arguments of the one that counts."""
        return self.all(instruction)[-1]


def stages(text: str) -> list[Stage]:
    """Parse a Dockerfile: comments off, continued lines joined."""
    found: list[Stage] = []
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in filter(None, re.sub(r"\\\n\s*", "", kept).splitlines()):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append(Stage(image, name))
        else:
            found[-1].steps.append((instruction, rest.strip()))
    return found


@pytest.fixture(scope="module")
def dockerfile(project_root: Path) -> list[Stage]:
    return stages((project_root / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def compose(project_root: Path) -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load((project_root / "docker-compose.yml").read_text())[
        "services"
    ]
    return services


def without_mounts(command: str) -> str:
    """A ``RUN`` line without its ``--mount`` options."""
    return re.sub(r"--mount=\S+\s+", "", command)


def test_two_stages_and_a_user_without_rights(dockerfile: list[Stage]) -> None:
    build, final = dockerfile
    assert build.name == "build"
    assert final.image == build.image == "python:3.11-slim"
    assert final.last("USER") == "torchglass"
    assert "useradd --system --uid 10001" in final.all("RUN")[0]
    names = [name for name, _ in final.steps]
    assert "COPY" not in names, "the sources must not reach the image that runs"
    assert max(i for i, name in enumerate(names) if name == "RUN") < names.index("USER") < names.index("CMD")


def test_only_this_machine_can_reach_it(compose: dict[str, dict[str, object]], dockerfile: list[Stage]) -> None:
    assert {name: service.get("profiles") for name, service in compose.items()} == {
        "torchglass": None,
        "torchglass-gpu": ["gpu"],
    }
    image_command = json.loads(dockerfile[1].last("CMD"))
    for service in compose.values():
        assert service["ports"] == ["127.0.0.1:8000:8000"]
        assert service["volumes"] == ["data:/data"]
        assert "user" not in service
        assert not service.get("privileged")
        command = service["command"]
        assert isinstance(command, list)
        assert command[: len(image_command)] == image_command
        assert command[len(image_command) :] in ([], ["--device", "cuda"])


def test_ignored_files_stay_out_of_the_image(project_root: Path) -> None:
    ignored = (project_root / ".dockerignore").read_text().splitlines()
    assert {".git", ".venv", "**/node_modules", "backend/torchglass/static"} <= set(ignored)


def test_every_step_works_in_a_scratch_root(dockerfile: list[Stage], tmp_path: Path) -> None:
    build, final = dockerfile
    port = free_port()

    def here(text: str) -> str:
        """The same words, with the container's folders and port moved to where we may write and listen."""
        for folder in ("/wheels", "/opt/torchglass", "/data"):
            text = re.sub(rf"(?<![\w.]){folder}\b", str(tmp_path / folder.strip("/")), text)
        return text.replace("8000", str(port))

    source = copy_sources(tmp_path / "src")
    lend_built_parts(source)
    (make_wheels,) = build.all("RUN")
    shell(here(make_wheels), source, build_environment(tmp_path / "home", tmp_path / "traps"))
    install = without_mounts(final.all("RUN")[1])
    shell(here(install), tmp_path, build_environment(tmp_path / "home", tmp_path / "traps"))
    binaries = tmp_path / "opt/torchglass/bin"
    lend_heavy_packages(binaries / "python")

    env = environment(tmp_path / "home", binaries)
    health = shlex.join(json.loads(final.last("HEALTHCHECK").partition("CMD ")[2]))
    with serving(json.loads(here(final.last("CMD"))), tmp_path, env) as address:
        assert address.startswith(f"http://127.0.0.1:{port}/")
        shell(here(health), tmp_path, env)
        status, page = Visitor().get(address)
        assert status == 200, page
        assert "<script" in page
