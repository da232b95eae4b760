"""A compiled step that can not be had: training goes on in PyTorch with the same numbers, and says why."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torchglass.presets import load_preset
from torchglass.training.steppers import build, compiled
from torchglass.training.trainer import Trainer

PRESET = "xor-mlp"
SCRIPT = Path(__file__).parents[1] / "fakes" / "stepping_process.py"


@pytest.fixture(scope="module")
def built() -> Path:
    assert build.main() == 0
    return compiled.shelf()


@pytest.fixture
def cache(tmp_path: Path, built: Path) -> Path:
    """A cache of its own that holds what is compiled."""
    shutil.copytree(built, tmp_path / "cache" / built.name)
    return tmp_path / "cache"


def train(cache: Path, *arguments: str, site: str = "", preexec: Any = None) -> dict[str, Any]:
    """With that cache, and ``site`` run when Python starts, here and in the builder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    if site:
        place = cache.with_name("site")
        place.mkdir(exist_ok=True)
        (place / "sitecustomize.py").write_text(site)
        environment["PYTHONPATH"] = os.pathsep.join([str(place), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(SCRIPT), PRESET, *arguments]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=100, check=False, preexec_fn=preexec
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def check_eager(found: dict[str, Any], *words: str) -> None:
    """Every step was trained, as PyTorch alone trains it, and the reason is told in words."""
    assert found["resolved"]["stepper"] == "eager"
    assert all(word in found["resolved"]["reason"] for word in words), found["resolved"]["reason"]
    experiment = load_preset(PRESET)
    training = experiment.training.model_copy(update={"stepper": "eager"})
    alone = Trainer(experiment.model_copy(update={"training": training}), device="cpu", threads=1)
    expected: list[float] = []
    while alone.step < found["step"]:
        expected += alone.run(found["step"] - alone.step).metrics["loss"].tolist()
    assert len(expected) == found["step"]
    np.testing.assert_array_equal(found["losses"], expected)


def told_why(found: dict[str, Any]) -> bool:
    """Whether the page hears of it while the run goes on."""
    return any(one["type"] == "chosen" and one["resolved"] == found["resolved"] for one in found["told"])


def test_a_cache_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = train(tmp_path / "file" / "cache")
    check_eager(found, "could not be prepared", "nothing can be kept in", str(tmp_path / "file" / "cache"))
    assert told_why(found)


@pytest.mark.parametrize("name", ["built.json", "*.nbi", "*.1.nbc", "*.2.nbc"])
@pytest.mark.parametrize("fault", ["cut", "flipped"])
def test_a_damaged_cache_is_not_believed(cache: Path, name: str, fault: str) -> None:
    (path,) = cache.rglob(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(content if fault == "flipped" else content[: len(content) // 2])
    ask = "from torchglass.training.steppers import compiled; print(compiled.unavailable() == compiled.NOT_YET)"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    assert subprocess.check_output([sys.executable, "-c", ask], env=environment, text=True) == "True\n"
    assert not list(cache.rglob("built.json"))


def test_a_damaged_cache_that_can_not_be_built_anew(cache: Path) -> None:
    (path,) = cache.rglob("*.nbi")
    path.write_bytes(b"")
    found = train(cache, site=FAILING)
    check_eager(found, "could not be prepared", "no such instruction")
    assert told_why(found)


FAILING = """
from numba.core import compiler, errors

def compile_extra(*arguments, **settings):
    raise errors.LoweringError("no such instruction")

compiler.compile_extra = compile_extra
"""


def test_a_compiler_that_fails(tmp_path: Path) -> None:
    found = train(tmp_path / "cache", site=FAILING)
    check_eager(found, "could not be prepared", "LoweringError", "no such instruction")
    assert told_why(found)


def test_numba_can_not_be_imported(cache: Path) -> None:
    """Although there is something to load."""
    check_eager(train(cache, site="import sys; sys.modules['llvmlite'] = None"), "could not be prepared", "llvmlite")


def test_numba_is_not_installed(cache: Path) -> None:
    gone = """
from importlib import metadata
asked = metadata.version

def version(name):
    if name == "numba":
        raise metadata.PackageNotFoundError(name)
    return asked(name)

metadata.version = version
"""
    check_eager(train(cache, site=gone), "numba is not installed")


def test_numba_is_switched_off(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python would then carry out number by number is not called compiled."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    check_eager(train(cache), "could not be prepared", "NUMBA_DISABLE_JIT")


def _without_the_rights_of_root() -> None:
    """Folders without write permission refuse this process and those that it starts: PR_CAPBSET_DROP of
    CAP_DAC_OVERRIDE."""
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(24, 1, 0, 0, 0) == 0


def test_a_read_only_cache_that_holds_the_step_is_used(cache: Path) -> None:
    for folder in (*cache.rglob("*"), cache):
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    before = sorted(path.stat().st_mtime_ns for path in cache.rglob("*"))
    found = train(cache, preexec=_without_the_rights_of_root)
    assert found["resolved"]["stepper"] == "native", found["resolved"]["reason"]
    assert found["told"] == [], "it was there from the beginning"
    assert sorted(path.stat().st_mtime_ns for path in cache.rglob("*")) == before


def test_a_read_only_cache_without_the_step(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    found = train(tmp_path, preexec=_without_the_rights_of_root)
    tmp_path.chmod(0o755)
    check_eager(found, "nothing can be kept in")
    assert told_why(found)
