"""Controllers are polled at different moments, whatever their periods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.poll_phases import Phases


def gaps(times, period):
    ordered = sorted(times)
    return [b - a for a, b in zip(ordered, [*ordered[1:], ordered[0] + period], strict=True)]


@given(st.integers(1, 300), st.sampled_from([10, 100, 250, 500, 1000, 60_000]))
def test_controllers_of_one_period_never_bunch(count, scan_ms):
    phases = Phases()
    times = [phases.next_s(scan_ms) for _ in range(count)]
    even = scan_ms / 1e3 / count
    assert all(0 <= time < scan_ms / 1e3 for time in times)
    assert min(gaps(times, scan_ms / 1e3)) > 0.38 * even
    assert max(gaps(times, scan_ms / 1e3)) < 2.7 * even


@pytest.mark.parametrize("others", [[250, 1000], [1000, 250, 2000]])
def test_neither_do_those_whose_periods_divide_each_other(others):
    phases = Phases()
    firsts = [phases.next_s(scan_ms) for scan_ms in (500, *others)]
    shortest = min(500, *others) / 1e3
    assert min(gaps([first % shortest for first in firsts], shortest)) > 0.01


def test_one_that_is_added_leaves_the_others_where_they_are():
    one, more = Phases(), Phases()
    assert [one.next_s(500) for _ in range(5)] == [more.next_s(500) for _ in range(6)][:5]
