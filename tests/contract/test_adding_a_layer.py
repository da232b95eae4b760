"""Follows docs/adding-a-layer.md: writes its file where the registry looks and puts the layer through the contract."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import torchglass.layers
from torchglass.catalog import describe, parse_experiment, validate
from torchglass.layers.base import LAYERS, Layer
from torchglass.presets import load_preset

from .layer_checks import CONTEXT, cases, check_documentation, check_settings, check_shapes_and_gradients
from .test_catalog_snapshot import test_catalogue_is_as_committed


@pytest.fixture(scope="module")
def page(project_root: Path) -> str:
    return (project_root / "docs" / "adding-a-layer.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def added(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Layer]]:
    """The layer of the page, found by the registry's own scan in a second folder of the package."""
    name = re.search(r"`backend/torchglass/layers/(\w+)\.py`:", page)
    code = re.search(r"```python\n(.*?)```", page, re.S)
    assert name is not None
    assert code is not None
    folder = tmp_path_factory.mktemp("layers")
    (folder / f"{name[1]}.py").write_text(code[1], encoding="utf-8")
    kept = dict(LAYERS.entries)
    torchglass.layers.__path__.append(str(folder))
    LAYERS._entries = None
    try:
        yield LAYERS[name[1]]
    finally:
        torchglass.layers.__path__.remove(str(folder))
        sys.modules.pop(f"torchglass.layers.{name[1]}", None)
        LAYERS._entries = kept


def test_it_keeps_the_contract(added: type[Layer]) -> None:
    check_settings(added)
    check_documentation(added)

    @settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def shapes(data: st.DataObject) -> None:
        check_shapes_and_gradients(*data.draw(cases(added)))

    shapes()


def test_it_is_in_the_catalogue_and_the_snapshot_notices(added: type[Layer]) -> None:
    entry = next(item for item in describe()["layers"] if item["kind"] == added.kind)
    assert entry["live"] == ["alpha"]
    assert entry["schema"]["properties"]["alpha"]["exclusiveMinimum"] == 0
    with pytest.raises(AssertionError, match=f"{added.kind} is new"):
        test_catalogue_is_as_committed()


def test_it_can_be_used_and_changed_while_training(added: type[Layer]) -> None:
    raw = load_preset("mnist-cnn").model_dump(mode="json")
    raw["network"]["nodes"][2]["kind"] = added.kind
    assert validate(parse_experiment(raw)).problems == []
    layer = LAYERS.make(added.kind, {})
    shape = CONTEXT.field_shape("image")
    module = layer.build({"in": shape}, CONTEXT)
    LAYERS.make(added.kind, {"alpha": 3.0}).apply_live(module)
    assert module(torch.tensor([-100.0])).item() == pytest.approx(-3.0)


def test_the_page_names_commands_and_files_that_exist(page: str, project_root: Path) -> None:
    for path in re.findall(r"tests/[\w/]+\.py", page):
        assert (project_root / path).is_file(), path
    for name in re.findall(r"see `(\w+\.py)`", page):
        assert (project_root / "backend" / "torchglass" / "layers" / name).is_file(), name
