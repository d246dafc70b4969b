"""When the controller's alarm bits come and go."""

from hypothesis import given
from hypothesis import strategies as st

from sim.line_alarms import NO_BOTTLE_AFTER_MM, DefectWatch, LineAlarms
from sim.stations import Verdict

GOOD = Verdict(underfilled=False, overfilled=False, capless=False)
EMPTY = Verdict(underfilled=True, overfilled=False, capless=False)


def look(alarms: LineAlarms, **changes) -> None:
    seen = {"level_pct": 60.0, "travel_mm": 0.0, "at_fill": True, "executing": True, "no_caps_s": 0.0}
    alarms.step(**(seen | changes))


def test_low_product_comes_at_25_and_goes_at_28_whatever_is_reset():
    alarms, bits = LineAlarms(), []
    for level in (25.1, 25.0, 27.9, 28.0, 26.0, 25.0):
        alarms.reset(0.0)
        look(alarms, level_pct=level)
        bits.append(alarms.low_product)
    assert bits == [False, True, True, False, False, True]


def test_no_bottle_comes_after_three_pitches_without_one_and_goes_with_the_next():
    alarms = LineAlarms()
    look(alarms, travel_mm=100.0)
    look(alarms, travel_mm=100.0 + NO_BOTTLE_AFTER_MM - 1.0, at_fill=False)
    assert not alarms.no_bottle
    look(alarms, travel_mm=100.0 + NO_BOTTLE_AFTER_MM, at_fill=False)
    assert alarms.no_bottle
    look(alarms, travel_mm=900.0)
    assert not alarms.no_bottle


def test_a_line_that_does_not_run_misses_no_bottles_and_no_caps():
    alarms = LineAlarms()
    look(alarms, travel_mm=5000.0, at_fill=False, no_caps_s=60.0, executing=False)
    assert not alarms.any


def test_a_single_bad_bottle_raises_nothing_two_in_a_row_do():
    alarms = LineAlarms()
    alarms.on_bottle_checked(EMPTY)
    assert not alarms.any
    alarms.on_bottle_checked(EMPTY)
    assert alarms.underfill
    assert alarms.rejects_in_a_row == 2


def test_three_of_twenty_raise_the_alarm_and_ten_good_ones_take_it_back():
    alarms = LineAlarms()
    for verdict in (EMPTY, GOOD, GOOD, GOOD, EMPTY, GOOD, EMPTY):
        assert not alarms.underfill
        alarms.on_bottle_checked(verdict)
    assert alarms.underfill
    for _ in range(9):
        alarms.on_bottle_checked(GOOD)
    assert alarms.underfill
    alarms.on_bottle_checked(GOOD)
    assert not alarms.underfill


def test_reset_takes_back_what_bottles_raised():
    alarms = LineAlarms()
    alarms.on_bottle_checked(EMPTY)
    alarms.on_bottle_checked(EMPTY)
    alarms.reset(0.0)
    assert not alarms.any
    assert alarms.rejects_in_a_row == 0


def test_cap_missing_stays_after_caps_are_back_until_bottles_are_good():
    alarms = LineAlarms()
    look(alarms, no_caps_s=1.9)
    assert not alarms.cap_missing
    look(alarms, no_caps_s=2.0)
    assert alarms.cap_missing
    look(alarms)
    assert alarms.cap_missing
    for _ in range(10):
        alarms.on_bottle_checked(GOOD)
    assert not alarms.cap_missing


@given(st.lists(st.booleans(), max_size=200))
def test_ten_good_bottles_always_end_a_defect_alarm(defects):
    watch = DefectWatch()
    for defect in defects + [False] * 10:
        watch.on_bottle(defect=defect)
    assert not watch.active
