"""Follows docs/adding-a-recipe.md: the recipe keeps the contract, agrees with autograd, and trains as the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.docs_pages import entry_told, files_told, paths_named, python_is_clean, run_commands, write_files
from tests.export_runs import check_scripts
from tests.integration.scratch_install import copy_sources
from torchglass.catalog import describe
from torchglass.recipes.base import RECIPES, Recipe

from . import test_recipes_contract as contract
from .test_catalog_snapshot import test_catalogue_is_as_committed as catalogue_is_as_committed


@pytest.fixture(scope="module")
def page(project_root: Path) -> str:
    return (project_root / "docs" / "adding-a-recipe.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def added(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Recipe]]:
    with entry_told(RECIPES, page, tmp_path_factory.mktemp("recipes")) as entry:
        yield entry


def test_it_keeps_the_contract(added: type[Recipe], tmp_path: Path) -> None:
    contract.test_documentation(added.kind)
    contract.test_its_example_checks(added.kind)
    contract.test_it_trains_and_says_the_loss(added.kind)
    contract.test_same_seed_same_numbers_also_from_a_checkpoint(added.kind, tmp_path)
    for name in ("output", "target"):
        contract.test_a_wrong_name_is_said_at_its_setting(added.kind, name)


def test_its_script_gives_the_same_losses(added: type[Recipe], tmp_path: Path) -> None:
    check_scripts({"recipe": contract.example(added.kind)}, 20, tmp_path)


def test_without_noise_it_is_supervised_learning(added: type[Recipe]) -> None:
    """Both views are the example itself: they agree, and every step is the supervised one."""
    calm, plain = contract.example(added.kind), contract.example(added.kind)
    calm["recipe"]["config"]["noise"] = 0.0
    plain["recipe"]["kind"] = "supervised"
    for document in (calm, plain):  # another stepper may take the plain one: float64 keeps them together
        document["training"]["precision"] = "float64"
    trainers = [contract.Trainer(contract.parse_experiment(document), device="cpu") for document in (calm, plain)]
    told = [contract.train(trainer, 10) for trainer in trainers]
    assert told[0]["disagreement"].max() == 0
    torch.testing.assert_close(torch.tensor(told[0]["loss"]), torch.tensor(told[1]["loss"]))
    torch.testing.assert_close(trainers[0].storage.flat, trainers[1].storage.flat)


def test_it_is_in_the_catalogue_and_the_snapshot_notices(added: type[Recipe]) -> None:
    entry = next(item for item in describe()["recipes"] if item["kind"] == added.kind)
    assert entry["schema"]["properties"]["weight"]["minimum"] == 0
    with pytest.raises(AssertionError, match=f"{added.kind} is new"):
        catalogue_is_as_committed()


def test_the_command_line_trains_with_it_as_told(page: str, tmp_path: Path) -> None:
    copy = copy_sources(tmp_path)
    write_files(files_told(page), copy)
    said = run_commands(page, copy, "2. Train with it")
    assert "finished after 500 steps" in said
    assert json.loads((copy / "two-views.json").read_text())["recipe"]["kind"] == "two_views"


def test_its_code_is_laid_out_as_everywhere(page: str, project_root: Path) -> None:
    python_is_clean(page, project_root)


def test_the_page_names_files_that_exist(page: str, project_root: Path) -> None:
    for path in paths_named(page) | {f"backend/torchglass/recipes/{name}" for name in re.findall(r"`(\w+\.py)`", page)}:
        assert (project_root / path).is_file(), path
