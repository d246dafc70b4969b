from hypothesis import given
from hypothesis import strategies as st

from hmi.panel.limit import Limit
from hmi.panel.tag_alarm import HitDelay

LOW, LOW_LOW = Limit("L", 25.0, 2), Limit("LL", 15.0, 1)


def test_a_limit_counts_only_after_its_delay() -> None:
    delay = HitDelay(5.0, 2.0)
    assert delay.update(LOW, 0.0) is None
    assert delay.update(LOW, 4.9) is None
    assert delay.update(LOW, 5.0) == LOW


def test_a_short_dip_never_counts() -> None:
    delay = HitDelay(5.0, 2.0)
    for second in range(20):
        assert delay.update(LOW if second % 4 else None, float(second)) is None


def test_it_goes_only_after_its_off_delay_and_worsens_at_once() -> None:
    delay = HitDelay(0.0, 2.0)
    assert delay.update(LOW, 0.0) == LOW
    assert delay.update(LOW_LOW, 0.1) == LOW_LOW
    assert delay.update(None, 1.0) == LOW_LOW
    assert delay.update(None, 3.0) is None


@given(st.lists(st.sampled_from([None, LOW, LOW_LOW]), max_size=40))
def test_without_delays_what_is_passed_is_what_is_shown(passed: list[Limit | None]) -> None:
    delay = HitDelay()
    assert [delay.update(limit, float(n)) for n, limit in enumerate(passed)] == passed
