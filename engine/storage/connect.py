"""Ways into the database: the URL made absolute, engines for writing and for reading, errors in words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, ProgrammingError

from engine.errors import EngineError, QueryCancelledError, StorageError

WRITE_WAIT_S = 0.25
"""How long the writer waits for a lock before it spools: with the commit interval, below one second."""
READ_WAIT_S = 5.0
_WRITER_STATEMENTS = 64
"""Compiled ones kept by the writer: those of a few days, not of every day of a year's run."""


def database_path(url: str, data_dir: Path) -> Path:
    """The database file of ``sqlite:///history.db``; relative paths start in the data folder."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(f"{url!r} is no database URL; write for example sqlite:///history.db") from error
    if parsed.get_backend_name() != "sqlite":
        raise StorageError(
            f"Databases of type {parsed.get_backend_name()!r} are not active in this version; "
            "use sqlite:///history.db"
        )
    if not parsed.database or parsed.database == ":memory:":
        raise StorageError(f"{url!r} names no file; write for example sqlite:///history.db")
    return data_dir / parsed.database


def writer_engine(path: Path) -> Engine:
    """For the one thread that writes: WAL, every commit on the disk before it returns."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": WRITE_WAIT_S},
        pool_size=1,
        query_cache_size=_WRITER_STATEMENTS,
    )

    def on_connect(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=16000",
            "journal_size_limit=67108864",
            "cache_size=-32000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", lambda connection: _begin(connection, "BEGIN IMMEDIATE"))
    return engine


def reader_engine(path: Path) -> Engine:
    """Read-only, for any thread; never creates the file."""
    url = URL.create("sqlite", database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": READ_WAIT_S}, pool_size=4, max_overflow=8)

    def on_connect(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA cache_size=-16000").close()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", lambda connection: _begin(connection, "BEGIN"))
    return engine


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what the database and its disk did into ``StorageError``; let our own mistakes pass."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DatabaseError as error:
        raise to_storage_error(error.orig, path) from error
    except (sqlite3.OperationalError, OSError) as error:
        raise to_storage_error(error, path) from error


def to_storage_error(error: BaseException | None, path: Path) -> EngineError:
    """The sentence for an operator: what, where, what to do."""
    reason = str(error)
    if "interrupted" in reason:
        return QueryCancelledError("The query was given up")
    if "locked" in reason or "busy" in reason:
        return StorageError(
            f"The history database {path} is locked by another program. Close that program; "
            "what was held back is written then by itself."
        )
    if "full" in reason or "No space" in reason:
        return StorageError(f"The disk of the history database {path} is full. Free some space.")
    if "malformed" in reason or "not a database" in reason or "file is encrypted" in reason:
        return StorageError(
            f"The history database {path} is damaged ({reason}). Stop Brimline, move this file and those "
            "beside it ending in -wal and -shm to a safe place, and start again: a new database is made "
            "and takes over what was recorded meanwhile."
        )
    if "unable to open" in reason or "readonly" in reason:
        return StorageError(
            f"The history database {path} cannot be opened ({reason}). Check that its folder exists "
            "and that this user may write there."
        )
    return StorageError(f"The history database {path} failed: {reason}. Check its disk.")
