"""Many rows in one statement: the same rows, in whatever number."""

import pytest
from sqlalchemy import create_engine

from engine.storage.dialect import insert_new


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1234])
def test_rows_are_inserted_and_those_that_exist_are_passed_over(count: int) -> None:
    rows = [(number, number * 0.5) for number in range(count)]
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, value REAL)")
        connection.exec_driver_sql("INSERT INTO t VALUES (3, -1), (700, -1)")
        there = sum(number < count for number in (3, 700))
        assert insert_new(connection, "t", ("id", "value"), rows) == count - there
        kept = connection.exec_driver_sql("SELECT id, value FROM t ORDER BY id").all()
    expected = {**dict(rows), 3: -1.0, 700: -1.0}
    assert [tuple(row) for row in kept] == sorted(expected.items())
    engine.dispose()
