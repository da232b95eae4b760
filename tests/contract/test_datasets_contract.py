"""Every data set yields what its fields promise, and nothing depends on anything but settings and seed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import two_classes, zipped
from torchglass.datasets._generated import FREE
from torchglass.datasets.base import DATASETS
from torchglass.pictures.drafting import draft as draft_pictures
from torchglass.pictures.fetched import SETS
from torchglass.pictures.fetching import save
from torchglass.pictures.library import PICTURES
from torchglass.tables.drafting import draft
from torchglass.tables.library import LIBRARY


def is_generated(kind: str) -> bool:
    return "train" in DATASETS[kind].Config.model_fields


def is_shared(kind: str) -> bool:
    """Its size is shared out between training and test."""
    return {"count", "noise"} <= DATASETS[kind].Config.model_fields.keys()


GENERATED = [kind for kind in DATASETS if is_generated(kind)]
SHARED = [kind for kind in DATASETS if is_shared(kind)]


@pytest.fixture(autouse=True)
def own_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIBRARY, "folder", tmp_path / "tables")
    for kind, whole in SETS.items():  # as if they had been fetched, with few pictures
        few = replace(whole, train=3, test=2)
        monkeypatch.setattr(DATASETS[kind], "of", few)
        values = np.arange(5 * len(few.classes))[:, None] + np.zeros(math.prod(few.shape))
        assert few.folder is not None
        few.folder.mkdir(parents=True)
        save(few, values, np.tile(np.arange(len(few.classes)), 5), few.folder)


def small(kind: str, **config: object):
    if kind == "table_file":
        own = LIBRARY.add([(Path(__file__).parent / "own_table.csv").read_bytes()], "own_table.csv")
        config = {**draft(LIBRARY, own["id"])["data"]["config"], **config}
    if kind == "image_files":
        pictures = PICTURES.add([zipped(two_classes())], "two.zip")["id"]
        chosen = draft_pictures(PICTURES, pictures, side=12, colour="colour", test_share=0.25)
        config = {**chosen["data"]["config"], **config}
    if is_generated(kind):
        config = {"train": 40, "test": 15, **config}
    if is_shared(kind):
        config = {"count": 40, "noise": 0.3, **config}
    return DATASETS.make(kind, config)


@pytest.mark.parametrize("kind", sorted(DATASETS))
def test_arrays_match_the_fields(kind: str) -> None:
    data = small(kind)
    splits = data.load(3)
    for arrays, count in zip((splits.train, splits.test), data.counts(), strict=True):
        assert set(arrays) == set(data.fields())
        for name, field in data.fields().items():
            values = arrays[name]
            assert values.shape == (count, *field.shape.known()), name
            assert str(values.dtype) == field.storage, name
            if field.classes:
                assert values.min() >= 0
                assert values.max() < len(field.classes)
            if field.range is not None and field.storage == "float32":
                assert field.range[0] <= values.min()
                assert values.max() <= field.range[1]


@pytest.mark.parametrize("kind", GENERATED)
def test_generated_data_depend_on_settings_and_seed_only(kind: str) -> None:
    first, same, other = small(kind).load(7), small(kind).load(7), small(kind).load(8)
    more = small(kind, train=60).load(7)
    for name in first.train:
        assert np.array_equal(first.train[name], same.train[name])
        assert np.array_equal(first.test[name], more.test[name])
    assert any(not np.array_equal(first.train[name], other.train[name]) for name in first.train)
    assert any(not np.array_equal(first.train[name][:15], first.test[name]) for name in first.train)


@pytest.mark.parametrize("kind", SHARED)
def test_points_depend_on_settings_and_seed_only(kind: str) -> None:
    first, same, other = small(kind).load(7), small(kind).load(7), small(kind).load(8)
    for name in first.train:
        assert np.array_equal(first.train[name], same.train[name])
        assert np.array_equal(first.test[name], same.test[name])
    (place,) = (name for name, field in small(kind).fields().items() if field.role == "input")
    assert not np.array_equal(first.train[place], other.train[place])
    assert not np.array_equal(first.train[place], first.test[place])
    assert small(kind, test_share=0.25).counts() == (30, 10)


@pytest.mark.parametrize("kind", sorted(DATASETS))
def test_documentation(kind: str) -> None:
    entry = DATASETS[kind]
    assert entry.label
    assert entry.group
    assert entry.summary.endswith(".")
    assert entry.docs
    assert bool(entry.source) == bool(entry.licence)
    for name, field in entry.Config.model_json_schema().get("properties", {}).items():
        assert field.get("title"), f"{kind}.{name}"
        assert field.get("description"), f"{kind}.{name}"


def test_the_page_on_data_names_every_set_of_others(project_root: Path) -> None:
    """What Torchglass generates itself needs no licence and is described where it is made."""
    page = (project_root / "docs" / "data.md").read_text(encoding="utf-8")
    for kind, entry in DATASETS.items():
        if entry.licence and entry.licence != FREE:
            assert f"`{kind}`" in page, f"docs/data.md does not mention {kind}"
            assert entry.licence in page, f"docs/data.md does not name the licence of {kind}"
        elif entry.licence:
            assert "Source: " in entry.docs, f"{kind} does not say after whom it is made"
