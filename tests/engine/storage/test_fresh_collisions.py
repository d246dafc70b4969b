"""Rows that meet fresh ones of their tag and time: repetitions are left, all others find a free microsecond.

Each is tried with the rows before fresh or moved already, and known to the writer or found in the file.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import StorageError
from engine.model import Quality, Sample, Value
from engine.storage.batch import Batch, RunMark
from engine.storage.spool import pack_batch, unpack_batch
from tests.engine.storage.fresh_rows import assert_each_row_is_in_one_place, fresh_count, moved_count
from tests.engine.storage.history import DAY_US, HOUR_US, NOON_US, TAG, History, sample

OTHER = "line1/Other"
BIG = 2**63 - 1
Before = tuple[bool, bool]


@pytest.fixture(params=[(m, r) for m in (False, True) for r in (False, True)])
def before(request: pytest.FixtureRequest) -> Before:
    """Whether the rows before are moved, and whether the writer was opened anew since."""
    return request.param


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path)
    yield history
    history.close()
    assert_each_row_is_in_one_place(history.path)


def record(history: History, before: Before, *samples: Sample) -> None:
    """The rows that are there before, each day's in a commit of its own."""
    for day in sorted({item.source_time_us // DAY_US for item in samples}):
        history.record(*(item for item in samples if item.source_time_us // DAY_US == day))
    assert fresh_count(history.path) == len(samples)
    is_moved, is_reopened = before
    if is_moved:
        move(history)
    if is_reopened:
        history.restart()


def move(history: History) -> None:
    history.clock.advance(61)
    history.maintain()
    assert fresh_count(history.path) == 0


def meet(history: History, *samples: Sample) -> None:
    """Rows of another run, whose builder knows nothing of those before; writing them again adds nothing."""
    history.builder = type(history.builder)({}, history.clock)
    batch = history.record(*samples)
    once = history.sql("SELECT * FROM history ORDER BY 1, 2")
    history.write(batch)
    history.write(unpack_batch(pack_batch(batch)))
    assert history.sql("SELECT * FROM history ORDER BY 1, 2") == once
    move(history)
    assert history.sql("SELECT * FROM history ORDER BY 1, 2") == once


def found(history: History, tag: str = TAG, base_us: int = NOON_US) -> list[tuple[int, Value | None]]:
    return [(item.source_time_us - base_us, item.value) for item in history.samples(tag)]


def test_the_same_row_again_is_left(history: History, before: Before) -> None:
    record(history, before, sample(1.0, NOON_US), sample(2.0, NOON_US + 1))
    meet(history, sample(1.0, NOON_US), sample(2.0, NOON_US + 1))
    assert found(history) == [(0, 1.0), (1, 2.0)]


def test_another_value_at_the_time_of_the_newest_comes_after_it(history: History, before: Before) -> None:
    record(history, before, sample(1.0, NOON_US))
    meet(history, sample(7.0, NOON_US))
    assert found(history) == [(0, 1.0), (1, 7.0)]


def test_another_quality_is_another_row(history: History, before: Before) -> None:
    record(history, before, sample(1.0, NOON_US), sample(None, NOON_US + 1, Quality.BAD))
    meet(history, sample(1.0, NOON_US, Quality.UNCERTAIN), sample(None, NOON_US + 1, Quality.STALE))
    assert [(item.source_time_us - NOON_US, item.quality) for item in history.samples()] == [
        (0, Quality.GOOD),
        (1, Quality.BAD),
        (2, Quality.UNCERTAIN),
        (3, Quality.STALE),
    ]


def test_a_late_row_that_meets_one_goes_past_all_that_follow_it(history: History, before: Before) -> None:
    record(history, before, *(sample(float(n), NOON_US + n) for n in range(5)))
    meet(history, sample(9.0, NOON_US + 2))
    assert found(history) == [*((n, float(n)) for n in range(5)), (5, 9.0)]


def test_late_rows_between_those_there_go_to_their_own_times(history: History, before: Before) -> None:
    record(history, before, *(sample(float(n), NOON_US + n) for n in (0, 10, 20)))
    meet(history, sample(5.0, NOON_US + 5), sample(15.0, NOON_US + 15))
    assert found(history) == [(n, float(n)) for n in (0, 5, 10, 15, 20)]


def test_of_a_batch_with_late_and_new_rows_none_is_lost(history: History, before: Before) -> None:
    record(history, before, sample(0.0, NOON_US), sample(10.0, NOON_US + 10), sample(1.0, NOON_US, tag=OTHER))
    meet(
        history,
        *(sample(value, NOON_US + at) for at, value in ((0, -1.0), (1, 1.0), (10, 10.0), (11, 11.0))),
        sample(2.0, NOON_US, tag=OTHER),
        sample(3.0, NOON_US + 1, tag=OTHER),
    )
    assert {value for _, value in found(history)} == {0.0, -1.0, 1.0, 10.0, 11.0}
    assert found(history)[0] == (0, 0.0)
    assert found(history)[-2:] == [(10, 10.0), (11, 11.0)]
    assert found(history, OTHER)[0] == (0, 1.0)
    assert {value for _, value in found(history, OTHER)} == {1.0, 2.0, 3.0}


def test_texts_and_long_integers_that_meet_others_keep_their_own(history: History, before: Before) -> None:
    record(
        history,
        before,
        sample("Lager", NOON_US),
        sample(BIG, NOON_US, tag=OTHER),
        sample(BIG - 2, NOON_US + 1, tag=OTHER),
    )
    meet(
        history,
        sample("Stout", NOON_US),
        sample("Lager", NOON_US + 1),
        sample(BIG - 1, NOON_US, tag=OTHER),
        sample(BIG - 2, NOON_US + 1, tag=OTHER),
    )
    assert found(history) == [(0, "Lager"), (1, "Stout"), (2, "Lager")]
    assert found(history, OTHER) == [(0, BIG), (1, BIG - 2), (2, BIG - 1)]
    assert history.sql("SELECT count(*) FROM hist_text_20260312") == [(6,)]


def test_rows_of_a_batch_keep_their_order_when_the_first_meets_another(
    history: History, before: Before
) -> None:
    """Were it pushed past those that follow it, it would be the last value, or be taken for a repetition."""
    record(history, before, sample(1.0, NOON_US), sample(1.0, NOON_US, tag=OTHER))
    meet(
        history,
        *(sample(value, NOON_US + at) for at, value in enumerate((2.0, 3.0, 2.0))),
        *(sample(value, NOON_US + at, tag=OTHER) for at, value in enumerate((2.0, 3.0, 4.0, 5.0))),
    )
    assert found(history) == [(0, 1.0), (1, 2.0), (2, 3.0), (3, 2.0)]
    assert found(history, OTHER) == [(n, n + 1.0) for n in range(5)]


def test_a_number_that_meets_a_text_and_a_text_that_meets_a_number(history: History, before: Before) -> None:
    record(history, before, sample("Lager", NOON_US), sample(1.0, NOON_US, tag=OTHER))
    meet(history, sample(None, NOON_US), sample("Stout", NOON_US, tag=OTHER))
    values = history.sql("SELECT value FROM history ORDER BY tag, time_utc")
    assert values == [("Lager",), (None,), (1.0,), ("Stout",)]


def test_the_clock_set_back_by_hours_every_row_has_its_own_time(history: History, before: Before) -> None:
    later = [sample(float(n), NOON_US + 3 * HOUR_US + n) for n in range(20)]
    record(history, before, *(sample(float(n), item.source_time_us) for n, item in enumerate(later[:5])))
    for n in range(5, 15):
        history.record(sample(-float(n), NOON_US + n))
    meet(history, *later)
    expected = [(n, -float(n)) for n in range(5, 15)] + [(3 * HOUR_US + n, float(n)) for n in range(20)]
    assert found(history) == expected


def test_a_row_of_the_far_future_does_not_disturb_those_of_now(history: History, before: Before) -> None:
    future_us = NOON_US + 400 * DAY_US
    record(history, before, sample(-1.0, future_us), sample(0.0, NOON_US))
    meet(history, *(sample(float(n), NOON_US + n) for n in range(3)), sample(-2.0, future_us))
    assert found(history) == [(n, float(n)) for n in range(3)] + [
        (400 * DAY_US, -1.0),
        (400 * DAY_US + 1, -2.0),
    ]


def test_a_row_pushed_past_midnight_finds_its_place_in_the_next_day(history: History, before: Before) -> None:
    last_us = NOON_US + 12 * HOUR_US - 1
    record(history, before, sample("a", last_us), sample("b", last_us + 1))
    meet(history, sample("c", last_us))
    assert found(history, base_us=last_us) == [(0, "a"), (1, "b"), (2, "c")]


def test_after_a_round_late_rows_still_find_those_that_stayed_fresh(history: History) -> None:
    """Moved: the row of one tag. Fresh: an older one of another, written while nothing was moved."""
    history.record(sample(1.0, NOON_US + 10), sample(2.0, NOON_US, tag=OTHER))
    with history.writer.engine_or_open().begin() as connection:
        history.writer.rows.move(connection, 1, 1)
        history.writer.rows.look_for_oldest(connection)
    assert (fresh_count(history.path), moved_count(history.path)) == (1, 1)
    meet(history, sample(5.0, NOON_US, tag=OTHER), sample(6.0, NOON_US + 10))
    assert found(history, OTHER) == [(0, 2.0), (1, 5.0)]
    assert found(history) == [(10, 1.0), (11, 6.0)]


def test_many_late_rows_of_which_the_last_meets_a_fresh_one(history: History) -> None:
    """More than are looked up at once."""
    history.record(*(sample(float(-n), NOON_US + n) for n in (-9, 999, 2000)))
    assert fresh_count(history.path) == 3
    meet(history, *(sample(float(n), NOON_US + n) for n in range(1000)))
    expected = [
        (-9, 9.0),
        *((n, float(n)) for n in range(999)),
        (999, -999.0),
        (1000, 999.0),
        (2000, -2000.0),
    ]
    assert found(history) == expected


def test_late_rows_of_more_days_than_are_remembered(history: History, before: Before) -> None:
    days = range(8)
    record(history, before, *(sample(float(day), NOON_US + day * DAY_US) for day in days))
    meet(history, *(sample(value, NOON_US + day * DAY_US) for day in days for value in (float(day), -1.0)))
    assert found(history) == [
        row for day in days for row in ((day * DAY_US, float(day)), (day * DAY_US + 1, -1.0))
    ]


def test_a_commit_that_failed_is_not_taken_for_what_was_written(history: History) -> None:
    """Tags, newest times and counts that the writer believed in were rolled back with the rows."""
    history.record(sample(0.0, NOON_US))
    built = history.builder.build([sample(1.0, NOON_US + 1), sample("new", NOON_US, tag=OTHER)])
    run, tags = RunMark("run", 0, 1), list(history.builder.tags)
    with pytest.raises(AttributeError):
        history.write(Batch(run, tags, *built, events=[(1, None)]))  # type: ignore[list-item]
    assert fresh_count(history.path) == 1
    history.write(Batch(run, tags, *built))
    assert history.writer.rows.fresh_count == fresh_count(history.path) == 3
    assert found(history) == [(0, 0.0), (1, 1.0)]
    assert found(history, OTHER) == [(0, "new")]
    move(history)


def test_a_move_that_failed_half_way_is_not_taken_for_one_that_was_made(history: History) -> None:
    """One day fits into the file, the next finds the disk full."""
    history.record(sample(1.0, NOON_US - DAY_US))
    history.record(*(sample(2.0, NOON_US, tag=f"line1/Tag{n}") for n in range(1000)))
    assert fresh_count(history.path) == 1001
    with history.writer.engine_or_open().begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    history.clock.advance(61)
    with pytest.raises(StorageError, match="is full"):
        history.maintenance.step()
    assert (fresh_count(history.path), moved_count(history.path)) == (1001, 0)
    meet(history, sample(5.0, NOON_US - DAY_US), sample(6.0, NOON_US, tag="line1/Tag0"))
    assert found(history) == [(-DAY_US, 1.0), (1 - DAY_US, 5.0)]
    assert found(history, "line1/Tag0") == [(0, 2.0), (1, 6.0)]
    assert moved_count(history.path) == 1003
