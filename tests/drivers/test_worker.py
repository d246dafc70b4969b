"""The supervised connection over real sockets: worker, S7 driver, simulated S7 controller, engine."""

import random
import struct
import threading

import pytest

from drivers.base import ConnectionSettings
from drivers.s7.driver import S7Driver
from drivers.worker import Worker
from engine.clock import SystemClock
from engine.commands import CommandState
from engine.connections import CircuitState, ConnectionState
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.model import Quality
from engine.runtime import Engine
from engine.tags import TagDatabase
from sim.s7_server import S7Server
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until

SCAN_S = 0.1
LEVEL, SPEED, LOST = "line1/FillLevel", "line1/Speed", "line1/Nowhere"
TAGS = [
    tag_def("FillLevel", "REAL", address="DB1,0"),
    tag_def("Speed", "REAL", address="DB1,4", writable=True, range=(0, 100)),
    tag_def("Nowhere", "INT", address="DB9,0"),
]


class Rig:
    """A simulated controller with one DB and an engine with one connection to it."""

    def __init__(self, make_driver=S7Driver, timeout_s=1.0):
        self.memory = bytearray(64)
        self.server = S7Server("127.0.0.1", 0)
        self.server.add_db(1, self.memory)
        self.server.start()
        clock = SystemClock()
        self.engine = Engine(TagDatabase(TAGS), EventJournal(), NullRecorder(), None, clock)
        settings = ConnectionSettings(
            "line1",
            "SIEMENS_S7",
            "S7-1500",
            "127.0.0.1",
            self.server.port,
            timeout_s=timeout_s,
            scan_ms=int(SCAN_S * 1e3),
        )
        self.worker = Worker(settings, TAGS, make_driver, self.engine.post, clock, random.Random(1))
        self.engine.add_connections([self.worker])

    def put(self, offset, value):
        with self.server.lock:
            struct.pack_into(">f", self.memory, offset, value)

    def sample(self, key=LEVEL):
        return self.engine.tags.state(key).sample

    def good(self, key=LEVEL):
        return self.sample(key).quality is Quality.GOOD

    def state(self):
        return self.engine.connection("line1").state

    def wait_good(self):
        wait_until(self.good, "a good value")

    def wait_bad(self):
        wait_until(lambda: not self.good(), "a bad value")

    def events(self):
        return [event.text for event in self.engine.events.newest()]

    def write(self, value):
        done, results = threading.Event(), []
        first = self.engine.commands.request(
            SPEED, value, "operator", lambda r: (results.append(r), done.set())
        )
        if first.state is not CommandState.PENDING:
            return first
        assert done.wait(10)
        return results[0]

    def close(self):
        self.engine.stop()
        self.server.stop()


@pytest.fixture
def rig():
    rig = Rig()
    rig.engine.start()
    yield rig
    rig.close()


def test_a_change_in_the_controller_arrives_with_its_time(rig):
    rig.wait_good()
    before = rig.sample().source_time_us
    rig.put(0, 23.5)
    wait_until(lambda: rig.sample().value == 23.5, "the change")
    assert rig.sample().source_time_us > before
    assert rig.state() is ConnectionState.CONNECTED


def test_an_unreadable_address_turns_only_its_own_tag_bad_and_is_named_once(rig):
    rig.wait_good()
    assert rig.sample(LOST).quality is Quality.BAD
    wait_until(lambda: rig.engine.connection("line1").reads > 5, "some scans")
    named = [event for event in rig.engine.events.newest() if event.source == LOST]
    assert len(named) == 1
    wait_until(lambda: rig.engine.connection("line1").tag_errors, "the status")
    assert dict(rig.engine.connection("line1").tag_errors).keys() == {LOST}


def test_a_cut_connection_turns_values_bad_and_recovers_by_itself(rig):
    rig.wait_good()
    rig.server.faults.drop(refuse_for_s=0.5)
    rig.wait_bad()
    assert rig.sample().value is None
    assert rig.engine.tags.state(LEVEL).last_good is not None
    wait_until(lambda: rig.state() is ConnectionState.DISCONNECTED, "the state")
    rig.wait_good()
    wait_until(lambda: rig.state() is ConnectionState.CONNECTED, "the state")
    assert sum(text.startswith("Disconnected") for text in rig.events()) == 1


def test_a_mute_controller_turns_values_bad_before_its_timeout():
    rig = Rig(timeout_s=30.0)
    rig.engine.start()
    try:
        rig.wait_good()
        rig.server.faults.mute = True
        rig.wait_bad()
        assert rig.state() is ConnectionState.DISCONNECTED
        assert rig.engine.connection("line1").cause.startswith("No answer from 127.0.0.1:")
        assert rig.write(5.0).state is CommandState.REFUSED
    finally:
        # Stopping must not wait for the driver's thirty seconds either.
        rig.close()


def test_a_timeout_opens_the_circuit_and_the_controller_comes_back():
    rig = Rig(timeout_s=0.3)
    rig.engine.start()
    try:
        rig.wait_good()
        rig.server.faults.mute = True
        wait_until(lambda: rig.engine.connection("line1").circuit is CircuitState.OPEN, "the circuit")
        assert rig.engine.connection("line1").retry_at_us is not None
        rig.server.faults.mute = False
        rig.engine.retry_now("line1")
        rig.wait_good()
        wait_until(lambda: rig.engine.connection("line1").circuit is CircuitState.CLOSED, "the circuit")
    finally:
        rig.close()


def test_a_stopped_cpu_is_seen_as_such_and_commands_are_locked(rig):
    rig.wait_good()
    rig.server.faults.stopped = True
    wait_until(lambda: rig.state() is ConnectionState.STOPPED, "STOP")
    rig.wait_bad()
    assert "STOP" in rig.write(5.0).text
    rig.server.faults.stopped = False
    rig.wait_good()


def test_a_slow_controller_is_slow_and_not_bad(rig):
    rig.wait_good()
    rig.server.faults.delay_s = 0.15
    wait_until(lambda: (rig.engine.connection("line1").achieved_ms or 0) > 150, "the slow scan")
    wait_until(rig.good, "good again at its own pace")
    assert rig.engine.connection("line1").scan_ms == SCAN_S * 1e3


def test_a_write_reads_back(rig):
    rig.wait_good()
    wait_until(lambda: not rig.engine.commands.obstacle(SPEED, "operator"), "the link")
    assert rig.write(42.5).state is CommandState.DONE
    with rig.server.lock:
        assert struct.unpack_from(">f", rig.memory, 4)[0] == 42.5


def test_a_value_that_the_controller_overrides_is_reported_with_what_it_reads():
    class Overridden(S7Driver):
        def write(self, tag, value):
            super().write(tag, value)
            rig.put(4, 58.0)

    rig = Rig(Overridden)
    rig.engine.start()
    try:
        rig.wait_good()
        wait_until(lambda: not rig.engine.commands.obstacle(SPEED, "operator"), "the link")
        result = rig.write(60.0)
    finally:
        rig.close()
    assert result.state is CommandState.FAILED
    assert result.readback == 58.0


def test_nothing_is_written_after_the_link_comes_back(rig):
    rig.wait_good()
    wait_until(lambda: not rig.engine.commands.obstacle(SPEED, "operator"), "the link")
    rig.server.faults.drop(refuse_for_s=0.5)
    rig.wait_bad()
    result = rig.write(77.0)
    rig.wait_good()
    wait_until(lambda: rig.engine.connection("line1").reads > 5, "some scans")
    assert result.state is CommandState.REFUSED
    with rig.server.lock:
        assert struct.unpack_from(">f", rig.memory, 4)[0] == 0.0


def test_a_fault_in_the_driver_is_logged_and_the_session_started_again(expected_logs):
    expected_logs.add("fault in the connection line1")
    faults = iter([True])

    class Faulty(S7Driver):
        def read(self):
            if next(faults, False):
                raise KeyError("ours")
            return super().read()

    rig = Rig(Faulty)
    rig.engine.start()
    try:
        rig.wait_good()
        assert any("Internal fault" in text for text in rig.events())
    finally:
        rig.close()


def test_a_controller_that_is_not_there_is_tried_again_until_it_is():
    rig = Rig()
    rig.server.stop()
    port = rig.server.port
    rig.engine.start()
    try:
        wait_until(lambda: rig.engine.connection("line1").circuit is CircuitState.OPEN, "the circuit")
        rig.server = S7Server("127.0.0.1", port)
        rig.server.add_db(1, rig.memory)
        rig.server.start()
        rig.wait_good()
    finally:
        rig.close()
