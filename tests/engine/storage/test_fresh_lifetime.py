"""Fresh rows and what happens to their hours and days meanwhile: roll-ups, midnight, retention."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model import Quality
from engine.storage.mover import Mover
from engine.storage.retention import Retention, delete_some_of
from tests.engine.storage.history import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    NOON_US,
    SECOND_US,
    TAG,
    History,
    sample,
)

OTHER = "line1/Other"
ROLLUPS = "SELECT * FROM hist_1m UNION ALL SELECT * FROM hist_1h"
MIDNIGHT_US = NOON_US + 12 * HOUR_US
COUNTS = "SELECT (SELECT count(*) FROM hist_fresh), (SELECT count(*) FROM hist_raw_20260312)"
DAY = NOON_US // DAY_US


def move(history: History) -> None:
    history.writer.engine_or_open()
    Mover(history.writer, history.clock).finish(until_s=float("inf"))
    assert history.sql("SELECT count(*) FROM hist_fresh") == [(0,)]


@pytest.fixture
def later(history: History) -> History:
    """Days after the hours it records; no minute passes, so rows stay where they are."""
    history.clock.jump_utc(10 * DAY_US / 1e6)
    return history


def test_an_hour_partly_fresh_and_partly_moved_is_rolled_up_whole(later: History) -> None:
    later.record(sample(5.0, NOON_US + 1), sample(9.0, NOON_US + 20 * SECOND_US))
    later.record(sample(2.0, NOON_US + MINUTE_US))
    move(later)
    later.record(sample(1.0, NOON_US + 30 * SECOND_US, tag=OTHER))
    later.record(sample(None, NOON_US + MINUTE_US + 2, Quality.BAD))
    later.record(sample(4.0, NOON_US + MINUTE_US + 3), sample(7.0, NOON_US + 2 * MINUTE_US))
    assert later.sql(COUNTS) == [(4, 3)]
    later.maintain()
    assert later.sql(COUNTS) == [(4, 3)]
    columns = "start_us, n, vmin, vmax, vsum, vlast, bad, first_us, last_us"
    assert later.sql(f"SELECT {columns} FROM hist_1m WHERE tag_id = 1 ORDER BY start_us") == [
        (NOON_US, 2, 5.0, 9.0, 14.0, 9.0, 0, NOON_US + 1, NOON_US + 20 * SECOND_US),
        (NOON_US + MINUTE_US, 2, 2.0, 4.0, 6.0, 4.0, 1, NOON_US + MINUTE_US, NOON_US + MINUTE_US + 3),
        (NOON_US + 2 * MINUTE_US, 1, 7.0, 7.0, 7.0, 7.0, 0, *[NOON_US + 2 * MINUTE_US] * 2),
    ]
    assert later.sql(f"SELECT {columns} FROM hist_1h ORDER BY tag_id") == [
        (NOON_US, 5, 2.0, 9.0, 27.0, 7.0, 1, NOON_US + 1, NOON_US + 2 * MINUTE_US),
        (NOON_US, 1, 1.0, 1.0, 1.0, 1.0, 0, *[NOON_US + 30 * SECOND_US] * 2),
    ]


def test_the_last_row_of_a_minute_counts_though_only_older_ones_are_moved(later: History) -> None:
    later.record(sample(1.0, NOON_US), sample(2.0, NOON_US + 1))
    move(later)
    later.record(sample(None, NOON_US + 2, Quality.BAD))
    later.maintain()
    assert later.sql("SELECT n, vlast, bad, last_us FROM hist_1h") == [(2, None, 1, NOON_US + 2)]


def test_an_hour_rolled_up_fresh_is_unchanged_and_clean_when_its_rows_are_moved(later: History) -> None:
    later.record(*(sample(float(n), NOON_US + n * 25 * SECOND_US) for n in range(7)))
    later.maintain()
    assert later.sql("SELECT count(*) FROM hist_fresh") == [(7,)]
    rolled = later.sql(ROLLUPS)
    before = later.reader.series(TAG, NOON_US, NOON_US + HOUR_US, 60)
    move(later)
    assert later.sql("SELECT * FROM hist_dirty") == []
    later.maintain()
    assert later.sql(ROLLUPS) == rolled
    after = later.reader.series(TAG, NOON_US, NOON_US + HOUR_US, 60)
    assert after.last.tolist() == before.last.tolist()


def test_a_late_row_among_fresh_ones_makes_their_hour_anew(later: History) -> None:
    later.record(sample(2.0, NOON_US), sample(3.0, NOON_US + 5 * SECOND_US))
    later.maintain()
    later.record(sample(9.0, NOON_US + 3 * SECOND_US))
    assert later.sql(COUNTS) == [(2, 1)]
    later.maintain()
    assert later.sql("SELECT n, vmax, vlast FROM hist_1h") == [(3, 9.0, 3.0)]
    assert [item.value for item in later.samples()] == [2.0, 9.0, 3.0]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_value_that_meets_a_fresh_row_is_moved_to_the_next_free_microsecond(
    later: History, restarted: bool
) -> None:
    later.record(sample(2.0, NOON_US), sample("Lager", NOON_US + 5), sample(3.0, NOON_US + 9))
    if restarted:
        later.restart()
    later.record(sample(9.0, NOON_US), sample("Stout", NOON_US + 5), sample(3.0, NOON_US + 9))
    expected = [(0, 2.0), (1, 9.0), (5, "Lager"), (6, "Stout"), (9, 3.0)]
    assert [(item.source_time_us - NOON_US, item.value) for item in later.samples()] == expected
    assert later.sql(COUNTS) == [(3, 2)]


def test_a_file_put_in_place_of_another_is_known_anew(tmp_path: Path) -> None:
    other = History(tmp_path / "other")
    other.record(sample(1.0, NOON_US), sample(2.0, NOON_US + 5))
    move(other)
    other.close()
    history = History(tmp_path / "history")
    history.record(sample(3.0, NOON_US))
    history.restart()
    other.path.replace(history.path)
    history.record(sample(4.0, NOON_US + 5))
    move(history)
    assert [item.value for item in history.samples()] == [1.0, 2.0, 4.0]
    history.close()


def test_a_value_moved_beyond_its_hour_is_rolled_up_there(later: History) -> None:
    later.record(sample(1.0, NOON_US - 1))
    later.maintain()
    later.restart()
    later.record(sample(8.0, NOON_US - 1))
    later.maintain()
    assert [item.source_time_us for item in later.samples()] == [NOON_US - 1, NOON_US]
    assert later.sql("SELECT start_us, vlast FROM hist_1h ORDER BY 1") == [
        (NOON_US - HOUR_US, 1.0),
        (NOON_US, 8.0),
    ]


def test_rows_from_before_and_after_midnight_in_one_batch_go_to_their_own_days(later: History) -> None:
    late_us = MIDNIGHT_US - MINUTE_US
    later.record(
        sample(1.0, late_us),
        sample(2.0, MIDNIGHT_US - 1),
        sample(3.0, MIDNIGHT_US),
        sample("x", MIDNIGHT_US + 1),
    )
    views = "SELECT value FROM history_20260312 UNION ALL SELECT value FROM history_20260313"
    assert later.sql("SELECT count(*) FROM hist_fresh") == [(4,)]
    for _ in range(2):
        assert later.sql(views) == [(1.0,), (2.0,), (3.0,), ("x",)]
        assert [item.value for item in later.samples()] == [1.0, 2.0, 3.0, "x"]
        series = later.reader.series(TAG, late_us, MIDNIGHT_US + 1, 2)
        assert series.binned
        assert series.minimum.tolist()[-1] == 3.0
        assert later.reader.series(TAG, MIDNIGHT_US, MIDNIGHT_US + 1, 9).last.tolist() == [3.0]
        move(later)
    assert later.sql("SELECT ts_us FROM hist_raw_20260312") == [(late_us,), (MIDNIGHT_US - 1,)]
    assert later.sql("SELECT ts_us FROM hist_raw_20260313") == [(MIDNIGHT_US,), (MIDNIGHT_US + 1,)]
    later.maintain()
    hours = later.sql("SELECT start_us, n FROM hist_1h ORDER BY 1")
    assert hours == [(MIDNIGHT_US - HOUR_US, 2), (MIDNIGHT_US, 1)]


@pytest.fixture
def short(tmp_path: Path) -> Iterator[History]:
    """Keeps raw rows for 2 days."""
    history = History(tmp_path, retention=Retention(raw_days=2))
    yield history
    history.close()


def test_fresh_rows_go_with_their_day(short: History) -> None:
    short.record(sample(1.0, NOON_US), sample("Lager", NOON_US + 1), sample(3.0, NOON_US + 2 * DAY_US))
    short.clock.jump_utc(3 * DAY_US / 1e6)
    assert short.writer.rows.fresh_count == 3
    short.maintain()
    assert short.sql("SELECT ts_us FROM hist_fresh") == [(NOON_US + 2 * DAY_US,)]
    assert short.writer.rows.fresh_count == 1
    assert short.sql("SELECT value FROM history") == [(3.0,)]
    assert short.sql("SELECT name FROM sqlite_master WHERE name LIKE '%20260312'") == []
    move(short)
    assert [item.value for item in short.samples()] == [3.0]


def test_a_day_deleted_with_fresh_rows_can_be_written_again(short: History) -> None:
    short.record(sample(1.0, NOON_US), sample("Lager", NOON_US + 1))
    short.clock.jump_utc(3 * DAY_US / 1e6)
    short.maintain()
    short.record(sample(7.0, NOON_US), sample(8.0, NOON_US + 1), sample(9.0, NOON_US + 2))
    short.record(*(sample(5.0, NOON_US + 9, tag=f"line1/Tag{number}") for number in range(3)))
    ((fresh,),) = short.sql("SELECT count(*) FROM hist_fresh")
    assert short.writer.rows.fresh_count == fresh
    assert [item.value for item in short.samples()] == [7.0, 8.0, 9.0]
    move(short)
    assert short.writer.rows.fresh_count == 0
    assert [item.value for item in short.samples()] == [7.0, 8.0, 9.0]
    assert short.sql("SELECT count(*) FROM history") == [(6,)]


def test_a_day_written_again_while_it_is_being_deleted_shows_no_text_of_rows_that_are_gone(
    history: History,
) -> None:
    history.record(sample("Lager", NOON_US), sample("Stout", NOON_US + 1))
    with history.writer.engine_or_open().begin() as connection:
        history.writer.rows.forget_day(DAY)
        assert not delete_some_of(connection, DAY)
    history.restart()
    history.record(sample(4.0, NOON_US), sample("Weizen", NOON_US + 1))
    assert [item.value for item in history.samples()] == [4.0, "Weizen"]
    assert history.sql("SELECT value FROM history ORDER BY time_utc") == [(4.0,), ("Weizen",)]


@pytest.mark.parametrize(("scans", "counts"), [(7, (14, 0)), (8, (0, 16))])
def test_only_batches_with_few_rows_of_each_tag_wait_among_the_fresh(
    history: History, scans: int, counts: tuple[int, int]
) -> None:
    history.record(
        *(sample(1.0, NOON_US + scan * SECOND_US, tag=tag) for scan in range(scans) for tag in (TAG, OTHER))
    )
    assert history.sql(COUNTS) == [counts]
