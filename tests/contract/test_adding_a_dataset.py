"""Follows docs/adding-a-dataset.md: the set keeps the contract, is in the catalogue, and trains as the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs_pages import entry_told, files_told, paths_named, python_is_clean, run_commands, write_files
from tests.integration.scratch_install import copy_sources
from torchglass.catalog import describe, parse_experiment, validate
from torchglass.datasets.base import DATASETS, DataSet

from . import test_datasets_contract as contract
from .test_catalog_snapshot import test_catalogue_is_as_committed as catalogue_is_as_committed


@pytest.fixture(scope="module")
def page(project_root: Path) -> str:
    return (project_root / "docs" / "adding-a-dataset.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def added(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[DataSet]]:
    with entry_told(DATASETS, page, tmp_path_factory.mktemp("datasets")) as entry:
        yield entry


def test_it_keeps_the_contract(added: type[DataSet], project_root: Path) -> None:
    contract.test_arrays_match_the_fields(added.kind)
    contract.test_generated_data_depend_on_settings_and_seed_only(added.kind)
    contract.test_documentation(added.kind)
    contract.test_the_page_on_data_names_every_set_of_others(project_root)


def test_it_is_in_the_catalogue_and_the_snapshot_notices(added: type[DataSet], page: str) -> None:
    entry = next(item for item in describe()["datasets"] if item["kind"] == added.kind)
    assert entry["counts"] == {"train": 1000, "test": 200}
    assert entry["schema"]["properties"]["spread"]["maximum"] == 1
    assert validate(parse_experiment(json.loads(files_told(page)["rings.json"]))).problems == []
    with pytest.raises(AssertionError, match=f"{added.kind} is new"):
        catalogue_is_as_committed()


def test_the_command_line_trains_on_it_as_told(page: str, tmp_path: Path) -> None:
    copy = copy_sources(tmp_path)
    write_files(files_told(page), copy)
    said = run_commands(page, copy, "2. Train on it")
    accuracy = re.search(r"test\.accuracy\D+([\d.]+)", said)
    assert "finished after 1,000 steps" in said
    assert accuracy, said
    assert float(accuracy[1]) > 0.85


def test_its_code_is_laid_out_as_everywhere(page: str, project_root: Path) -> None:
    python_is_clean(page, project_root)


def test_the_page_names_files_that_exist(page: str, project_root: Path) -> None:
    for path in paths_named(page) | {
        f"backend/torchglass/datasets/{name}" for name in re.findall(r"`(\w+\.py)`", page)
    }:
        assert (project_root / path).is_file(), path
