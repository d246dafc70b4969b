"""What tests of fresh rows share: scans of many tags, and what the two tables hold of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from engine.model import Quality, Sample, Value
from engine.storage import SqlHistoryReader, mover, raw_rows
from tests.engine.storage.history import NOON_US, URL

TAGS = [f"line1/Tag{number:02}" for number in range(30)]
SMALL_STEP_ROWS = 60
"""Of ten scans, a step then moves six tags, and a round has five steps."""


def move_in_small_steps() -> None:
    """For a process of its own: whatever is written becomes fresh first, and moves in many steps."""
    mover._STEP_ROWS = SMALL_STEP_ROWS
    raw_rows._DIRECT_FROM = 1_000_000


def value_of(tag: str, number: int) -> Value:
    """Numbers for most tags, but also texts and integers that a double cannot hold."""
    kind = int(tag[-2:]) % 10
    if kind == 8:
        return f"batch {number}"
    return 2**60 + number if kind == 9 else float(number)


def scan(number: int, tags: list[str] = TAGS) -> list[Sample]:
    """One sample of every tag."""
    return [Sample(tag, value_of(tag, number), Quality.GOOD, NOON_US + number) for tag in tags]


def recorded_numbers(folder: Path, tag: str, url: str = URL) -> list[int]:
    """The scans of which a tag has its right value, in order of time; a wrong value fails the test."""
    reader = SqlHistoryReader(url, folder)
    try:
        found = [item for item in reader.samples(tag, None, None) if item.quality is Quality.GOOD]
    finally:
        reader.close()
    numbers = [item.source_time_us - NOON_US for item in found]
    assert [item.value for item in found] == [value_of(tag, number) for number in numbers]
    return numbers


def sql(path: Path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        return connection.execute(statement).fetchall()


def fresh_count(path: Path) -> int:
    return int(sql(path, "SELECT count(*) FROM hist_fresh")[0][0])


def day_tables(path: Path) -> list[str]:
    return [row[0] for row in sql(path, "SELECT name FROM sqlite_master WHERE name GLOB 'hist_raw_*'")]


def moved_count(path: Path) -> int:
    return sum(int(sql(path, f"SELECT count(*) FROM {table}")[0][0]) for table in day_tables(path))


def assert_each_row_is_in_one_place(path: Path) -> None:
    """The file is sound, no key is in two slots or in both tables, and each row is in the view once."""
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]
    twice = "SELECT tag_id, ts_us FROM hist_fresh GROUP BY 1, 2 HAVING count(*) > 1"
    assert sql(path, twice) == []
    for table in day_tables(path):
        assert sql(path, f"SELECT tag_id, ts_us FROM {table} JOIN hist_fresh USING (tag_id, ts_us)") == []
    if day_tables(path):
        (in_view,) = sql(path, "SELECT count(*), count(DISTINCT tag || time_utc) FROM history")
        assert in_view == (fresh_count(path) + moved_count(path),) * 2
