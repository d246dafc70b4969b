import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.panel.motion import PointerMotion, out_cubic


def test_the_first_value_is_shown_at_once() -> None:
    motion = PointerMotion()
    motion.aim(40.0, 100.0)
    assert motion.position == 40.0
    assert not motion.moving


def test_a_small_change_takes_a_quarter_of_a_second_quick_at_first() -> None:
    motion = PointerMotion()
    motion.aim(40.0, 100.0)
    motion.aim(50.0, 100.0)
    motion.advance(0.125)
    assert motion.position == pytest.approx(48.75)
    motion.advance(0.125)
    assert motion.position == 50.0
    assert not motion.advance(0.1)


def test_a_change_of_more_than_a_fifth_of_the_span_snaps() -> None:
    motion = PointerMotion()
    motion.aim(40.0, 100.0)
    motion.aim(61.0, 100.0)
    assert motion.position == 61.0


def test_a_change_of_quality_or_reduced_motion_snaps() -> None:
    motion = PointerMotion()
    motion.aim(40.0, 100.0)
    motion.aim(41.0, 100.0, snap=True)
    assert motion.position == 41.0


@given(st.floats(-1, 2))
def test_the_easing_stays_between_start_and_end(share: float) -> None:
    assert 0.0 <= out_cubic(share) <= 1.0
