import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.history import Series
from engine.model import Quality, Sample
from hmi.panel.gauge_history import BINS, BinnedHistory

S = 1_000_000


def good(second: float, value: float) -> Sample:
    return Sample("line1/X", value, Quality.GOOD, round(second * S))


def series(points: list[tuple[float, float]]) -> Series:
    times = np.array([round(t * S) for t, _ in points], dtype=np.int64)
    values = np.array([v for _, v in points])
    return Series("line1/X", 0, 900 * S, False, times, values, values, values)


def test_the_last_value_holds_until_now() -> None:
    history = BinnedHistory(60)
    history.add(good(1000, 5.0))
    view = history.view(1030 * S)
    assert view.values[-1] == 5.0
    assert view.time_us[-1] == 1030 * S


def test_the_time_before_the_first_point_and_bad_quality_are_gaps() -> None:
    history = BinnedHistory(60)
    history.add(good(1000, 5.0))
    history.add(Sample("line1/X", None, Quality.BAD, 1010 * S))
    history.add(good(1020, 6.0))
    view = history.view(1030 * S)
    assert view.gaps == ((970 * S, 1000 * S), (1010 * S, 1020 * S))


def test_recorded_points_come_before_those_that_came_live_meanwhile() -> None:
    history = BinnedHistory(900)
    history.add(good(890, 3.0))
    history.load(series([(100, 1.0), (500, 2.0), (895, 99.0)]))
    view = history.view(900 * S)
    assert view.values.max() == 3.0
    assert (np.diff(view.time_us) >= 0).all()


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=3000))
def test_memory_is_bounded_and_peaks_survive(values: list[float]) -> None:
    history = BinnedHistory(900)
    for index, value in enumerate(values):
        history.add(good(1 + index * 0.25, value))
    view = history.view(round((1 + len(values) * 0.25) * S))
    assert len(history) <= BINS + 2
    assert view.values.max() == max(values)
    assert view.values.min() == min(values)


def test_what_is_older_than_the_window_goes_but_the_value_that_held_stays() -> None:
    history = BinnedHistory(60)
    history.add(good(100, 7.0))
    view = history.view(1000 * S)
    assert view.values.tolist() == [7.0, 7.0]
    assert view.gaps == ()
