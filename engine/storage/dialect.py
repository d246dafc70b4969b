"""The one statement that differs between databases: insert rows and pass over keys that exist."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection

_INSERT_NEW = {"sqlite": "INSERT OR IGNORE INTO {table} ({columns}) VALUES {rows}"}
_BLOCK = {"sqlite": 500}
"""Rows of one statement: a step per row costs twice as much, and each step waits for the interpreter."""


def insert_new_sql(dialect: str, table: str, columns: tuple[str, ...]) -> str:
    """Driver SQL for ``exec_driver_sql`` with a list of tuples; rows whose key exists are left alone."""
    return _sql(dialect, table, columns, 1)


def insert_new(
    connection: Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> int:
    """Insert ``rows`` in their order but for those whose key exists; how many were new."""
    dialect = connection.dialect.name
    size = _BLOCK[dialect]
    whole = len(rows) // size * size
    statement = _sql(dialect, table, columns, size)
    new = 0
    for start in range(0, whole, size):
        values = tuple(chain.from_iterable(rows[start : start + size]))
        new += connection.exec_driver_sql(statement, values).rowcount
    if whole < len(rows):
        new += connection.exec_driver_sql(_sql(dialect, table, columns, 1), list(rows[whole:])).rowcount
    return new


@lru_cache(64)
def _sql(dialect: str, table: str, columns: tuple[str, ...], rows: int) -> str:
    places = f"({', '.join('?' for _ in columns)})"
    return _INSERT_NEW[dialect].format(
        table=table, columns=", ".join(columns), rows=", ".join([places] * rows)
    )
