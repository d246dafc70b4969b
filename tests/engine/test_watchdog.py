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
