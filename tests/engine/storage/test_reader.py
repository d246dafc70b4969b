import math
import threading
from bisect import bisect_right
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import NoHistoryError, QueryCancelledError, StorageError
from engine.events import Event, EventKind, Severity
from engine.history import CancelToken, Series
from engine.model import Quality, Sample
from engine.storage.batch import Batch, RunMark
from engine.storage.query_plan import choose_bins
from engine.storage.reader import SqlHistoryReader
from tests.engine.storage.history import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    NOON_US,
    SECOND_US,
    TAG,
    URL,
    History,
    sample,
)

NAN = math.nan


def good(item: Sample) -> float | None:
    usable = item.quality in (Quality.GOOD, Quality.UNCERTAIN) and item.value is not None
    return float(item.value) if usable else None


def value_of(series: Series, time_us: int) -> float:
    """What the drawn line shows at a moment."""
    place = bisect_right(series.time_us.tolist(), time_us) - 1
    return float(series.last[place]) if place >= 0 else NAN


def in_gap(series: Series, time_us: int) -> bool:
    return any(start_us <= time_us < end_us for start_us, end_us in series.gaps)


def value_held(items: list[Sample], ends_us: list[int], time_us: int) -> float:
    """Brute force: the newest sample, if it was good and the recorder has not gone off since."""
    before = [item for item in items if item.source_time_us <= time_us]
    if not before:
        return NAN
    newest = max(before, key=lambda item: item.source_time_us)
    if any(newest.source_time_us <= end_us <= time_us for end_us in ends_us):
        return NAN
    value = good(newest)
    return NAN if value is None else value


def test_a_few_samples_come_as_they_are(history: History) -> None:
    history.record(sample(1.0, NOON_US), sample(3.0, NOON_US + 10), sample(2.0, NOON_US + 20))
    series = history.reader.series(TAG, NOON_US, NOON_US + 100, 10)
    assert not series.binned
    assert series.time_us.tolist() == [NOON_US, NOON_US + 10, NOON_US + 20]
    assert series.last.tolist() == series.minimum.tolist() == series.maximum.tolist() == [1.0, 3.0, 2.0]
    assert series.gaps == ()


def test_the_value_held_at_the_start_is_the_first_point_even_days_later(history: History) -> None:
    history.record(sample(7.0, NOON_US - 40 * DAY_US), sample(8.0, NOON_US + 50))
    series = history.reader.series(TAG, NOON_US, NOON_US + 100, 10)
    assert series.time_us.tolist() == [NOON_US, NOON_US + 50]
    assert series.last.tolist() == [7.0, 8.0]


def test_before_the_first_sample_is_a_gap(history: History) -> None:
    history.record(sample(7.0, NOON_US + 50))
    series = history.reader.series(TAG, NOON_US, NOON_US + 100, 10)
    assert series.gaps == ((NOON_US, NOON_US + 50),)
    assert math.isnan(series.last[0])


def test_a_bad_value_opens_a_gap_until_the_next_good_one(history: History) -> None:
    history.record(
        sample(1.0, NOON_US),
        sample(None, NOON_US + 10, Quality.BAD),
        sample(9.0, NOON_US + 15, Quality.STALE),
        sample(2.0, NOON_US + 30, Quality.UNCERTAIN),
    )
    series = history.reader.series(TAG, NOON_US, NOON_US + 100, 10)
    assert series.gaps == ((NOON_US + 10, NOON_US + 30),)
    np.testing.assert_array_equal(series.last, [1.0, NAN, NAN, 2.0])


def test_a_killed_recorder_leaves_a_gap_from_its_last_sign_of_life(history: History) -> None:
    history.record(sample(1.0, NOON_US), run=RunMark("killed", NOON_US - 5, NOON_US + 20))
    history.record(sample(2.0, NOON_US + 70), run=RunMark("next", NOON_US + 60, NOON_US + 90, NOON_US + 95))
    history.clock.jump_utc(3 * DAY_US / 1e6)
    series = history.reader.series(TAG, NOON_US, NOON_US + 100, 10)
    assert series.gaps == ((NOON_US + 20, NOON_US + 70), (NOON_US + 95, NOON_US + 100))


def test_a_recorder_heard_of_just_now_is_still_recording(history: History) -> None:
    now_us = history.clock.utc_us()
    history.record(sample(1.0, now_us - SECOND_US))
    assert history.reader.series(TAG, now_us - SECOND_US, now_us + SECOND_US, 10).gaps == ()
    history.clock.advance(60)
    assert history.reader.series(TAG, now_us - SECOND_US, now_us + SECOND_US, 10).gaps == (
        (now_us, now_us + SECOND_US),
    )


def test_a_tag_without_history_is_one_gap(history: History) -> None:
    history.record(sample(1.0, NOON_US))
    series = history.reader.series("line1/Other", NOON_US, NOON_US + 100, 10)
    assert series.gaps == ((NOON_US, NOON_US + 100),)


steps_us = st.sampled_from([1, SECOND_US, 20 * SECOND_US, 7 * MINUTE_US, 50 * MINUTE_US, 9 * HOUR_US, DAY_US])
values = st.one_of(st.none(), st.integers(-5, 5).map(float))
qualities = st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.BAD, Quality.UNCERTAIN])


@st.composite
def histories(draw: st.DrawFn) -> list[Sample]:
    at_us, items = NOON_US, []
    for step_us in draw(st.lists(steps_us, min_size=1, max_size=40)):
        at_us += step_us
        items.append(sample(draw(values), at_us, draw(qualities)))
    return items


def fill(history: History, items: list[Sample], data: st.DataObject) -> None:
    """In batches of any order, with roll-ups made now and then: late data and half-made roll-ups."""
    history.clock.jump_utc(300 * DAY_US / 1e6)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(items)), max_size=3)))
    parts = [items[a:b] for a, b in zip([0, *cuts], [*cuts, len(items)], strict=True)]
    for part in data.draw(st.permutations(parts)):
        if part:
            history.record(*part)
        if data.draw(st.booleans()):
            history.maintain()


@settings(max_examples=60)
@given(histories(), st.data())
def test_everything_recorded_comes_back_and_every_trend_tells_the_truth(
    tmp_path_factory: pytest.TempPathFactory, items: list[Sample], data: st.DataObject
) -> None:
    history = History(tmp_path_factory.mktemp("history"))
    try:
        fill(history, items, data)
        ends_us: list[int] = []
        assert history.samples() == items
        last_us = items[-1].source_time_us
        start_us = data.draw(st.integers(NOON_US - HOUR_US, last_us))
        end_us = data.draw(st.integers(start_us + 1, last_us + HOUR_US))
        assert list(history.reader.samples(TAG, start_us, end_us)) == [
            item for item in items if start_us <= item.source_time_us < end_us
        ]
        points = data.draw(st.integers(1, 60))
        series = history.reader.series(TAG, start_us, end_us, points)
        assert np.all(np.diff(series.time_us) > 0)
        if series.binned:
            check_bins(series, items, start_us, end_us, points)
        else:
            for moment_us in data.draw(st.lists(st.integers(start_us, end_us - 1), max_size=20)):
                expected = value_held(items, ends_us, moment_us)
                np.testing.assert_equal(value_of(series, moment_us), expected)
                assert in_gap(series, moment_us) == math.isnan(expected)
    finally:
        history.close()


def check_bins(series: Series, items: list[Sample], start_us: int, end_us: int, points: int) -> None:
    """Brute force over the samples with the same bins."""
    _, width_us = choose_bins(start_us, end_us, points)
    bins: dict[int, list[Sample]] = {}
    for item in items:
        if start_us <= item.source_time_us < end_us:
            bins.setdefault(item.source_time_us // width_us, []).append(item)
    assert len(bins) <= points + 2
    found = {
        int(at_us): (low, high, last)
        for at_us, low, high, last in zip(
            series.time_us, series.minimum, series.maximum, series.last, strict=True
        )
    }
    for members in bins.values():
        numbers = [value for value in map(good, members) if value is not None]
        last = good(members[-1])
        low, high, shown = found[members[0].source_time_us]
        np.testing.assert_equal(low, min(numbers, default=NAN))
        np.testing.assert_equal(high, max(numbers, default=NAN))
        np.testing.assert_equal(shown, NAN if last is None else last)


def test_a_year_in_bins_is_the_same_with_and_without_rollups(history: History) -> None:
    items = [
        sample(
            math.sin(number / 50) * 40 + number % 7, NOON_US + number * 3 * HOUR_US + number * 17 * SECOND_US
        )
        for number in range(2900)
    ]
    items[1000] = items[1000]._replace(value=None, quality=Quality.BAD)
    history.record(*items)
    history.clock.jump_utc(500 * DAY_US / 1e6)
    span = (NOON_US + 1234, NOON_US + 365 * DAY_US, 500)
    raw = history.reader.series(TAG, *span)
    assert raw.binned
    check_bins(raw, items, *span)
    history.maintain()
    assert history.sql("SELECT count(*) FROM hist_dirty") == [(0,)]
    rolled = history.reader.series(TAG, *span)
    for name in ("time_us", "minimum", "maximum", "last"):
        np.testing.assert_array_equal(getattr(raw, name), getattr(rolled, name))
    assert raw.gaps == rolled.gaps


def test_a_cancelled_query_stops(history: History) -> None:
    history.record(*(sample(float(number % 5), NOON_US + number * 1000) for number in range(50_000)))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(QueryCancelledError):
        history.reader.series(TAG, NOON_US, NOON_US + DAY_US, 100, cancel)


class _CancelsLate(CancelToken):
    """Cancelled while the database is counting: not at the first look, but at the second."""

    looks = 0

    @property
    def cancelled(self) -> bool:
        self.looks += 1
        return self.looks > 1


def test_a_query_is_cancelled_while_it_runs_and_the_reader_goes_on(history: History) -> None:
    history.record(*(sample(float(number % 5), NOON_US + number * 1000) for number in range(50_000)))
    with pytest.raises(QueryCancelledError):
        history.reader.series(TAG, NOON_US, NOON_US + DAY_US, 100, _CancelsLate())
    assert history.reader.series(TAG, NOON_US, NOON_US + DAY_US, 100).binned


def test_many_threads_read_while_one_writes(history: History) -> None:
    history.record(sample(0.0, NOON_US))
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(20):
                assert len(list(history.reader.samples(TAG, None, None))) >= 1
                history.reader.series(TAG, NOON_US, NOON_US + SECOND_US, 50)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 50):
        history.record(sample(float(number), NOON_US + number))
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(history.samples()) == 50


def test_events_come_newest_first_and_only_from_the_range(history: History) -> None:
    events = [
        Event(NOON_US + n, EventKind.COMMAND, "operator", f"Step {n}", Severity.INFO, (("tag", TAG),))
        for n in range(5)
    ]
    batch = Batch(RunMark("run", 0, 1), [], events=list(enumerate(events)))
    history.write(batch)
    history.write(batch)
    assert history.reader.events(NOON_US + 1, NOON_US + 4) == events[3:0:-1]
    assert history.reader.events(NOON_US, NOON_US + 5, limit=2) == [events[4], events[3]]


def test_asking_for_history_that_does_not_exist_creates_nothing(tmp_path: Path) -> None:
    reader = SqlHistoryReader(URL, tmp_path)
    with pytest.raises(StorageError, match="nothing has been recorded yet"):
        reader.tags()
    assert list(tmp_path.iterdir()) == []


def test_a_trend_of_a_plant_that_has_not_recorded_yet_is_one_gap(tmp_path: Path) -> None:
    reader = SqlHistoryReader(URL, tmp_path)
    series = reader.series(TAG, NOON_US, NOON_US + 10, 100)
    assert series.gaps == ((NOON_US, NOON_US + 10),)
    assert reader.events(NOON_US, NOON_US + 10) == []


def test_a_reader_kept_open_goes_with_the_file_that_took_the_place_of_its_own(history: History) -> None:
    history.record(sample(1.0, NOON_US))
    assert [found.value for found in history.samples()] == [1.0]
    history.writer.close()
    history.path.rename(history.folder / "moved.db")
    with pytest.raises(NoHistoryError):
        history.samples()
    history.record(sample(2.0, NOON_US + 1), sample(3.0, NOON_US + 2))
    assert [found.value for found in history.samples()] == [2.0, 3.0]
