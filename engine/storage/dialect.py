"""The statements that differ between databases: insert rows and pass over keys that exist."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection

_INSERT_NEW = {"sqlite": "INSERT OR IGNORE INTO {table} ({columns}) VALUES {rows}"}
_INSERT_NEW_FROM = {"sqlite": "INSERT OR IGNORE INTO {table} ({columns}) {query}"}
_BLOCK = {"sqlite": 500}
"""Rows of one statement: a step per row costs twice as much, and each step waits for the interpreter."""


def insert_new_sql(dialect: str, table: str, columns: tuple[str, ...]) -> str:
    """Driver SQL for ``exec_driver_sql`` with a list of tuples; rows whose key exists are left alone."""
    return _sql(dialect, table, columns, 1)


def insert_new(
    connection: Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    first: tuple[int, ...] = (),
) -> int:
    """Insert ``rows`` in their order but for those whose key exists; how many were new.

    ``first`` are values that all rows have in the first columns.
    """
    dialect = connection.dialect.name
    size = _BLOCK[dialect]
    whole = len(rows) // size * size
    statement = _sql(dialect, table, columns, size, first)
    new = 0
    for start in range(0, whole, size):
        values = tuple(chain.from_iterable(rows[start : start + size]))
        new += connection.exec_driver_sql(statement, values).rowcount
    if whole < len(rows):
        statement = _sql(dialect, table, columns, 1, first)
        new += connection.exec_driver_sql(statement, list(rows[whole:])).rowcount
    return new


def insert_new_from(connection: Connection, table: str, columns: tuple[str, ...], query: str) -> None:
    """Insert what the query gives but for rows whose key exists."""
    statement = _INSERT_NEW_FROM[connection.dialect.name]
    connection.exec_driver_sql(statement.format(table=table, columns=", ".join(columns), query=query))


@lru_cache(64)
def _sql(dialect: str, table: str, columns: tuple[str, ...], rows: int, first: tuple[int, ...] = ()) -> str:
    places = f"({', '.join([*map(str, first), *('?' for _ in columns[len(first) :])])})"
    return _INSERT_NEW[dialect].format(
        table=table, columns=", ".join(columns), rows=", ".join([places] * rows)
    )
