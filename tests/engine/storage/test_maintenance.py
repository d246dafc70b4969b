from itertools import chain, repeat
from pathlib import Path

import pytest

from engine.model import Quality
from engine.storage import retention
from engine.storage.retention import Retention, trusted_day
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

COLUMNS = "start_us, n, vmin, vmax, vsum, vlast, bad, first_us, last_us"


def test_an_hour_is_rolled_up_when_it_is_over(history: History) -> None:
    history.record(
        sample(2.0, NOON_US + 5),
        sample(6.0, NOON_US + 30 * SECOND_US),
        sample(4.0, NOON_US + MINUTE_US),
        sample(None, NOON_US + MINUTE_US + 9, Quality.BAD),
    )
    history.clock.jump_utc((NOON_US + HOUR_US - history.clock.utc_us()) / 1e6)
    history.maintain()
    assert history.sql("SELECT * FROM hist_1m") == []
    history.clock.advance(61)
    history.maintain()
    assert history.sql(f"SELECT {COLUMNS} FROM hist_1m ORDER BY start_us") == [
        (NOON_US, 2, 2.0, 6.0, 8.0, 6.0, 0, NOON_US + 5, NOON_US + 30 * SECOND_US),
        (NOON_US + MINUTE_US, 1, 4.0, 4.0, 4.0, None, 1, NOON_US + MINUTE_US, NOON_US + MINUTE_US + 9),
    ]
    assert history.sql(f"SELECT {COLUMNS} FROM hist_1h") == [
        (NOON_US, 3, 2.0, 6.0, 12.0, None, 1, NOON_US + 5, NOON_US + MINUTE_US + 9)
    ]
    assert history.sql("SELECT * FROM hist_dirty") == []
    assert history.sql("SELECT tag, start_utc, average FROM history_1h") == [
        (TAG, "2026-03-12T12:00:00Z", 4.0)
    ]


def test_late_data_makes_its_hour_anew(history: History) -> None:
    history.clock.jump_utc(DAY_US / 1e6)
    history.record(sample(2.0, NOON_US))
    history.maintain()
    history.record(sample(9.0, NOON_US + 1))
    assert history.sql("SELECT hour_us FROM hist_dirty") == [(NOON_US,)]
    history.maintain()
    assert history.sql("SELECT n, vmax FROM hist_1h") == [(2, 9.0)]


def test_data_that_comes_while_its_hour_is_rolled_up_is_not_forgotten(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.clock.jump_utc(DAY_US / 1e6)
    history.record(sample(1.0, NOON_US), sample(1.0, NOON_US, tag="line1/Other"))
    readings = iter([0.0, 0.0, 0.0, 1.0, 1.0])
    with monkeypatch.context() as patch:
        patch.setattr(history.clock, "monotonic", lambda: next(readings))
        assert history.maintenance.step()
    assert history.sql("SELECT count(*) FROM hist_1h") == [(1,)]
    history.record(sample(5.0, NOON_US + 1))
    history.maintain()
    assert history.sql("SELECT n FROM hist_1h ORDER BY tag_id") == [(2,), (1,)]
    assert history.sql("SELECT * FROM hist_dirty") == []


@pytest.fixture
def short(tmp_path: Path) -> History:
    """Keeps raw rows for 2 days and roll-ups for 10."""
    return History(tmp_path, retention=Retention(raw_days=2, rollup_days=10))


def test_old_days_go_but_their_rollups_stay_and_are_still_drawn(short: History) -> None:
    for day in range(5):
        short.record(*(sample(float(n), NOON_US + day * DAY_US + n * SECOND_US) for n in range(100)))
        short.clock.advance(DAY_US / 1e6)
        short.maintain()
    assert short.sql("SELECT name FROM sqlite_master WHERE name GLOB 'hist_raw_*' ORDER BY name") == [
        ("hist_raw_20260315",),
        ("hist_raw_20260316",),
    ]
    assert short.sql("SELECT min(time_utc) FROM history") == [("2026-03-15T12:00:00.000000Z",)]
    assert short.samples()[0].source_time_us == NOON_US + 3 * DAY_US
    (record,) = short.reader.tags()
    assert record.first_us == NOON_US
    series = short.reader.series(TAG, NOON_US - HOUR_US, NOON_US + HOUR_US, 1000)
    assert series.binned
    assert series.minimum[1:].tolist() == [0.0, 60.0]
    assert series.maximum[1:].tolist() == [59.0, 99.0]
    held = short.reader.series(TAG, NOON_US + HOUR_US, NOON_US + 2 * HOUR_US, 10)
    assert held.last.tolist() == [99.0]
    short.close()


def test_a_day_found_old_by_a_clock_set_wrong_is_kept_once_the_clock_is_right(short: History) -> None:
    short.record(*(sample(float(n), NOON_US + n) for n in range(10)))
    short.clock.jump_utc(3 * DAY_US / 1e6)
    assert short.maintenance.step()
    assert short.maintenance.step()
    assert short.maintenance._expired == [NOON_US // DAY_US]
    short.clock.jump_utc(-3 * DAY_US / 1e6)
    short.record(*(sample(float(n), NOON_US + n) for n in range(10, 20)))
    short.maintain()
    assert [found.value for found in short.samples()] == [float(n) for n in range(20)]
    short.clock.advance(3 * HOUR_US / 1e6)
    short.maintain()
    assert short.sql("SELECT n FROM hist_1h") == [(20,)]
    short.close()


def test_rollups_and_events_go_when_their_time_is_over(short: History) -> None:
    short.record(sample(1.0, NOON_US))
    short.clock.advance(3 * DAY_US / 1e6)
    short.maintain()
    assert short.sql("SELECT count(*) FROM hist_1h") == [(1,)]
    short.clock.advance(9 * DAY_US / 1e6)
    short.maintain()
    assert short.sql("SELECT count(*) FROM hist_1h UNION ALL SELECT count(*) FROM hist_1m") == [(0,), (0,)]
    assert short.sql("SELECT count(*) FROM hist_partition") == [(0,)]
    short.close()


def test_a_big_day_is_deleted_in_pieces_and_hidden_at_once(
    short: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    short.record(*(sample(float(n), NOON_US + n) for n in range(12_000)))
    short.clock.advance(3 * DAY_US / 1e6)
    assert short.maintenance.step()
    assert short.maintenance.step()
    assert short.maintenance.step()
    readings = iter([0.0, 0.0, 0.0, 1.0])
    with monkeypatch.context() as patch:
        patch.setattr(short.clock, "monotonic", lambda: next(readings))
        assert short.maintenance.step()
    assert short.sql("SELECT count(*) FROM hist_raw_20260312") == [(7000,)]
    assert short.samples() == []
    short.maintain()
    assert short.sql("SELECT name FROM sqlite_master WHERE name LIKE '%20260312'") == []
    short.close()


def test_old_rollups_of_many_tags_go_in_steps_that_stop_when_their_time_is_over(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_TAGS_AT_ONCE", 3)
    tags = [f"line1/Tag{number}" for number in range(8)]
    history.record(*(sample(1.0, NOON_US + day * DAY_US, tag=tag) for tag in tags for day in range(2)))
    history.clock.jump_utc(10 * DAY_US / 1e6)
    history.maintain()
    left = "SELECT count(*) FROM hist_1m UNION ALL SELECT count(*) FROM hist_1h"
    assert history.sql(left) == [(16,), (16,)]
    with history.writer.engine_or_open().begin() as connection:
        work = retention.OldRollups(connection, NOON_US + DAY_US)
        assert not work.step(connection, lambda: True)
    assert history.sql(left) == [(16,), (16,)]
    for expected in ([(13,), (13,)], [(10,), (10,)]):
        out_of_time = iter([False, True])
        with history.writer.engine_or_open().begin() as connection:
            assert not work.step(connection, lambda of=out_of_time: next(of))
        assert history.sql(left) == expected
    with history.writer.engine_or_open().begin() as connection:
        assert work.step(connection, lambda: False)
        assert work.step(connection, lambda: False)
    assert history.sql(left) == [(8,), (8,)]
    assert history.sql("SELECT DISTINCT start_us FROM hist_1h") == [(NOON_US + DAY_US,)]


def test_maintenance_lets_writes_pass_between_steps_of_deleting_old_rollups(
    short: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_TAGS_AT_ONCE", 1)
    short.record(*(sample(1.0, NOON_US, tag=f"line1/Tag{number}") for number in range(4)))
    short.clock.jump_utc(3 * DAY_US / 1e6)
    short.maintain()
    left = "SELECT count(*) FROM hist_1h"
    assert short.sql(left) == [(4,)]
    short.clock.jump_utc(9 * DAY_US / 1e6)
    short.clock.advance(600)
    assert short.maintenance.step()
    assert short.sql(left) == [(4,)]
    readings = chain([0.0, 0.0], repeat(1.0))
    with monkeypatch.context() as patch:
        patch.setattr(short.clock, "monotonic", lambda: next(readings))
        assert short.maintenance.step()
    assert short.sql(left) == [(3,)]
    short.record(sample(2.0, short.clock.utc_us(), tag="line1/Tag0"))
    short.maintain()
    assert short.sql(left) == [(0,)]
    assert [item.value for item in short.samples("line1/Tag0")] == [2.0]
    short.close()


def test_a_day_that_the_file_does_not_have_holds_up_nothing(short: History) -> None:
    """Another file took the place of the one whose old day was about to be deleted."""
    short.record(sample(1.0, NOON_US))
    short.clock.advance(3 * DAY_US / 1e6)
    for _ in range(3):
        assert short.maintenance.step()
    short.close()
    for file in short.folder.glob("history.db*"):
        file.unlink()
    for _ in range(10):
        if not short.maintenance.step():
            break
    assert not short.maintenance.step()
    short.close()


def test_a_late_row_into_a_day_already_deleted_does_not_take_the_place_of_its_rollups(short: History) -> None:
    short.record(*(sample(float(n), NOON_US + n * SECOND_US) for n in range(100)))
    short.record(sample(7.0, NOON_US + HOUR_US, tag="line1/Other"))
    short.clock.advance(3 * DAY_US / 1e6)
    short.maintain()
    short.record(sample(5.0, NOON_US + 200 * SECOND_US), sample(8.0, NOON_US, tag="line1/Other"))
    short.maintain()
    assert short.sql("SELECT start_us, n, vmax FROM hist_1h WHERE tag_id = 1") == [(NOON_US, 100, 99.0)]
    other = short.sql("SELECT start_us, n, vmax FROM hist_1h WHERE tag_id = 2 ORDER BY start_us")
    assert other == [(NOON_US, 1, 8.0), (NOON_US + HOUR_US, 1, 7.0)]
    assert short.sql("SELECT count(*) FROM hist_1m WHERE tag_id = 1") == [(2,)]
    assert short.sql("SELECT * FROM hist_dirty") == []
    short.close()


@pytest.mark.parametrize(
    ("recorded", "today", "trusted"),
    [
        pytest.param([], 500, 500, id="a new plant"),
        pytest.param([497, 498, 499], 500, 500, id="every day"),
        pytest.param([480, 490], 500, 500, id="seldom"),
        pytest.param([498, 499], 864, 499, id="a clock just set ahead"),
        pytest.param([498, 499, 864], 865, 499, id="the second day of it"),
        pytest.param([498, 499, 864, 865], 866, 866, id="the third day of it"),
        pytest.param([498, 499, 864, 865, 866], 500, 500, id="set right again"),
        pytest.param([498, 499, 864, 900], 950, 499, id="set ahead again and again"),
        pytest.param([0, 499], 500, 0, id="a value of 1970 in a new plant"),
        pytest.param([0, 498, 499], 500, 500, id="a value of 1970"),
    ],
)
def test_retention_counts_from_a_day_that_the_records_bear_out(
    recorded: list[int], today: int, trusted: int
) -> None:
    assert trusted_day(recorded, today) == trusted


def test_a_clock_set_ahead_deletes_nothing_until_it_is_borne_out(short: History) -> None:
    short.record(sample(1.0, NOON_US), sample(2.0, NOON_US + DAY_US))
    short.clock.jump_utc(366 * DAY_US / 1e6)
    for day in range(366, 368):
        short.record(sample(3.0, NOON_US + day * DAY_US))
        short.clock.advance(600)
        short.maintain()
        assert short.sql("SELECT count(*) FROM history") == [(day - 363,)]
        short.clock.advance(DAY_US / 1e6 - 600)
    assert short.sql("SELECT count(*) FROM hist_1h") == [(3,)]
    short.record(sample(3.0, NOON_US + 368 * DAY_US))
    short.maintain()
    assert short.sql("SELECT min(time_utc) FROM history") == [("2027-03-13T12:00:00.000000Z",)]
    short.close()
