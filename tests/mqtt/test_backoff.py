"""How long a link waits between its tries."""

import random

from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.backoff import Backoff


@given(st.integers(), st.integers(0, 200))
def test_every_delay_is_between_one_second_and_one_minute(seed: int, failures: int) -> None:
    backoff = Backoff(random.Random(seed))
    delays = [backoff.next_delay_s() for _ in range(failures + 1)]
    assert all(1 <= delay <= 60 for delay in delays)


def test_delays_double_and_are_spread() -> None:
    many = [Backoff(random.Random(seed)) for seed in range(200)]
    for failure in range(8):
        delays = [backoff.next_delay_s() for backoff in many]
        nominal = min(40, 2**failure)
        assert min(delays) >= nominal
        assert max(delays) <= nominal * 1.5
        assert max(delays) - min(delays) > nominal * 0.4


def test_after_a_session_that_lasted_it_begins_anew() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(10):
        backoff.next_delay_s()
    backoff.reset()
    assert backoff.next_delay_s() <= 1.5


@given(st.integers(), st.integers(0, 200))
def test_a_lower_cap_is_kept(seed: int, failures: int) -> None:
    backoff = Backoff(random.Random(seed), 1.0, 5.0)
    delays = [backoff.next_delay_s() for _ in range(failures + 1)]
    assert all(1 <= delay <= 7.5 for delay in delays)
