"""Stamps, the environment's upkeep and the launchers for node: what `make` stands on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)

import build_frontend  # noqa: E402
import ensure_chromium  # noqa: E402
import house  # noqa: E402
import nodejs  # noqa: E402
import setup_env  # noqa: E402

sys.path.remove(TOOLS)


def test_a_digest_depends_on_content_and_not_on_time(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    first = house.digest([file, "setting"])
    file.touch()
    assert house.digest([file, "setting"]) == first
    file.write_text("two")
    assert house.digest([file, "setting"]) != first
    assert house.digest([tmp_path / "absent"]) != house.digest([])


def test_a_stamp_holds_only_for_its_inputs(tmp_path: Path) -> None:
    stamp = tmp_path / "deep" / "stamp"
    assert not house.stamp_holds(stamp, "x")
    house.write_stamp(stamp, "x")
    assert house.stamp_holds(stamp, "x")
    assert not house.stamp_holds(stamp, "y")
    stamp.write_text("[1]")
    assert not house.stamp_holds(stamp, "x")


def test_generated_folders_are_no_inputs(tmp_path: Path) -> None:
    for name in ("src/a.ts", "node_modules/b.js", ".hidden/c", "src/node_modules/d.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert house.files_below(tmp_path) == [tmp_path / "src/a.ts"]


def test_a_failed_command_is_named() -> None:
    with pytest.raises(house.ToolError, match="ended with status 3"):
        house.run([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(house.ToolError, match="Could not start no-such-program"):
        house.run(["no-such-program"])


def test_missing_venv_module_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setup_env, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup_env, "VENV_PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(setup_env, "create_venv", lambda: False)
    monkeypatch.setattr(setup_env, "may_install_debian_packages", lambda: False)
    with pytest.raises(house.ToolError, match="apt-get install python3-venv"):
        setup_env.ensure_venv()


def test_missing_venv_module_is_installed_by_root_on_debian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[list[str]] = []
    answers = iter([False, True])
    monkeypatch.setattr(setup_env, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup_env, "VENV_PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(setup_env, "create_venv", lambda: next(answers))
    monkeypatch.setattr(setup_env, "may_install_debian_packages", lambda: True)
    monkeypatch.setattr(setup_env, "run", commands.append)
    setup_env.ensure_venv()
    assert [command[:2] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]


def test_a_moved_environment_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    original, moved = tmp_path / "one", tmp_path / "two"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(original)], check=True)
    pip = next((original / "lib").glob("python*/site-packages")) / "pip"
    pip.mkdir()

    def works(folder: Path) -> bool:
        monkeypatch.setattr(setup_env, "VENV", folder)
        monkeypatch.setattr(setup_env, "VENV_PYTHON", folder / "bin" / "python")
        return setup_env.venv_works()

    assert works(original)
    shutil.move(original, moved)
    assert not works(moved)
    assert not works(tmp_path / "absent")


def test_old_pythons_are_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(house, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(SystemExit):
        house.require_python()
    assert "needs Python" in capsys.readouterr().err


def test_npm_and_node_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere:/usr/bin:/bin")
    with nodejs.environment() as env:
        script = "command -v node; command -v npm; command -v npx; node --version; npm --version"
        done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, check=True)
    lines = done.stdout.split()
    assert all("torchglass-node-" in line for line in lines[:3])
    assert lines[3].startswith("v24.")


def test_a_failing_npm_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(house.ToolError, match="npm run nothing"):
        nodejs.npm(["run", "nothing"], tmp_path)


def test_missing_front_end_sources_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build_frontend, "FRONTEND", tmp_path)
    with pytest.raises(house.ToolError, match="sources are missing"):
        build_frontend.build()


def test_a_wrong_browser_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ensure_chromium.VARIABLE, "/no/such/browser")
    with pytest.raises(house.ToolError, match="does not start"):
        ensure_chromium.ensure()


def test_no_browser_and_no_way_to_get_one_fails_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise house.ToolError("no network")

    monkeypatch.delenv(ensure_chromium.VARIABLE, raising=False)
    monkeypatch.setattr(ensure_chromium, "candidates", lambda: iter(()))
    monkeypatch.setattr(ensure_chromium, "install_debian_package", refuse)
    monkeypatch.setattr(ensure_chromium, "install_playwright_build", refuse)
    with pytest.raises(house.ToolError, match="none could be found or installed"):
        ensure_chromium.ensure()
