"""The store: chunks and pyramid against plain arithmetic, writes that are kept, trouble said in words."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.stored_runs import stepwise

from torchglass.ids import RunId
from torchglass.protocol.run import RunState
from torchglass.store.errors import NotSavedError, StoreError
from torchglass.store.lock import hold
from torchglass.store.migrate import FILE, LATEST, prepare
from torchglass.store.pyramid import CHUNK, Tail, decode, encode, of_points
from torchglass.store.records import RunRecord
from torchglass.store.repository import DatabaseRepository

ONE = RunId("r0one")


def record(run: str = "r0one", name: str = "a run", state: RunState = RunState.PARKED) -> RunRecord:
    return RunRecord(
        RunId(run), name, state, 3, 0.5, {"name": name}, 1, f"2026-01-01T00:00:0{len(run) % 10}+00:00", "", 5, 7
    )


@pytest.fixture
async def repository(tmp_path: Path) -> AsyncIterator[DatabaseRepository]:
    opened = await DatabaseRepository.open(tmp_path, lambda reason: None)
    yield opened
    await opened.close()


def test_chunks_come_back_as_they_were() -> None:
    points = of_points([3, 5, 2**52], [0.1, -2.5, 7e-9])
    assert np.array_equal(decode(0, encode(0, points)), points)
    tail = Tail()
    steps = list(range(1, 3 * CHUNK))
    tail.add(steps, [float(step % 13) for step in steps])
    for row in tail.take_rows():
        assert np.array_equal(decode(row.level, encode(row.level, row.buckets)), row.buckets)
    assert not list(tail.take_rows())


@pytest.mark.parametrize("pieces", [1, 7, 1000])
async def test_a_long_curve_keeps_its_extremes_and_its_mean(repository: DatabaseRepository, pieces: int) -> None:
    repository.save(record())
    steps = np.arange(1, 40_001)
    values = np.random.default_rng(1).normal(size=len(steps))
    values[12_345] = 99.0
    for at in np.array_split(np.arange(len(steps)), pieces):
        repository.add_points(ONE, {"train.loss": (steps[at].tolist(), values[at].tolist())})
        if pieces < 10:
            await repository.committed()
    whole = (await repository.curves(ONE, 500))["train.loss"]
    assert (whole.measured, whole.exact, len(whole.steps) <= 500) == (40_000, False, True)
    assert (max(whole.high), whole.high_steps[int(np.argmax(whole.high))]) == (99.0, 12_346)
    assert (min(whole.low), whole.steps[-1]) == (values.min(), 40_000)
    assert whole.steps == sorted(whole.steps)
    zoomed = (await repository.curves(ONE, 500, 12_300, 12_400))["train.loss"]
    assert zoomed.exact
    assert (zoomed.steps, zoomed.values) == (steps[12_299:12_400].tolist(), values[12_299:12_400].tolist())


@pytest.mark.parametrize("step", [1, 1023, 1024, 1025, 9_000, 20_000])
async def test_a_cut_curve_goes_on_as_if_nothing_had_been(repository: DatabaseRepository, step: int) -> None:
    repository.save(record())
    for name in ("cut", "plain"):
        end = 20_000 if name == "cut" else step
        repository.add_points(ONE, {name: (list(range(1, end + 1)), [float(n % 97) for n in range(1, end + 1)])})
    await repository.committed()
    repository.cut(ONE, step)
    await repository.committed()
    after = list(range(step + 1, step + 12_001))
    for name in ("cut", "plain"):
        repository.add_points(ONE, {name: (after, [float(n % 89) for n in after])})
    for points in (100, 10_000, 40_000):
        found = await repository.curves(ONE, points)
        assert found["cut"] == found["plain"]
    repository.cut(ONE, 0)
    assert await repository.curves(ONE, 100) == {}


def _points(first: int, last: int, size: int) -> tuple[list[int], list[float]]:
    return list(range(first, last + 1)), [float(n % size) for n in range(first, last + 1)]


@pytest.mark.parametrize("step", [0, 1, 1024, 9_000])
async def test_a_stretch_is_set_aside_and_comes_back_as_it_was(repository: DatabaseRepository, step: int) -> None:
    repository.save(record())
    repository.save(record("r2"))
    for run in (ONE, RunId("r2")):
        repository.add_points(run, {"a": _points(1, 20_000, 97)})
        for at in (0, 1, 9_000, 15_000):
            repository.add_mark(run, at, {"step": at})
    repository.set_aside(ONE, step, 1)
    shorter = await repository.curves(ONE, 40_000)
    assert list(shorter["a"].steps if shorter else []) == list(range(1, step + 1))
    assert len((await repository.curves(ONE, 40_000, branch=1))["a"].steps) == 20_000 - step
    repository.add_points(ONE, {"a": _points(step + 1, step + 3_000, 89), "b": ([step + 5], [1.0])})
    repository.set_aside(ONE, step, 2)
    repository.bring_back(ONE, 1)
    for points in (100, 10_000, 40_000):
        assert await repository.curves(ONE, points) == await repository.curves("r2", points)
    assert [mark["step"] for mark in await repository.marks(ONE, 9)] == [0, 1, 9_000, 15_000]
    assert (await repository.curves(ONE, 40_000, branch=2))["b"].steps == [step + 5]
    repository.drop_branch(ONE, 2)
    assert await repository.curves(ONE, 100, branch=2) == {}


@pytest.mark.parametrize("step", [1, 1025, 9_000])
async def test_a_copy_is_the_curve_up_to_its_step(repository: DatabaseRepository, step: int) -> None:
    repository.save(record())
    repository.add_points(ONE, {"a": _points(0, 20_000, 97), "late": _points(10_000, 12_000, 7)})
    for at in (1, 9_001):
        repository.add_mark(ONE, at, {"step": at})
    fork = RunId("r2")
    repository.save(record("r2"))
    repository.copy(ONE, fork, step)
    repository.cut(ONE, step)
    for points in (100, 40_000):
        assert await repository.curves(fork, points) == await repository.curves(ONE, points)
    assert [mark["step"] for mark in await repository.marks(fork, 9)] == [1]


async def test_the_newest_point_may_be_measured_again(repository: DatabaseRepository) -> None:
    repository.save(record())
    repository.add_points(ONE, {"a": (list(range(1, CHUNK + 1)), [0.0] * CHUNK)})
    await repository.committed()
    repository.add_points(ONE, {"a": ([CHUNK], [5.0])})
    repository.add_points(ONE, {"a": ([CHUNK, CHUNK + 1], [6.0, 7.0])})
    found = (await repository.curves(ONE, 5000))["a"]
    assert (found.steps[-2:], found.values[-2:]) == ([CHUNK, CHUNK + 1], [6.0, 7.0])
    assert len(found.steps) == CHUNK + 1


async def test_runs_are_found_renamed_and_forgotten(repository: DatabaseRepository) -> None:
    repository.save(record("r1", "Spiral 100 %"))
    repository.save(record("r22", "Small CNN"))
    repository.save(replace(record("r22", "Small CNN again"), metrics={"train.loss": 0.5}))
    repository.add_mark(RunId("r22"), 4, {"step": 4})
    repository.note(RunId("r22"), 4, "set", {"path": "p"})
    await repository.committed()
    found, total = await repository.find()
    assert ([one.id for one in found], total) == (["r22", "r1"], 2)
    assert [one.name for one in (await repository.find("cnn AGAIN"))[0]] == ["Small CNN again"]
    assert [one.id for one in (await repository.find("%"))[0]] == ["r1"]
    assert await repository.find("nothing") == ([], 0)
    assert (await repository.find("", 1, 1))[0][0].id == "r1"
    repository.forget([RunId("r22"), RunId("r-unknown")])
    repository.add_mark(RunId("r22"), 5, {"step": 5})
    await repository.committed()
    assert await repository.get("r22") is None
    assert await repository.marks("r22", 10) == []
    assert await repository.get("r1") == record("r1", "Spiral 100 %")


async def test_what_was_at_work_is_not_after_a_restart(tmp_path: Path) -> None:
    first = await DatabaseRepository.open(tmp_path, lambda reason: None)
    for state in RunState:
        first.save(record(f"r{state.value}", state=state))
    await first.close()
    again = await DatabaseRepository.open(tmp_path, lambda reason: None)
    found = {one.id.removeprefix("r"): one.state.value for one in (await again.find())[0]}
    await again.close()
    assert found == {
        "running": "interrupted",
        **dict.fromkeys(("queued", "starting", "paused", "parked"), "parked"),
        **{state: state for state in ("finished", "failed", "interrupted")},
    }


async def test_a_locked_database_is_waited_for_and_said(tmp_path: Path) -> None:
    said: list[str | None] = []
    repository = await DatabaseRepository.open(tmp_path, said.append)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    repository.save(record())
    repository.add_points(ONE, {"a": ([1], [1.0])})
    repository._writer._patience = 0.1
    with pytest.raises(NotSavedError, match="another program holds the database"):
        await repository.committed()
    assert said == ["another program holds the database"]
    other.execute("COMMIT")
    other.close()
    await repository.committed()
    assert said[1:] == [None]
    assert (await repository.curves(ONE, 10))["a"].values == [1.0]
    await repository.close()


async def test_curves_are_whole_while_the_disk_is_busy(tmp_path: Path) -> None:
    repository = await DatabaseRepository.open(tmp_path, lambda reason: None)
    repository.save(record())
    repository.add_points(ONE, {"a": ([1, 2], [1.0, 2.0])})
    await repository.committed()
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    repository.add_points(ONE, {"a": ([2, 3], [5.0, 3.0]), "b": ([3], [9.0])})
    found = await repository.curves(ONE, 10)
    assert (found["a"].steps, found["a"].values, found["b"].values) == ([1, 2, 3], [1.0, 5.0, 3.0], [9.0])
    assert (await repository.curves(ONE, 10, 3))["a"].steps == [3]
    other.execute("COMMIT")
    other.close()
    await repository.committed()
    assert await repository.curves(ONE, 10) == found
    await repository.close()


async def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    said: list[str | None] = []
    repository = await DatabaseRepository.open(tmp_path, said.append)
    repository.save(record())
    await repository.committed()
    async with repository._engine.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    for _ in range(4):
        async with repository._engine.connect() as connection:
            await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    noise = np.random.default_rng(0).normal(size=50_000).tolist()
    repository.add_points(ONE, {"a": (list(range(50_000)), noise)})
    with pytest.raises(NotSavedError, match="disk is full"):
        await repository.committed()
    async with repository._engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    await repository.committed()
    assert said == ["the disk is full", None]
    assert (await repository.curves(ONE, 50_000))["a"].values == noise
    await repository.close()


def test_a_database_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    prepare(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(f"PRAGMA user_version={LATEST + 1}")
    connection.close()
    with pytest.raises(StoreError, match="newer Torchglass"):
        prepare(tmp_path)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / FILE).write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        prepare(damaged)


def test_a_half_made_database_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(version: int) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("torchglass.store.migrate._revision", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path)
    monkeypatch.undo()
    prepare(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    connection.close()


def test_one_server_per_folder(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(StoreError, match="another Torchglass"), hold(tmp_path):
        pass
    with hold(tmp_path):
        pass


def test_todays_tables_are_those_of_the_migrations(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    from torchglass.store.tables import metadata

    engine = create_engine(f"sqlite:///{stepwise(tmp_path, LATEST)}", poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_new_database_is_what_the_migrations_lead_to(tmp_path: Path) -> None:
    """It is made at once and without Alembic, which a later version must find content with it."""
    (tmp_path / "old").mkdir()
    facts = []
    for path in (prepare(tmp_path), stepwise(tmp_path / "old", LATEST)):
        with closing(sqlite3.connect(path)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            columns = {name: set(connection.execute(f"SELECT * FROM pragma_table_info('{name}')")) for name in tables}
            indices = set(connection.execute("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'"))
            version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            facts.append(
                (sorted(tables), {n: {c[1:4] for c in found} for n, found in columns.items()}, indices, version)
            )
    assert facts[0] == facts[1]
    loaded = "import sys, pathlib; from torchglass.store.migrate import prepare; "
    loaded += "prepare(pathlib.Path(sys.argv[1])); print('alembic' in sys.modules)"
    (tmp_path / "new").mkdir()
    told = subprocess.run([sys.executable, "-c", loaded, tmp_path / "new"], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
