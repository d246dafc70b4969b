import dataclasses
import threading

import pytest

from engine.clock import SystemClock
from engine.commands import CommandState, WriteOutcome
from engine.connections import ConnectionState, ConnectionStatus
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.messages import Batch, HistoricalBatch, LinkLost
from engine.model import Quality, Sample, Scaling
from engine.queues import QueueStatus
from engine.runtime import Engine
from engine.system_tags import system_tag_defs
from engine.tags import TagDatabase
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until

KEY = "line1/FillLevel"
SETPOINT = "line1/Setpoint"


class Recorder(NullRecorder):
    """Keeps what it is given, and the order in which it was started and stopped."""

    def __init__(self, log):
        super().__init__()
        self.samples, self.events, self.log = [], [], log

    def record_samples(self, samples):
        self.samples += samples

    def record_event(self, event):
        self.events.append(event)

    def start(self):
        self.log.append("recorder started")

    def stop(self):
        self.log.append(f"recorder stopped with {len(self.samples)} samples")


class Link:
    """A connection whose messages the test sends itself."""

    id, scan_s = "line1", 0.05

    def __init__(self, log):
        self.log, self.orders, self.post = log, [], None
        self.on_stop = lambda: None

    def start(self):
        self.log.append("connection started")

    def stop(self):
        self.log.append("connection stopped")
        self.on_stop()

    def join(self, timeout_s):
        return True

    def put(self, order):
        self.orders.append(order)
        return ""

    def retry_now(self):
        self.log.append("retry")

    def status(self, state=ConnectionState.CONNECTING):
        return ConnectionStatus(self.id, "SIEMENS_S7", "S7-1500", "127.0.0.1:1102", state, 1, scan_ms=50)


class Outlet:
    """A service that keeps what it is told."""

    name = "outlet"

    def __init__(self, log):
        self.log, self.changes, self.statuses = log, [], []

    def start(self):
        self.log.append("service started")

    def stop(self):
        self.log.append(f"service stopped with {len(self.changes)} changes")

    def on_changes(self, changes):
        self.changes += [change for change in changes if change.tag.startswith("line1/")]

    def on_status(self, status):
        self.statuses.append(status)

    def queues(self):
        return [QueueStatus("Outlet", 3, 10, "refuses")]


@pytest.fixture
def plant():
    log = []
    tags = TagDatabase(
        [
            tag_def(),
            tag_def("Setpoint", writable=True),
            tag_def("Noise", history=False),
            *system_tag_defs(["line1"]),
        ]
    )
    recorder, link = Recorder(log), Link(log)
    engine = Engine(tags, EventJournal(), recorder, history=None, clock=SystemClock())
    engine.add_connections([link])
    engine.log, engine.link = log, link
    yield engine
    engine.stop()


def good(value, at=10, key=KEY):
    return Sample(key, value, Quality.GOOD, at)


def quality(engine, key=KEY):
    return engine.tags.state(key).sample.quality


def test_services_start_and_stop_in_order_and_nothing_accepted_is_lost(plant):
    plant.start()
    plant.link.on_stop = lambda: [plant.post(Batch("line1", [good(float(i), i)])) for i in range(1, 501)]
    plant.stop()
    assert plant.log == [
        "recorder started",
        "connection started",
        "connection stopped",
        "recorder stopped with 500 samples",
    ]


def test_a_service_stands_before_the_first_value_and_until_the_last(plant):
    outlet = Outlet(plant.log)
    plant.add_services([outlet])
    plant.start()
    plant.post(plant.link.status(ConnectionState.CONNECTED))
    plant.link.on_stop = lambda: plant.post(Batch("line1", [good(1.0), good(2.0, key=SETPOINT)]))
    plant.stop()
    assert plant.log == [
        "recorder started",
        "service started",
        "connection started",
        "connection stopped",
        "service stopped with 2 changes",
        "recorder stopped with 2 samples",
    ]
    assert [status.state for status in outlet.statuses] == [ConnectionState.CONNECTED]
    assert QueueStatus("Outlet", 3, 10, "refuses") in plant.queues()


def test_a_source_that_reports_by_exception_may_be_silent(plant):
    outlet, remote = Outlet([]), Link([])
    remote.scan_s = 0
    engine = Engine(plant.tags, EventJournal(), NullRecorder(), history=None, clock=SystemClock())
    engine.add_connections([remote])
    engine.add_services([outlet])
    engine.start()
    try:
        engine.post(Batch("line1", [good(1.0)]))
        engine.post(Batch("line1", [good(2.0)]))
        wait_until(lambda: quality(engine, "SYSTEM/inbox_depth") is Quality.GOOD, "the next second's figures")
        assert quality(engine) is Quality.GOOD
    finally:
        engine.stop()


def test_a_tag_without_history_is_not_recorded(plant):
    plant.start()
    plant.post(Batch("line1", [good(1.0), good(2.0, key="line1/Noise")]))
    wait_until(lambda: plant.tags.state("line1/Noise").sample.value == 2.0, "the batch")
    plant.stop()
    assert [s.tag for s in plant.recorder.samples] == [KEY]


def test_values_of_the_past_are_recorded_scaled_and_leave_the_present_alone():
    scaling = Scaling((0.0, 100.0), (0.0, 1.0))
    tags = TagDatabase([tag_def(scaling=scaling), tag_def("Noise", history=False)])
    recorder = Recorder([])
    engine = Engine(tags, EventJournal(), recorder, history=None, clock=SystemClock())
    heard = []
    tags.add_listener("panel", heard.extend)
    engine.start()
    engine.post(Batch("line1", [good(50.0, 100)]))
    past = [good(20.0, 10), Sample(KEY, None, Quality.BAD, 11), good(1.0, 12, key="line1/Noise")]
    engine.post(HistoricalBatch("line1", past))
    engine.stop()
    assert tags.state(KEY).sample == heard[0] == good(0.5, 100)
    assert len(heard) == 1
    assert recorder.samples == [good(0.5, 100), good(0.2, 10), Sample(KEY, None, Quality.BAD, 11)]


def test_a_transient_value_is_shown_and_not_recorded(plant):
    plant.start()
    plant.post(Batch("line1", [good(1.0, 1)]))
    plant.post(Batch("line1", [good(2.0, 2)], recorded=False))
    wait_until(lambda: plant.tags.state(KEY).sample.value == 2.0, "the transient value")
    plant.post(Batch("line1", [good(3.0, 3)]))
    plant.stop()
    assert [s.value for s in plant.recorder.samples] == [1.0, 3.0]


def test_silence_turns_values_bad_and_says_so(plant):
    plant.start()
    plant.post(plant.link.status(ConnectionState.CONNECTED))
    plant.post(Batch("line1", [good(1.0)]))
    wait_until(lambda: quality(plant) is Quality.GOOD, "a good value")
    wait_until(lambda: quality(plant) is Quality.BAD, "the watchdog")
    assert plant.connection("line1").state is ConnectionState.DISCONNECTED
    assert plant.tags.state(KEY).last_good == good(1.0)
    (text,) = [e.text for e in plant.events.newest() if e.text.startswith("Disconnected")]
    assert text.startswith(f"Disconnected: No answer from {plant.connection('line1').address} for 0.1 s; ")
    assert "check the cable" in text


def test_after_a_silence_the_connection_is_back_since_it_reads_again_not_since_it_was_first_made(plant):
    plant.start()
    connected = plant.link.status(ConnectionState.CONNECTED)
    plant.post(connected)
    plant.post(Batch("line1", [good(1.0)]))
    wait_until(lambda: plant.connection("line1").state is ConnectionState.DISCONNECTED, "the watchdog")
    silent_us = plant.connection("line1").since_us
    for reads in (1, 2):
        plant.post(dataclasses.replace(connected, last_read_us=silent_us + 5 * reads, reads=reads))
    wait_until(lambda: plant.connection("line1").reads == 2, "the status")
    assert plant.connection("line1").since_us == silent_us + 5
    assert plant.events.newest()[0].time_us == silent_us + 5


def test_a_lost_link_turns_values_bad_at_once(plant):
    plant.start()
    plant.post(Batch("line1", [good(1.0)]))
    plant.post(LinkLost("line1", 20))
    wait_until(lambda: plant.tags.state(KEY).sample == Sample(KEY, None, Quality.BAD, 20), "the loss")


def test_only_changes_of_state_are_journalled(plant):
    plant.start()
    connected = plant.link.status(ConnectionState.CONNECTED)
    for reads in range(5):
        plant.post(dataclasses.replace(connected, reads=reads))
    wait_until(lambda: plant.connection("line1").reads == 4, "the last status")
    assert sum(e.source == "line1" for e in plant.events.newest()) == 1


def test_a_write_goes_out_and_its_readback_comes_in(plant):
    plant.start()
    plant.post(plant.link.status(ConnectionState.CONNECTED))
    wait_until(lambda: plant.commands.obstacle(SETPOINT, "operator") == "", "the link")
    done, results = threading.Event(), []
    plant.commands.request(SETPOINT, 5.0, "operator", lambda r: (results.append(r), done.set()))
    plant.post(WriteOutcome(plant.link.orders[0], sent=True, readback=5.0))
    assert done.wait(5)
    assert results[0].state is CommandState.DONE


def test_the_queues_depths_are_system_tags(plant):
    plant.start()
    wait_until(lambda: quality(plant, "SYSTEM/inbox_depth") is Quality.GOOD, "system tags")
    assert [q.name for q in plant.queues()] == ["Engine inbox", "Recorder"]
    assert plant.recorder.samples == []


def test_a_fault_of_ours_is_logged_and_the_plant_runs_on(plant, expected_logs):
    expected_logs.add("fault in the engine")
    plant.start()
    plant.post(Batch("line1", None))
    plant.post(Batch("line1", [good(7.0)]))
    wait_until(lambda: plant.tags.state(KEY).sample.value == 7.0, "the next batch")
    assert any("Internal fault" in event.text for event in plant.events.newest())


def test_a_fault_that_comes_with_every_scan_is_logged_and_journalled_once(plant, expected_logs, caplog):
    expected_logs.add("fault in the engine")

    def fail(_changes):
        raise KeyError("ours")

    plant.tags.add_listener("panel", fail)
    plant.start()
    for n in range(20):
        plant.post(Batch("line1", [good(float(n), n + 1)]))
    plant.stop()
    assert [s.value for s in plant.recorder.samples] == [float(n) for n in range(20)]
    in_batches = [r for r in caplog.records if r.getMessage().endswith("Batch")]
    assert len(in_batches) == 1
    texts = [event.text for event in plant.events.newest()]
    assert sum(text.startswith("Internal fault") for text in texts) <= 2


def test_stopping_what_was_never_started_does_nothing(plant):
    plant.stop()
    assert plant.log == []


def test_a_value_that_repeats_a_transient_one_is_recorded(plant):
    plant.start()
    plant.post(Batch("line1", [good(1.0, 1)]))
    plant.post(Batch("line1", [good(2.0, 2)], recorded=False))
    plant.post(Batch("line1", [good(2.0, 3)]))
    plant.post(Batch("line1", [good(2.0, 4)]))
    plant.stop()
    assert plant.recorder.samples == [good(1.0, 1), good(2.0, 3)]
