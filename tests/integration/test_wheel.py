"""``pip install .`` without node: the wheel carries page and data, and the installed command serves them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from scratch_install import (
    Visitor,
    build_environment,
    copy_sources,
    environment,
    free_port,
    lend_heavy_packages,
    serving,
    shell,
)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from the source distribution of a clean tree while the system's node is a trap."""
    place = tmp_path_factory.mktemp("wheel")
    env = build_environment(place / "home", place / "traps")
    source = copy_sources(place / "src")
    shell([sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(place), str(source)], place, env)
    (archive,) = place.glob("torchglass-*.tar.gz")
    with tarfile.open(archive) as packed:
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Debian 12 has Python 3.11.2
        packed.extractall(place / "sdist", **safely)
    (unpacked,) = (place / "sdist").iterdir()
    assert not (unpacked / "backend/torchglass/static").exists(), "the source distribution carries built files"
    shell([sys.executable, "-m", "pip", "wheel", "-q", "--wheel-dir", str(place), "."], unpacked, env)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def scratch(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an environment in which the wheel is installed."""
    place = tmp_path_factory.mktemp("installed")
    shell([sys.executable, "-m", "venv", "--without-pip", str(place)], place)
    python = place / "bin" / "python"
    shell([sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", str(wheel)], place)
    lend_heavy_packages(python)
    return place / "bin"


def test_wheel_carries_page_data_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        sizes = {entry.filename: entry.file_size for entry in packed.infolist()}
        manifest = json.loads(packed.read("torchglass/static/.vite/manifest.json"))
    assert sizes["torchglass/datasets/bundled/mnist_train_images.npy"] == 60_000 * 28 * 28 + 128
    assert sizes["torchglass/datasets/bundled/mnist_test_labels.npy"] == 10_000 + 128
    assert sizes["torchglass/datasets/bundled/emoji_train_images.npy"] == 3_064 * 3 * 32 * 32 + 128
    assert "torchglass/datasets/bundled/emoji_test_names.txt" in sizes
    files = [chunk["file"] for chunk in manifest.values()]
    assert any(name.endswith(".js") for name in files)
    assert all(sizes[f"torchglass/static/{name}"] > 0 for name in files)
    assert any(name.endswith("licenses/LICENSE") for name in sizes)
    assert not [name for name in sizes if "node_modules" in name or name.startswith(("tests", "tools", "frontend"))]


def test_installed_command_lists_the_catalogue(scratch: Path, tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    where = shell([str(scratch / "python"), "-c", "import torchglass; print(torchglass.__file__)"], tmp_path, env)
    assert Path(where.strip()).is_relative_to(scratch.parent)
    assert "conv2d" in json.dumps(json.loads(shell([str(scratch / "torchglass"), "catalog", "--json"], tmp_path, env)))
    assert "mnist-cnn" in shell([str(scratch / "torchglass"), "presets", "--json"], tmp_path, env)


def test_installed_command_serves_the_page(scratch: Path, tmp_path: Path) -> None:
    port = str(free_port())
    command = [
        str(scratch / "torchglass"),
        "serve",
        "--no-browser",
        "--port",
        port,
        "--data-dir",
        str(tmp_path / "data"),
    ]
    with serving(command, tmp_path, environment(tmp_path / "home")) as address:
        visitor = Visitor()
        status, page = visitor.get(address)
        assert status == 200, page
        parts = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page)
        assert any(part.endswith(".js") for part in parts), page
        for part in parts:
            status, text = visitor.get(urljoin(address, part))
            assert (status, bool(text)) == (200, True), part
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        status, presets = visitor.get(f"{origin}/api/presets")
        assert status == 200
        assert "mnist-cnn" in presets
        assert visitor.get(f"{origin}/api/health")[0] == 200


def test_installed_data_are_the_real_pictures(scratch: Path, tmp_path: Path) -> None:
    question = (
        "import numpy, torchglass.datasets.bundled as b, pathlib;"
        "a = numpy.load(pathlib.Path(b.__file__).parent / 'mnist_train_images.npy', mmap_mode='r');"
        "print(a.shape, round(a.mean() / 255, 4), round(a.std() / 255, 4))"
    )
    done = subprocess.run(
        [scratch / "python", "-c", question], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(60000, 1, 28, 28) 0.1307 0.3081"
