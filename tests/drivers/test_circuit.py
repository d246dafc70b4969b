import random

from hypothesis import given
from hypothesis import strategies as st

from drivers.circuit import CircuitBreaker
from engine.connections import CircuitState


def breaker():
    return CircuitBreaker(random.Random(1))


def test_one_timeout_opens_it():
    circuit = breaker()
    circuit.on_failure(0.0, timeout=True)
    assert circuit.state is CircuitState.OPEN


def test_three_failures_open_it_and_two_do_not():
    circuit = breaker()
    circuit.on_failure(0.0, timeout=False)
    circuit.on_failure(1.0, timeout=False)
    assert circuit.state is CircuitState.CLOSED
    circuit.on_failure(2.0, timeout=False)
    assert circuit.state is CircuitState.OPEN


def test_a_success_between_failures_starts_the_count_anew():
    circuit = breaker()
    for _ in range(5):
        circuit.on_failure(0.0, timeout=False)
        circuit.on_failure(0.0, timeout=False)
        circuit.on_success()
    assert circuit.state is CircuitState.CLOSED


def test_a_failed_probe_opens_it_again_and_waits_longer():
    circuit = breaker()
    circuit.on_failure(0.0, timeout=True)
    first = circuit.retry_at_s
    circuit.on_probe()
    assert circuit.state is CircuitState.HALF_OPEN
    circuit.on_failure(0.0, timeout=False)
    assert circuit.state is CircuitState.OPEN
    assert circuit.retry_at_s > first


def test_a_good_probe_closes_it_and_forgets_the_past():
    circuit = breaker()
    for _ in range(8):
        circuit.on_failure(0.0, timeout=True)
        circuit.on_probe()
    circuit.on_success()
    assert circuit.state is CircuitState.CLOSED
    circuit.on_failure(0.0, timeout=True)
    assert 0.8 <= circuit.retry_at_s <= 1.2


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers())
def test_it_never_waits_longer_than_thirty_seconds_nor_less_than_nothing(timeouts, seed):
    circuit = CircuitBreaker(random.Random(seed))
    for timeout in timeouts:
        circuit.on_failure(100.0, timeout=timeout)
        assert 100.0 < circuit.retry_at_s <= 130.0
        circuit.on_probe()


def test_a_hundred_connections_do_not_come_back_at_the_same_moment():
    moments = set()
    for seed in range(100):
        circuit = CircuitBreaker(random.Random(seed))
        circuit.on_failure(0.0, timeout=True)
        moments.add(circuit.retry_at_s)
    assert len(moments) == 100
