"""Follows docs/adding-a-layer.md: writes its file where the registry looks and puts the layer through the contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.docs_pages import entry_told, python_is_clean
from tests.export_runs import check_scripts
from torchglass.catalog import describe, parse_experiment, validate
from torchglass.layers.base import LAYERS, Layer
from torchglass.presets import load_preset

from .export_cases import one_layer
from .layer_checks import CONTEXT, cases, check_documentation, check_settings, check_shapes_and_gradients
from .test_catalog_snapshot import test_catalogue_is_as_committed


@pytest.fixture(scope="module")
def page(project_root: Path) -> str:
    return (project_root / "docs" / "adding-a-layer.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def added(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Layer]]:
    with entry_told(LAYERS, page, tmp_path_factory.mktemp("layers")) as entry:
        yield entry


def test_it_keeps_the_contract(added: type[Layer]) -> None:
    check_settings(added)
    check_documentation(added)

    @settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def shapes(data: st.DataObject) -> None:
        check_shapes_and_gradients(*data.draw(cases(added)))

    shapes()


def test_its_script_gives_the_same_losses(added: type[Layer], tmp_path: Path) -> None:
    check_scripts({"layer": one_layer(added.kind)}, 10, tmp_path)


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


def test_its_code_is_laid_out_as_everywhere(page: str, project_root: Path) -> None:
    python_is_clean(page, project_root)


def test_the_page_names_commands_and_files_that_exist(page: str, project_root: Path) -> None:
    for path in re.findall(r"tests/[\w/]+\.py", page):
        assert (project_root / path).is_file(), path
    for name in re.findall(r"see `(\w+\.py)`", page):
        assert (project_root / "backend" / "torchglass" / "layers" / name).is_file(), name
