"""The library of people's own experiments: found, renamed, never overwritten unseen, bounded, on disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.stored_runs import stepwise

from torchglass.presets import load_preset
from torchglass.store import bookmarks as bookmarks_module
from torchglass.store.bookmark import BookmarkChangedError, LibraryFullError
from torchglass.store.bookmarks import Bookmarks
from torchglass.store.errors import NotSavedError
from torchglass.store.migrate import FILE, prepare
from torchglass.store.repository import DatabaseRepository


def document(name: str) -> dict[str, Any]:
    return load_preset("xor-mlp").model_dump(mode="json") | {"name": name}


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Bookmarks]:
    repository = await DatabaseRepository.open(tmp_path, lambda reason: None)
    yield repository.bookmarks
    await repository.close()


async def names(library: Bookmarks, query: str = "") -> list[str]:
    return [record.name for record in (await library.find(query))[0]]


async def test_kept_experiments_are_found_copied_and_removed(library: Bookmarks) -> None:
    first = await library.add(document("100 % mine"))
    second = await library.add(document("Wide spiral"))
    assert (first.data, first.layers, first.revision) == ("xor", 5, 1)
    assert await names(library) == ["Wide spiral", "100 % mine"]
    assert await names(library, "SPIRAL wide") == ["Wide spiral"]
    assert await names(library, "%") == ["100 % mine"]
    copies = [await library.copy(second.id) for _ in range(2)]
    assert [copy.name for copy in copies if copy] == ["Wide spiral (copy)", "Wide spiral (copy 2)"]
    assert await library.remove(second.id, 1)
    assert not await library.remove(second.id)
    assert await library.get(second.id) is None
    assert await library.copy(second.id) is None
    assert (await library.find(limit=1, offset=1))[1] == 3
    kept = await library.get(first.id)
    assert kept is not None
    assert (kept.record, kept.experiment) == (first, document("100 % mine"))


async def test_of_two_who_replace_the_same_one_only_one_does(library: Bookmarks) -> None:
    made = await library.add(document("ours"))
    tries = [library.replace(made.id, 1, document(name)) for name in ("mine", "theirs")]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["BookmarkChangedError", "BookmarkRecord"]
    kept = await library.get(made.id)
    assert kept is not None
    assert kept.record.revision == 2
    assert kept.experiment["name"] == kept.record.name
    with pytest.raises(BookmarkChangedError):
        await library.remove(made.id, 1)
    assert await library.replace("nothing", 1, document("x")) is None


async def test_it_outlives_the_server(tmp_path: Path) -> None:
    repository = await DatabaseRepository.open(tmp_path, lambda reason: None)
    made = await repository.bookmarks.add(document("kept"))
    again = await DatabaseRepository.open(tmp_path, lambda reason: None)  # the first one was never closed
    found = await again.bookmarks.get(made.id)
    assert found is not None
    assert found.experiment == document("kept")
    await again.close()
    await repository.close()


async def test_it_has_bounds(library: Bookmarks, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await library.add(document("one"))
    monkeypatch.setattr(bookmarks_module, "MOST_BYTES", made.bytes + 10)
    with pytest.raises(LibraryFullError, match="MB together"):
        await library.add(document("two"))
    with pytest.raises(LibraryFullError, match="MB together"):
        await library.replace(made.id, 1, document("a name that is longer"))
    monkeypatch.setattr(bookmarks_module, "MOST_BOOKMARKS", 1)
    with pytest.raises(LibraryFullError, match="delete some"):
        await library.add(document("two"))
    assert await library.replace(made.id, 1, document("new")) is not None


async def test_a_locked_file_is_waited_for_and_then_said(library: Bookmarks, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    library._patience = 0.1
    with pytest.raises(NotSavedError, match="another program holds the database"):
        await library.add(document("late"))
    library._patience = 60
    adding = asyncio.create_task(library.add(document("in time")))
    await asyncio.sleep(0)
    other.execute("COMMIT")
    other.close()
    await adding
    assert await names(library) == ["in time"]


def test_a_database_of_an_older_version_gets_the_library(tmp_path: Path) -> None:
    """What a server of the first version left behind has its runs and gets the new table."""
    path = stepwise(tmp_path, 1)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'bookmarks'").fetchall() == []
    prepare(tmp_path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM bookmarks").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    connection.close()
