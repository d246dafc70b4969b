"""A bit over time: what held, what changed, what is not known."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.history import Series
from engine.model import Quality, Sample
from hmi.panel.bit_history import BitHistory
from hmi.panel.machine_look import RibbonKind

S = 1_000_000
NOW = 10_000 * S


def sample(at_s: float, value: bool | None) -> Sample:
    quality = Quality.BAD if value is None else Quality.GOOD
    return Sample("line1/Bit", value, quality, NOW + round(at_s * S))


def series(*points: tuple[float, float]) -> Series:
    times = np.array([NOW + round(at_s * S) for at_s, _ in points], dtype=np.int64)
    values = np.array([value for _, value in points])
    return Series("line1/Bit", NOW - 900 * S, NOW, False, times, values, values, values)


def kinds(history: BitHistory, now_us: int = NOW) -> list[RibbonKind]:
    return [segment.kind for segment in history.segments(now_us)]


def test_nothing_known_is_one_stretch_without_data() -> None:
    assert kinds(BitHistory(900)) == [RibbonKind.NO_DATA]


def test_what_held_before_the_window_is_known() -> None:
    history = BitHistory(60)
    history.add(sample(-300, True))
    assert kinds(history) == [RibbonKind.RUNNING]
    assert history.times_on(NOW) == (0, 60.0)


def test_recorded_and_live_are_joined_where_the_live_begins() -> None:
    history = BitHistory(900)
    history.add(sample(-10, True))
    history.load(series((-600, 0.0), (-300, 1.0), (-200, 0.0), (-5, 0.0)))
    assert kinds(history)[1:] == [
        RibbonKind.READY,
        RibbonKind.RUNNING,
        RibbonKind.READY,
        RibbonKind.RUNNING,
    ]
    assert history.times_on(NOW) == (2, 110.0)


def test_a_bad_sample_is_a_gap_and_no_rise() -> None:
    history = BitHistory(60)
    for each in (sample(-50, True), sample(-40, None), sample(-30, True)):
        history.add(each)
    assert kinds(history)[1:] == [RibbonKind.RUNNING, RibbonKind.NO_DATA, RibbonKind.RUNNING]
    assert history.times_on(NOW)[0] == 0


@given(st.lists(st.tuples(st.integers(-2000, 0), st.sampled_from([True, False, None])), max_size=40))
def test_segments_cover_the_window_without_holes(points: list[tuple[int, bool | None]]) -> None:
    history = BitHistory(900)
    for at_s, value in sorted(points, key=lambda point: point[0]):
        history.add(sample(at_s, value))
    segments = history.segments(NOW)
    assert (segments[0].start_us, segments[-1].end_us) == (NOW - 900 * S, NOW)
    assert all(a.end_us == b.start_us for a, b in pairwise(segments))
    assert all(segment.end_us > segment.start_us for segment in segments)
