"""Keeping tables on disk: whole or not at all, found by their content, bounded."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import numpy as np
import pytest

from torchglass.datasets.base import DATASETS
from torchglass.tables import library as module
from torchglass.tables.drafting import draft
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY, Library, displayed

TEXT = b"a,b,y\n" + b"".join(b"%d,%s,%d\n" % (i, b"pq"[i % 2 : i % 2 + 1], i * i) for i in range(20))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setattr(LIBRARY, "folder", tmp_path / "tables")
    return LIBRARY


def names(library: Library) -> list[str]:
    assert library.folder is not None
    return sorted(place.suffix for place in library.folder.iterdir()) if library.folder.exists() else []


def test_a_table_is_kept_by_its_content(library: Library) -> None:
    facts = library.add([TEXT[:10], TEXT[10:]], "C:\\data\\first.csv")
    assert (facts["name"], facts["rows"], facts["bytes"]) == ("first.csv", 20, len(TEXT))
    assert library.bytes_of(facts["id"]) == TEXT
    again = library.add([TEXT], "second.csv")
    assert again["id"] == facts["id"]
    assert [(table["name"], table["columns"]) for table in library.all()] == [("second.csv", 3)]
    assert names(library) == [".csv", ".json"]
    library.remove(facts["id"])
    assert (library.all(), names(library)) == ([], [])


@pytest.mark.parametrize("table", ["", "x", "../" * 8 + "etc/passwd", "0" * 64, "A" * 64])
def test_only_what_is_kept_is_ever_opened(library: Library, table: str) -> None:
    for act in (library.file, library.facts, library.bytes_of, library.remove):
        with pytest.raises(TableError, match="no table of that name") as caught:
            act(table)
        assert caught.value.code == "no-such-table"


def test_what_is_no_table_leaves_nothing_behind(library: Library) -> None:
    with pytest.raises(TableError, match="Row 3 has 3 cells") as caught:
        library.add([b"a,b\n1,2\n1,2,3\n"], "x.csv")
    assert (caught.value.row, names(library)) == (3, [])
    with pytest.raises(TableError, match="larger than 32 MB") as caught:
        library.add((b"1,2\n" * 262_144 for _ in range(100)), "x.csv")
    assert (caught.value.code, names(library)) == ("too-large", [])


def test_a_full_disk_leaves_nothing_behind(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add([TEXT], "kept.csv")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TableError, match=r"disk is full.*another --data-dir.*Nothing was changed") as caught:
        library.add([TEXT + b"9,9,9\n"], "x.csv")
    assert (caught.value.code, names(library)) == ("disk", [".csv", ".json"])


def test_a_folder_that_cannot_be_is_said(library: Library, tmp_path: Path) -> None:
    (tmp_path / "tables").write_bytes(b"")
    with pytest.raises(TableError, match="cannot be saved") as caught:
        library.add([TEXT], "x.csv")
    assert caught.value.code == "disk"


def test_damage_is_noticed(library: Library) -> None:
    known = library.add([TEXT], "x.csv")["id"]
    library.file(known).write_bytes(TEXT.replace(b"9", b"8", 1))
    with pytest.raises(TableError, match="damaged"):
        library.bytes_of(known)


def test_what_a_crash_left_is_swept(library: Library) -> None:
    known = library.add([TEXT], "x.csv")["id"]
    folder = library.file(known).parent
    old = time.time() - 7200
    for name in ("ab.part", "f" * 64 + ".csv"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (old, old))
    (folder / "new.part").write_bytes(b"x")
    library.add([TEXT + b"1,2,3\n"], "y.csv")
    assert names(library) == [".csv", ".csv", ".json", ".json", ".part"]


def test_the_number_of_tables_is_bounded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TABLES", 1)
    library.add([TEXT], "x.csv")
    with pytest.raises(TableError, match="at most 1 tables") as caught:
        library.add([TEXT + b"1,2,3\n"], "y.csv")
    assert caught.value.code == "tables-full"


def test_names_are_only_shown() -> None:
    assert displayed("../../\u202eevil\x00.csv") == "evil.csv"
    assert displayed("") == "table.csv"
    assert len(displayed("x" * 500)) == 120


def test_gaps_are_filled_from_the_training_rows(library: Library) -> None:
    rows = "".join(f"{i if i % 5 else ''},{'pq'[i % 3 == 0] if i % 7 else ''},{i}\n" for i in range(60))
    known = library.add([b"a,b,y\n" + rows.encode()], "x.csv")["id"]
    dropped, filled = (
        DATASETS.make("table_file", draft(library, known, target="y", missing=how)["data"]["config"])
        for how in ("drop", "fill")
    )
    assert (sum(dropped.counts()), sum(filled.counts())) == (41, 60)
    splits = filled.load(0)
    a = splits.train["features"][:, 0]
    own = [value for value, y in zip(a, splits.train["value"], strict=True) if y % 5]
    gaps = [value for value, y in zip(a, splits.train["value"], strict=True) if y % 5 == 0]
    assert np.allclose(gaps, np.mean(own))
    assert set(splits.test["features"][splits.test["value"] % 5 == 0, 0]) <= {gaps[0]}
    assert np.all(splits.train["features"][:, 1:].sum(axis=1) == 1)
