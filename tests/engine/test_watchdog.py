from hypothesis import given
from hypothesis import strategies as st

from engine.watchdog import Watchdog


def watched(scan_s=0.5):
    watchdog = Watchdog()
    watchdog.add("line1", scan_s)
    return watchdog


def test_silence_of_two_scans_is_noticed_once():
    watchdog = watched()
    watchdog.on_delivery("line1", 10.0)
    assert watchdog.silent(10.99) == []
    assert watchdog.next_check_s() == 11.0
    assert watchdog.silent(11.0) == ["line1"]
    assert watchdog.silent(12.0) == []


def test_a_connection_that_never_delivered_is_not_called_silent():
    assert watched().silent(1e9) == []
    assert watched().next_check_s() is None


def test_a_connection_known_to_be_lost_is_not_called_silent():
    watchdog = watched()
    watchdog.on_delivery("line1", 10.0)
    watchdog.on_lost("line1")
    assert watchdog.silent(20.0) == []


def test_a_slow_but_steady_controller_is_given_its_own_pace():
    watchdog = watched(0.5)
    now = 0.0
    for _ in range(30):
        watchdog.on_delivery("line1", now)
        now += 0.9
    assert watchdog.silent(now + 0.6) == []


def test_a_fast_controller_is_never_given_less_than_two_scans():
    watchdog = watched(0.5)
    for i in range(30):
        watchdog.on_delivery("line1", i * 0.1)
    assert watchdog.limit_s("line1") == 1.0


def test_after_a_loss_the_configured_pace_counts_again():
    watchdog = watched(0.5)
    for i in range(30):
        watchdog.on_delivery("line1", i * 2.0)
    watchdog.on_lost("line1")
    assert watchdog.limit_s("line1") == 1.0


def scan_for(watchdog, start_s, period_s, duration_s):
    """Deliveries at a pace, with somebody looking every 50 ms; how often silence was called."""
    called, now_s, next_s = 0, start_s, start_s
    while now_s < start_s + duration_s:
        if now_s >= next_s:
            watchdog.on_delivery("line1", now_s)
            next_s += period_s
        called += len(watchdog.silent(now_s))
        now_s += 0.05
    return called


def test_a_controller_that_suddenly_takes_four_scans_is_given_its_pace_after_a_few_silences():
    watchdog = watched(0.25)
    assert scan_for(watchdog, 0.0, 0.25, 10.0) == 0
    assert 1 <= scan_for(watchdog, 10.0, 1.0, 10.0) <= 4
    assert scan_for(watchdog, 20.0, 1.0, 60.0) == 0


def test_one_long_silence_does_not_teach_patience():
    watchdog = watched(0.25)
    scan_for(watchdog, 0.0, 0.25, 10.0)
    for now_s in range(10, 40):
        watchdog.silent(float(now_s))
    watchdog.on_delivery("line1", 40.0)
    assert watchdog.limit_s("line1") < 1.0


def test_while_the_whole_program_stands_still_nobody_is_called_silent():
    watchdog = watched(0.25)
    scan_for(watchdog, 0.0, 0.25, 10.0)
    assert watchdog.silent(12.0) == []
    assert scan_for(watchdog, 12.1, 0.25, 5.0) == 0


def test_who_stays_silent_after_a_standstill_is_called():
    watchdog = watched(0.25)
    scan_for(watchdog, 0.0, 0.25, 10.0)
    assert watchdog.silent(12.0) == []
    assert [name for tick in range(10) for name in watchdog.silent(12.1 + tick / 10)] == ["line1"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["deliver", "lost", "look"])), max_size=60))
def test_looking_at_all_connections_only_when_one_is_due_misses_none(steps):
    watchdog, last = Watchdog(), {}
    for name in "abc":
        watchdog.add(name, 0.2)
    now_s, called = 0.0, set()
    for name, step in steps:
        now_s += 0.1
        if step == "deliver":
            watchdog.on_delivery(name, now_s)
            last[name] = now_s
            called.discard(name)
        elif step == "lost":
            watchdog.on_lost(name)
            last.pop(name, None)
        expected = {n for n in last if n not in called and now_s - last[n] >= watchdog.limit_s(n)}
        assert set(watchdog.silent(now_s)) == expected
        called |= expected
