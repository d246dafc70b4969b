"""The states of a machine over time, its last stop, and what came first."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Event, EventKind
from engine.history import Series
from engine.model import Quality, Sample
from hmi.panel.machine_look import RibbonKind
from hmi.panel.overview.last_stop import LOOK_BACK_US, first_out, last_stop
from hmi.panel.overview.timeline import StateTimeline, state_since_us, totals_s

KEY = "line1/StateCurrent"
S = 1_000_000
NOW = 100_000 * S
WINDOW_S = 1000
START = NOW - WINDOW_S * S
RUN, SUSPENDED, ABORTED = 6, 5, 9


def state(time_us, number, quality=Quality.GOOD):
    return Sample(KEY, number, quality, time_us)


def timeline(*points):
    line = StateTimeline(by_packml=True, window_s=WINDOW_S)
    for time_us, number in points:
        line.add(state(time_us, number, Quality.BAD if number is None else Quality.GOOD))
    return line


def series(*points):
    times = np.array([time_us for time_us, _ in points], dtype=np.int64)
    values = np.array([np.nan if number is None else number for _, number in points], dtype=float)
    return Series(KEY, START, NOW, False, times, values, values, values)


def kinds(segments):
    return [segment.kind for segment in segments]


def test_what_was_not_recorded_is_no_data_and_not_a_stop():
    segments = timeline((START + 400 * S, RUN)).segments(NOW)
    assert kinds(segments) == [RibbonKind.NO_DATA, RibbonKind.RUNNING]
    assert totals_s(segments) == {RibbonKind.NO_DATA: 400.0, RibbonKind.RUNNING: 600.0}


def test_a_state_that_held_before_the_window_fills_its_beginning():
    segments = timeline((START - 50 * S, RUN)).segments(NOW)
    assert kinds(segments) == [RibbonKind.RUNNING]
    assert segments[0].start_us == START


def test_a_lost_link_is_a_gap_until_the_next_state():
    segments = timeline((START, RUN), (START + 100 * S, None), (START + 300 * S, RUN)).segments(NOW)
    assert kinds(segments) == [RibbonKind.RUNNING, RibbonKind.NO_DATA, RibbonKind.RUNNING]


def test_recorded_states_go_before_those_that_came_meanwhile():
    line = timeline((NOW - 10 * S, ABORTED))
    line.load(series((START, RUN), (NOW - 5 * S, RUN)))
    assert kinds(line.segments(NOW)) == [RibbonKind.RUNNING, RibbonKind.STOP]


def test_a_running_bit_makes_a_ribbon_too():
    line = StateTimeline(by_packml=False, window_s=WINDOW_S)
    line.add(state(START, True))
    line.add(state(START + 500 * S, False))
    assert kinds(line.segments(NOW)) == [RibbonKind.RUNNING, RibbonKind.STOP]


def test_since_when_is_not_claimed_for_a_state_older_than_the_window():
    assert state_since_us(timeline((START - S, RUN)).segments(NOW)) is None
    later = timeline((START - S, ABORTED), (START + 7 * S, RUN))
    assert state_since_us(later.segments(NOW)) == START + 7 * S


points = st.lists(
    st.tuples(st.integers(START - 500 * S, NOW), st.sampled_from([None, 2, 4, 5, 6, 9, 11, 99])), max_size=30
)


@given(points)
def test_segments_always_cover_the_window_once(found):
    segments = timeline(*found).segments(NOW)
    assert segments[0].start_us == START
    assert segments[-1].end_us == NOW
    assert all(a.end_us == b.start_us for a, b in pairwise(segments))
    assert sum(totals_s(segments).values()) == pytest.approx(WINDOW_S)


def test_the_last_stop_lies_between_two_runs():
    segments = timeline((START, RUN), (START + 100 * S, ABORTED), (START + 340 * S, RUN)).segments(NOW)
    stop = last_stop(segments)
    assert (stop.start_us, stop.start_known) == (START + 100 * S, True)
    assert (stop.end_us, stop.end_known) == (START + 340 * S, True)
    assert stop.text == "Fault"


def test_a_stop_that_goes_on_has_no_end():
    stop = last_stop(timeline((START, RUN), (START + 900 * S, SUSPENDED)).segments(NOW))
    assert stop.end_us is None


def test_where_the_record_breaks_off_the_end_is_not_known():
    segments = timeline((START, RUN), (START + 100 * S, ABORTED), (START + 200 * S, None)).segments(NOW)
    assert not last_stop(segments).end_known


def test_a_stop_older_than_the_record_does_not_pretend_to_know_its_beginning():
    stop = last_stop(timeline((START + 50 * S, ABORTED), (START + 90 * S, RUN)).segments(NOW))
    assert not stop.start_known


def test_a_state_of_less_than_a_second_does_not_hide_the_stop_before_it():
    points = ((START, RUN), (START + 60 * S, SUSPENDED), (START + 90 * S, RUN), (START + 200 * S, SUSPENDED))
    segments = timeline(*points, (START + 200 * S + S // 2, RUN)).segments(NOW)
    stop = last_stop(segments)
    assert (stop.start_us, stop.end_us) == (START + 60 * S, START + 90 * S)


def test_a_line_that_only_ran_had_no_stop():
    assert last_stop(timeline((START, RUN)).segments(NOW)) is None
    assert last_stop(timeline().segments(NOW)) is None


def bit(*changes):
    return [Sample("line1/NoBottle", on, Quality.GOOD, time_us) for time_us, on in changes]


def test_the_bit_that_came_on_first_is_the_first_out():
    bits = [
        ("Cap missing", bit((START - 5 * S, True))),
        ("No bottle", bit((START - 20 * S, True))),
    ]
    assert first_out(START, bits, [], "line1") == "No bottle"


def test_a_bit_that_went_off_before_the_stop_is_not_its_cause():
    assert (
        first_out(START, [("No bottle", bit((START - 20 * S, True), (START - 9 * S, False)))], [], "line1")
        == ""
    )


def test_what_was_on_long_before_is_not_taken_for_the_cause():
    assert first_out(START, [("Low level", bit((START - LOOK_BACK_US - S, True)))], [], "line1") == ""


def test_a_stop_that_somebody_asked_for_names_who():
    asked = Event(START - S, EventKind.COMMAND, "line1/StopCommand", "operator: Stop")
    elsewhere = Event(START - 2 * S, EventKind.COMMAND, "line2/StopCommand", "operator: Stop")
    assert first_out(START, [], [asked, elsewhere], "line1") == "operator: Stop"
