"""What questions to rows in two tables cost: every one finds its rows by the key, and years are few."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, event

from engine.storage import raw_rows
from engine.storage.mover import Mover
from engine.storage.query_plan import Source
from engine.storage.raw_rows import DbRow, RawRows
from engine.storage.rollups import roll_up
from engine.storage.statements import select_bins, select_good, select_newest_before, select_samples
from tests.engine.storage.history import DAY_US, NOON_US, SECOND_US, TAG, History, sample

DAY = NOON_US // DAY_US
SPAN = {"tag_id": 1, "start_us": NOON_US + 1, "end_us": NOON_US + 2 * SECOND_US, "width_us": 5, "most": 10}


@pytest.fixture
def filled(history: History) -> History:
    """Rows of both kinds, of two tags and two days."""
    for move in (True, False):
        for day in range(2):
            at_us = NOON_US + day * DAY_US + (0 if move else SECOND_US)
            history.record(sample(1.0, at_us), sample("Lager", at_us, tag="line1/Product"))
        if move:
            Mover(history.writer, history.clock).finish(until_s=float("inf"))
    assert history.sql("SELECT count(*) FROM hist_fresh") == [(4,)]
    return history


@contextmanager
def plans(connection: Connection) -> Iterator[list[str]]:
    """The plans of all that is asked of the rows meanwhile, one line a step."""
    steps: list[str] = []

    def on_execute(of: Connection, cursor: object, statement: str, parameters: Any, *_: object) -> None:
        driver = of.connection.driver_connection
        assert driver is not None
        one = parameters[0] if isinstance(parameters, list) else parameters
        if "hist_" in statement:
            steps.extend(str(row[3]) for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", one))

    event.listen(connection, "before_cursor_execute", on_execute)
    yield steps
    event.remove(connection, "before_cursor_execute", on_execute)


def scanned(steps: list[str]) -> set[str]:
    return {step.split()[1] for step in steps if step.startswith("SCAN") and "CONSTANT ROW" not in step}


def check(steps: list[str]) -> None:
    """No table is read from end to end, only what was found in one; both tables of rows are searched."""
    assert scanned(steps) <= {"rows", "bins"}, steps
    keys = [step.partition("USING PRIMARY KEY ")[2] for step in steps]
    assert any(key.startswith("(slot=? AND tag_id=? AND ts_us") for key in keys), steps
    assert any(key.startswith("(tag_id=?") for key in keys), steps
    for key in keys:
        assert not key.startswith("(slot") or key.startswith("(slot=? AND tag_id"), steps


@pytest.mark.parametrize(
    "statement",
    [select_samples(DAY), select_good(DAY), select_newest_before(DAY), select_bins(Source.RAW, DAY)],
    ids=["samples", "good", "newest_before", "bins"],
)
def test_a_reader_finds_a_tags_rows_of_both_kinds_by_their_keys(
    filled: History, statement: Executable
) -> None:
    with filled.writer.engine_or_open().begin() as connection, plans(connection) as steps:
        assert connection.execute(statement, SPAN).all()
    check(steps)


def find(rows: RawRows, connection: Connection) -> None:
    assert rows._find(connection, 1, NOON_US + SECOND_US) is not None


def look_up_many(rows: RawRows, connection: Connection) -> None:
    """More keys than one statement asks for."""
    new: list[DbRow] = [(1, NOON_US + 2 * SECOND_US + n, 1.0, 192) for n in range(2 * raw_rows._LOOK_UP_ROWS)]
    assert not rows._any_is_fresh(connection, new)
    assert rows._any_is_fresh(connection, [*new, (1, NOON_US + SECOND_US, 1.0, 192)])


def move_some(rows: RawRows, connection: Connection) -> None:
    rows.move(connection, 1, 1)
    assert rows.fresh_count == 2


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        (find, "(slot=? AND tag_id=? AND ts_us=?)"),
        (look_up_many, "(slot=? AND tag_id=? AND ts_us=?)"),
        (move_some, "(slot=? AND tag_id>? AND tag_id<?)"),
    ],
)
def test_the_writer_finds_fresh_rows_by_their_keys(
    filled: History, ask: Callable[[RawRows, Connection], None], key: str
) -> None:
    with filled.writer.engine_or_open().begin() as connection, plans(connection) as steps:
        ask(filled.writer.rows, connection)
    assert scanned(steps) <= {"wanted"}, steps
    assert {step.partition("USING PRIMARY KEY ")[2] for step in steps if "slot" in step} == {key}, steps


def test_a_roll_up_finds_the_rows_of_its_hour_by_their_keys(filled: History) -> None:
    with filled.writer.engine_or_open().begin() as connection, plans(connection) as steps:
        roll_up(connection, 1, NOON_US)
    check([step for step in steps if step != "SCAN anon_1"])


@pytest.mark.parametrize("view", ["history", "history_20260312"])
def test_a_view_finds_a_tag_by_keys(filled: History, view: str) -> None:
    plan = filled.sql(f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE tag = '{TAG}'")
    check([str(step[3]) for step in plan])


def test_hundreds_of_days_are_shown_the_newest_in_one_view_all_by_their_own(history: History) -> None:
    days = 501
    history.record(*(sample(float(day), NOON_US + day * DAY_US) for day in range(days)))
    newest_us = NOON_US + (days - 1) * DAY_US
    history.record(*(sample("Lager", newest_us + n, tag=f"line1/Tag{n}") for n in range(1, 6)))
    assert history.sql("SELECT count(*) FROM hist_fresh") == [(5,)]
    shown = 400
    assert history.sql("SELECT count(*), count(DISTINCT time_utc) FROM history") == [(shown + 5,) * 2]
    assert history.sql(f"SELECT min(value), max(value) FROM history WHERE tag = '{TAG}'") == [
        (float(days - shown), float(days - 1))
    ]
    assert history.sql("SELECT value FROM history WHERE tag = 'line1/Tag3'") == [("Lager",)]
    assert history.sql("SELECT tag, value FROM history_20260312") == [(TAG, 0.0)]
    assert [item.value for item in history.samples()] == [float(day) for day in range(days)]
