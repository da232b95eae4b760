"""Brings a database to today's tables. Alembic is only imported when a file with older ones is behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from torchglass.store.errors import StoreError, cannot_open

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Kept in ``PRAGMA user_version``; Alembic's revision is the same number with four digits.
LATEST = 4
FILE = "torchglass.sqlite"


def prepare(data_dir: Path) -> Path:
    """The database file, made or migrated if need be. Raises StoreError with one line for people."""
    path = data_dir / FILE
    try:
        version = _version(path)
        if version > LATEST:
            raise StoreError(
                f"{path} was written by a newer Torchglass; update this one, or choose another folder with --data-dir"
            )
        if version < LATEST:
            _upgrade(path)
    except (sqlite3.Error, OSError) as error:
        raise cannot_open(path, error) from error
    return path


def _version(path: Path) -> int:
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def _upgrade(path: Path) -> None:
    """All or nothing: the tables and the version number are one transaction."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    engine = create_engine(f"sqlite:///{path}", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            empty = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar() == 0
            (_create if empty else migrate)(connection, LATEST)
            connection.exec_driver_sql(f"PRAGMA user_version={LATEST}")
            connection.exec_driver_sql("COMMIT")
    except DBAPIError as error:
        raise cannot_open(path, error) from error
    finally:
        engine.dispose()


def _create(connection: Connection, version: int) -> None:
    """Today's tables in an empty file, with the word for Alembic that nothing is left to migrate. Its import would take
    a quarter of a second and 20 MB, which the server then keeps."""
    from torchglass.store.tables import metadata

    metadata.create_all(connection)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (_revision(version),))


def migrate(connection: Connection, version: int) -> None:
    """Step by step, from wherever the file stands."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, _revision(version))


def _revision(version: int) -> str:
    return f"{version:04}"
