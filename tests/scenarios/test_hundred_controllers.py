"""A hundred controllers of all kinds, a third of them in trouble: the others do not notice.

Times are judged against those of the same controllers in the same run, before the trouble began.
"""

import gc
import threading

import psutil
import pytest

from engine.connections import ConnectionState
from tests.bench.table import quantile
from tests.scenarios.controllers import open_files
from tests.scenarios.plant import SCAN_MS, Plant, simulated, tags_and_settings
from tests.waiting import wait_until

KINDS = ["S7-1500", "ControlLogix", "SLC-500", "PLC-5"]

FAMILIES = ["S7-1500"] * 5 + ["ControlLogix"] * 2 + ["SLC-500", "MicroLogix", "PLC-5"]
COUNT = 101
BASELINE_S = 2.5
TROUBLE_S = 3.5
SLOW_S = 0.4
"""Of each answer; a scan of several takes longer than its period."""


def pause(seconds):
    threading.Event().wait(seconds)


@pytest.fixture(scope="module")
def plant_of_all_kinds():
    with simulated([FAMILIES[n % len(FAMILIES)] for n in range(COUNT)]) as pair:
        yield pair


@pytest.mark.parametrize("poll_workers", [0, 1])
def test_a_third_in_trouble_and_the_others_keep_their_pace(plant_of_all_kinds, poll_workers):
    config, ask = plant_of_all_kinds
    plant = Plant(config, poll_workers)
    mute, flapping, slow = (range(first, 100, 10) for first in (1, 2, 3))
    stopped = [100, 5]
    names = plant.ids
    troubled = {names[n] for n in (*mute, *flapping, *slow, *stopped)}
    healthy = [name for name in names if name not in troubled]
    plant.engine.start()
    try:
        wait_until(lambda: plant.well(names), "all controllers", 30)
        assert len(plant.engine.poll_processes()) == poll_workers
        plant.forget_times()
        pause(BASELINE_S)
        before = plant.intervals_ms(healthy)
        worst_before = {name: max(plant.intervals_ms([name])) for name in names}

        ask("mute", mute, 1)
        ask("flap", flapping)
        ask("delay_s", slow, SLOW_S)
        ask("stopped", stopped, 1)
        plant.forget_times()
        wait_until(lambda: not any(plant.good(names[n]) for n in (*mute, *stopped)), "bad values", 5)
        for number in mute:
            state = plant.state(names[number])
            silent_ms = (state.sample.source_time_us - state.good_us) / 1e3
            assert silent_ms < 2.5 * max(SCAN_MS, worst_before[names[number]])
            assert state.sample.value is None
        pause(TROUBLE_S)
        during = plant.intervals_ms(healthy)
        assert quantile(during, 0.95) <= 1.2 * max(SCAN_MS, quantile(before, 0.95))
        assert len(during) / TROUBLE_S > 0.8 * len(before) / BASELINE_S
        assert all(plant.scans(name) >= 0.6 * TROUBLE_S * 1e3 / SCAN_MS for name in healthy)
        assert plant.lost_since_start(healthy) == set()
        assert plant.well(healthy)
        for number in stopped:
            assert plant.engine.connection(names[number]).state is ConnectionState.STOPPED
        assert all(plant.engine.connection(names[n]).timeouts_per_hour for n in mute)

        ask("mute", mute, 0)
        ask("flap")
        ask("delay_s", slow, 0.0)
        ask("stopped", stopped, 0)
        wait_until(lambda: plant.well(names), "everything to recover", 30)
    finally:
        ask("mute", mute, 0)
        plant.engine.stop()


class Figures:
    """What a process holds: threads, descriptors, memory."""

    def __init__(self, pid=None):
        self._process = psutil.Process(pid)
        self.take()

    def take(self):
        gc.collect()
        self.threads = self._process.num_threads()
        self.files = open_files(self._process)
        self.rss_mb = self._process.memory_info().rss / 2**20

    def assert_not_grown(self, other):
        assert self.threads <= other.threads
        assert self.files <= other.files
        assert self.rss_mb - other.rss_mb < 6


def cycle(plant, ask, number, *, cut):
    """Connect, read, and end: as asked, or after the controller cut the connection and was found again."""
    config = plant.connections[number]
    connection = plant.polling.connection(*tags_and_settings(plant.config, config))
    connection.start()
    wait_until(lambda: connection.status().reads > 0, "a scan")
    if cut:
        ask("drop", [number])
        wait_until(lambda: connection.status().state is not ConnectionState.CONNECTED, "the cut")
        connection.retry_now()
        reads = connection.status().reads
        wait_until(lambda: connection.status().reads > reads, "a scan after the cut")
    connection.stop()
    assert connection.join(10)


def run_cycles(poll_workers, count):
    """The last connection stays, so that a polling process does too."""
    with simulated([*KINDS, "S7-1500"]) as (config, ask):
        plant = Plant(config, poll_workers, only=config.plc_connections[-1:])
        plant.engine.start()
        try:
            wait_until(lambda: plant.well(plant.ids), "the connection that stays")
            for number in range(2 * len(KINDS)):
                cycle(plant, ask, number % len(KINDS), cut=number % 2 == 0)
            ours = [Figures(pid) for pid in (None, *(p.pid for p in plant.engine.poll_processes()))]
            theirs = ask("figures")
            for number in range(count):
                cycle(plant, ask, number % len(KINDS), cut=number % 10 == 0)
            for before in ours:
                after = Figures(before._process.pid)
                wait_until(lambda after=after, before=before: settle(after, before), "threads to end")
                after.assert_not_grown(before)
            wait_until(lambda: ask("figures") == theirs, "the simulators' sockets to be closed")
        finally:
            plant.engine.stop()


def settle(after, before):
    """Fewer are right too: when ``before`` was counted something of the last cycle may have been ending."""
    after.take()
    return after.threads <= before.threads and after.files <= before.files


@pytest.mark.parametrize("poll_workers", [0, 1])
def test_connecting_again_and_again_leaks_nothing(poll_workers):
    run_cycles(poll_workers, 40)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("poll_workers", [0, 1])
def test_connecting_a_thousand_times_leaks_nothing(poll_workers):
    run_cycles(poll_workers, 1000)
