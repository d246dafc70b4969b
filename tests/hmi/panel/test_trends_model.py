"""What the trends draw, without Qt: window, ticks, cursors, pens, traces, states, scales."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config.production import Shift
from engine.history import Series
from hmi.panel.limits import Limits
from hmi.panel.machine_look import RibbonKind
from hmi.panel.trends.cursors import CursorName, Cursors
from hmi.panel.trends.lane_scale import lane_range
from hmi.panel.trends.pens import MOST_PENS, Pens
from hmi.panel.trends.points import Points
from hmi.panel.trends.shift_window import shift_window
from hmi.panel.trends.states import running_segments, stopped_us
from hmi.panel.trends.ticks import time_ticks
from hmi.panel.trends.trace import Trace
from hmi.panel.trends.window import HOUR_US, SHORTEST_US, Range, TimeView, TimeWindow

SECOND = 1_000_000
NOW = 1_773_308_400 * SECOND
BERLIN = ZoneInfo("Europe/Berlin")


def us(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def series(*points: tuple[float, float], end_s: float = 100, binned: bool = False) -> Series:
    """Points are (second, value); NaN begins a gap that lasts to the next point."""
    times = np.array([round(t * SECOND) for t, _ in points], dtype=np.int64)
    values = np.array([v for _, v in points])
    edges = [*times.tolist(), round(end_s * SECOND)]
    gaps: list[tuple[int, int]] = []
    for i in np.flatnonzero(np.isnan(values)):
        start = gaps.pop()[0] if gaps and gaps[-1][1] == edges[i] else edges[i]
        gaps.append((start, edges[i + 1]))
    return Series("c/T", 0, round(end_s * SECOND), binned, times, values, values, values, tuple(gaps))


def trace(step: bool = False, *points: tuple[float, float], live: bool = False, end_s: float = 100) -> Trace:
    made = Trace(0, step=step, scan_us=SECOND)
    made.load(series(*points, end_s=end_s), live=live)
    return made


NAN = float("nan")


class TestWindow:
    def test_it_follows_the_clock_until_it_is_moved_away(self) -> None:
        view = TimeView(NOW, Range.HOUR)
        assert view.advance(NOW + SECOND)
        assert view.window == TimeWindow(NOW + SECOND - HOUR_US, NOW + SECOND)
        view.move(-HOUR_US, NOW + SECOND)
        assert not view.following
        assert not view.advance(NOW + 9 * SECOND)

    def test_pushed_against_now_it_follows_again_as_the_same_range(self) -> None:
        view = TimeView(NOW, Range.HOUR)
        view.move(-HOUR_US, NOW)
        assert view.range is None
        view.move(2 * HOUR_US, NOW)
        assert view.following
        assert (view.range, view.window.end_us) == (Range.HOUR, NOW)

    def test_zoom_of_a_following_window_keeps_its_end_at_now(self) -> None:
        view = TimeView(NOW, Range.LIVE)
        view.zoom(0.5, view.window.start_us, NOW)
        assert view.window.end_us == NOW
        assert view.range is Range.LIVE

    @given(st.floats(0.01, 100), st.floats(0, 1))
    def test_the_anchor_of_a_zoom_stays_where_it_was(self, factor: float, share: float) -> None:
        window = TimeWindow(NOW, NOW + HOUR_US)
        anchor = NOW + round(share * HOUR_US)
        zoomed = window.zoomed(factor, anchor)
        assert zoomed.span_us >= SHORTEST_US
        assert (anchor - zoomed.start_us) / zoomed.span_us == pytest.approx(share, abs=1e-5)


class TestTicks:
    def test_full_steps_of_local_time(self) -> None:
        start = us("2026-03-12T08:41:07")
        texts = [tick.text for tick in time_ticks(start, start + HOUR_US, 7, BERLIN)]
        assert texts == ["09:50", "10:00", "10:10", "10:20", "10:30", "10:40"]

    def test_midnight_of_the_site_names_the_day(self) -> None:
        start = us("2026-03-11T18:00:00")
        texts = [tick.text for tick in time_ticks(start, start + 8 * HOUR_US, 5, BERLIN)]
        assert "Thu 12 Mar" in texts

    def test_when_the_clocks_change_ticks_stay_on_full_hours(self) -> None:
        start = us("2026-03-28T20:00:00")
        texts = [tick.text for tick in time_ticks(start, start + 12 * HOUR_US, 7, BERLIN)]
        assert all(text.endswith(":00") or text == "Sun 29 Mar" for text in texts)

    @given(st.integers(0, 2**41), st.integers(SHORTEST_US, 400 * 24 * HOUR_US), st.integers(2, 20))
    def test_ticks_ascend_inside_the_window_and_are_few(self, start_ms: int, span: int, most: int) -> None:
        start = start_ms * 1000
        times = [tick.time_us for tick in time_ticks(start, start + span, most, BERLIN)]
        assert times == sorted(set(times))
        assert all(start <= t <= start + span for t in times)
        assert len(times) <= 2 * most + 2


class TestCursors:
    def test_taps_place_a_then_b_then_the_nearer_one(self) -> None:
        cursors = Cursors()
        assert [cursors.tap(10), cursors.tap(50)] == [CursorName.A, CursorName.B]
        assert cursors.difference_us == 40
        assert cursors.tap(40) is CursorName.B
        assert cursors.tap(12) is CursorName.A
        assert cursors.difference_us == 28

    def test_keys_move_the_picked_one_within_the_window(self) -> None:
        cursors = Cursors()
        assert not cursors.step(5, 0, 100)
        cursors.pick(CursorName.B, 50)
        assert cursors.step(80, 0, 100)
        assert cursors.time_us(CursorName.B) == 100


class TestPens:
    def test_no_more_than_six(self) -> None:
        pens = Pens(f"c/{i}" for i in range(9))
        assert len(pens) == MOST_PENS
        assert not pens.add("c/8")
        assert pens.add("c/2")
        assert pens.selected == "c/2"

    def test_a_pen_keeps_its_colour_while_others_go(self) -> None:
        pens = Pens(["c/a", "c/b", "c/c"])
        pens.remove("c/a")
        pens.add("c/d")
        assert {pen.key: pen.color for pen in pens} == {"c/b": "pen2", "c/c": "pen3", "c/d": "pen1"}


class TestTrace:
    def test_a_gap_is_never_bridged(self) -> None:
        drawn = trace(False, (0, 1.0), (10, NAN), (20, 2.0), (21, 3.0))
        x, y = drawn.line(0)
        assert np.isnan(y[x == 10]).any()
        before, after = y[x < 10], y[x >= 20]
        assert set(before) == {1.0}
        assert after.tolist() == [2.0, 3.0, 3.0]
        assert drawn.gaps(0) == [(10 * SECOND, 20 * SECOND)]
        assert drawn.value_at(15 * SECOND, 0) is None

    def test_a_live_gap_stays_open_until_a_good_value_comes(self) -> None:
        drawn = trace(False, (0, 1.0), live=True, end_s=10)
        drawn.append(12 * SECOND, NAN)
        assert drawn.gaps(30 * SECOND) == [(12 * SECOND, 30 * SECOND)]
        x, y = drawn.line(30 * SECOND)
        assert x[-1] == 12
        assert np.isnan(y[-1])
        drawn.append(40 * SECOND, 5.0)
        assert drawn.gaps(60 * SECOND) == [(12 * SECOND, 40 * SECOND)]
        assert drawn.value_at(39 * SECOND, 60 * SECOND) is None
        assert drawn.value_at(55 * SECOND, 60 * SECOND) == 5.0

    def test_bits_are_drawn_as_steps(self) -> None:
        x, y = trace(True, (0, 0.0), (10, 1.0)).line(0)
        assert list(zip(x, y, strict=True)) == [(0, 0), (10, 0), (10, 1), (100, 1)]

    def test_a_real_is_a_line_but_stands_still_where_it_did(self) -> None:
        x, y = trace(False, (0, 0.0), (1, 5.0), (50, 9.0)).line(0)
        assert list(zip(x, y, strict=True)) == [(0, 0), (1, 5), (49, 5), (50, 9), (100, 9)]

    def test_bins_are_drawn_with_their_peaks(self) -> None:
        times = np.arange(4, dtype=np.int64) * 10 * SECOND
        low, high, last = np.full(4, 1.0), np.array([1.0, 99.0, 1.0, 1.0]), np.full(4, 1.0)
        drawn = Trace(0, step=False, scan_us=SECOND)
        drawn.load(Series("c/T", 0, 40 * SECOND, True, times, low, high, last), live=False)
        assert drawn.line(0)[1].max() == 99.0
        assert drawn.bounds(0, 40 * SECOND) == (1.0, 99.0)

    def test_live_samples_go_on_where_history_ends_without_doubles(self) -> None:
        drawn = Trace(0, step=False, scan_us=SECOND)
        for second in range(8, 14):
            drawn.append(second * SECOND, float(second))
        drawn.load(series((0, 0.0), (10, 10.0), end_s=12), live=True)
        x, y = drawn.line(14 * SECOND)
        assert y[x >= 10].tolist() == [10.0, 11.0, 12.0, 13.0, 13.0]
        drawn.append(12 * SECOND, 77.0)
        assert drawn.value_at(14 * SECOND, 15 * SECOND) == 13.0

    def test_a_stretch_of_the_past_does_not_grow(self) -> None:
        drawn = trace(False, (0, 1.0), live=False, end_s=10)
        drawn.append(50 * SECOND, 9.0)
        assert drawn.line(60 * SECOND)[0].max() == 10
        assert drawn.value_at(50 * SECOND, 60 * SECOND) is None

    @given(st.lists(st.one_of(st.just(NAN), st.floats(-1e6, 1e6)), min_size=1, max_size=60), st.booleans())
    def test_live_or_from_history_the_same_samples_draw_the_same_line(
        self, values: list[float], step: bool
    ) -> None:
        points = [(float(i), v) for i, v in enumerate(values)]
        whole = trace(step, *points, live=True, end_s=len(values))
        grown = trace(step, points[0], live=True, end_s=0.5)
        for second, value in points[1:]:
            grown.append(round(second * SECOND), value)
        for one, other in zip(whole.line(99 * SECOND), grown.line(99 * SECOND), strict=True):
            np.testing.assert_allclose(one, other)
        assert whole.gaps(99 * SECOND) == grown.gaps(99 * SECOND)

    def test_only_what_is_in_sight_is_handed_out(self) -> None:
        drawn = trace(True, *((float(i), float(i)) for i in range(90)))
        x, _ = drawn.line_in(10 * SECOND, 20 * SECOND, 0)
        assert 9 <= x.min() <= 10
        assert 20 <= x.max() <= 21


def test_points_grow_without_a_copy_for_each() -> None:
    points, capacities = Points(), set()
    for i in range(10_000):
        points.append(i, -i)
        capacities.add(points.capacity)
    x, y = points.view()
    assert len(capacities) <= 5
    assert x.base is not None
    assert (x[-1], y[-1], len(x)) == (9999, -9999, 10_000)


def test_states_of_the_machine_and_how_long_it_stood() -> None:
    times = np.array([0, 10, 20, 30], dtype=np.int64) * SECOND
    segments = running_segments(times, np.array([1.0, 0.0, NAN, 1.0]), 40 * SECOND)
    kinds = [segment.kind for segment in segments]
    assert kinds == [RibbonKind.RUNNING, RibbonKind.STOP, RibbonKind.NO_DATA, RibbonKind.RUNNING]
    assert stopped_us(segments, 15 * SECOND, 40 * SECOND) == 5 * SECOND


class TestLaneRange:
    LIMITS = Limits(95, 90, 25, 15)

    def test_limits_and_values_are_inside(self) -> None:
        low, high = lane_range((10.0, 50.0), self.LIMITS, (40, 80))
        assert low < 10
        assert 90 < high < 100

    def test_it_does_not_breathe_with_the_values(self) -> None:
        before = lane_range((20.0, 50.0), self.LIMITS, None)
        assert lane_range((30.0, 60.0), self.LIMITS, None, before) == before

    def test_a_constant_without_limits_has_room(self) -> None:
        low, high = lane_range((7.0, 7.0), None, None)
        assert low < 7 < high


def test_the_shift_that_is_on_or_was_last() -> None:
    shifts = [
        Shift(name="Early", start="06:00", end="14:00"),
        Shift(name="Night", start="22:00", end="06:00"),
    ]
    at_ten = us("2026-03-12T09:40:00")
    assert shift_window(shifts, at_ten, BERLIN) == TimeWindow(us("2026-03-12T05:00:00"), at_ten)
    at_three_pm = us("2026-03-12T14:00:00")
    window = shift_window(shifts, at_three_pm, BERLIN)
    assert window == TimeWindow(us("2026-03-12T05:00:00"), us("2026-03-12T13:00:00"))
    assert shift_window([], at_ten, BERLIN) is None
