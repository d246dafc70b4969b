"""Commands do not wait for scans: a session of their own, or a turn between two requests."""

import random
import struct
import threading

import pytest

from drivers.base import ConnectError, ConnectionSettings, Interruptible, Reading, ScanResult
from drivers.registry import driver_factory
from drivers.s7.driver import S7Driver
from drivers.worker import Worker
from engine.clock import SystemClock
from engine.commands import CommandState, WriteOrder
from engine.connections import ConnectionState
from engine.events import Event
from engine.messages import Batch
from sim.logix_plain import PlainLogix
from sim.pccc_files import FileType
from sim.pccc_server import Plc5Server, SlcServer
from sim.s7_server import CommunicationLimits, S7Server
from tests.drivers.poll_rig import PollRig
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until

ALLEN_BRADLEY = [
    (lambda: PlainLogix(10), "ControlLogix", "Tag0003"),
    (lambda: with_floats(SlcServer(port=0)), "SLC-500", "F8:3"),
    (lambda: with_floats(Plc5Server(port=0)), "PLC-5", "F8:3"),
]
SPEED = tag_def("Speed", "REAL", address="DB1,4", writable=True)
TAGS = [tag_def("FillLevel", "REAL", address="DB1,0"), SPEED]


def with_floats(server):
    server.add_file(FileType.FLOAT, 8, 10)
    return server


class Rig:
    """A simulated controller and a worker whose messages are kept."""

    def __init__(self, make_driver=S7Driver, tags=TAGS, slots=16, **settings):
        self.memory = bytearray(64)
        self.server = S7Server(port=0, limits=CommunicationLimits(max_connections=slots))
        self.server.add_db(1, self.memory)
        for number in range(2, 12):
            self.server.add_db(number, bytearray(400))
        self.server.start()
        self.clock = SystemClock()
        self.messages = []
        told = ConnectionSettings(
            "line1",
            "SIEMENS_S7",
            "S7-1500",
            "127.0.0.1",
            self.server.port,
            **{"timeout_s": 2.0, "scan_ms": 100, **settings},
        )
        self.worker = Worker(told, tags, make_driver, self.messages.append, self.clock, random.Random(1))
        self.numbers = iter(range(1, 1000))

    def put(self, value, deadline_s=5.0):
        order = WriteOrder(next(self.numbers), SPEED, value, self.clock.monotonic() + deadline_s)
        return order, self.worker.put(order)

    def outcome(self, order):
        found = [m for m in self.messages if getattr(m, "order", None) is order]
        return found[0] if found else None

    def written(self):
        with self.server.lock:
            return struct.unpack_from(">f", self.memory, 4)[0]

    def state(self):
        return self.worker.status().state

    def wait_connected(self, sessions=2):
        wait_until(lambda: self.state() is ConnectionState.CONNECTED, "the connection")
        wait_until(lambda: self.server.connections == sessions, "the sessions")

    def journal(self):
        return [m.text for m in self.messages if isinstance(m, Event)]

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_exception):
        self.worker.stop()
        assert self.worker.join(10)
        self.server.stop()


class SlowScans(S7Driver):
    """Every scan stays under way until ``go_on``."""

    go_on = threading.Event()

    def read(self):
        self.go_on.wait()
        return super().read()


@pytest.fixture
def scans():
    SlowScans.go_on.set()
    yield SlowScans.go_on
    SlowScans.go_on.set()


def test_one_session_is_the_rule():
    with Rig() as rig:
        rig.wait_connected(sessions=1)
        order, refusal = rig.put(5.0)
        assert refusal == ""
        wait_until(lambda: rig.outcome(order), "the outcome")
        assert rig.server.connections == 1


def test_with_a_session_of_its_own_a_command_does_not_wait_for_a_scan(scans):
    with Rig(SlowScans, max_connections=2) as rig:
        rig.wait_connected()
        wait_until(lambda: rig.worker._writes._ready, "the second session")
        scans.clear()
        batches = sum(isinstance(m, Batch) for m in rig.messages)
        order, refusal = rig.put(42.5)
        assert refusal == ""
        wait_until(lambda: rig.outcome(order), "the outcome")
        assert rig.outcome(order).readback == 42.5
        assert rig.written() == 42.5
        assert sum(isinstance(m, Batch) for m in rig.messages) <= batches + 1
        scans.set()


def test_there_are_never_more_than_two_sessions():
    with Rig(max_connections=32) as rig:
        rig.wait_connected()
        for value in range(10):
            order, _ = rig.put(float(value))
            wait_until(lambda order=order: rig.outcome(order), "the outcome")
            assert rig.server.connections == 2


def test_a_controller_that_grants_one_session_only_is_left_alone_and_that_is_said_once():
    with Rig(max_connections=2, slots=1) as rig:
        rig.wait_connected(sessions=1)
        wait_until(lambda: any("No second session" in text for text in rig.journal()), "the refusal")
        order, refusal = rig.put(42.5)
        assert refusal == ""
        wait_until(lambda: rig.outcome(order), "the outcome")
        assert rig.outcome(order).error == ""
        reads = rig.worker.status().reads
        rig.server.faults.drop()
        wait_until(lambda: rig.worker.status().reads > reads + 8, "some scans after a cut")
        assert sum("No second session" in text for text in rig.journal()) == 1
        assert rig.state() is ConnectionState.CONNECTED


def test_a_cut_second_session_comes_back_and_meanwhile_the_first_one_writes():
    with Rig(max_connections=2) as rig:
        rig.wait_connected()
        for value in range(5):
            rig.server.faults.drop()
            wait_until(lambda: rig.server.connections == 2, "both sessions")
            wait_until(lambda: rig.state() is ConnectionState.CONNECTED, "the connection")
            wait_until(lambda value=value: rig.put(float(value))[1] == "", "a command to be taken")
            wait_until(lambda value=value: rig.written() == value, "the value in the controller")


def test_a_stopped_cpu_locks_both_sessions():
    with Rig(max_connections=2) as rig:
        rig.wait_connected()
        rig.server.faults.stopped = True
        wait_until(lambda: rig.state() is ConnectionState.STOPPED, "STOP")
        order, refusal = rig.put(5.0)
        assert refusal or not rig.outcome(order).sent
        rig.server.faults.stopped = False
        wait_until(lambda: rig.put(6.0)[1] == "", "a command to be taken")
        wait_until(lambda: rig.written() == 6.0, "the value in the controller")


def test_stopping_waits_for_no_timeout_of_either_session():
    with Rig(max_connections=2, timeout_s=60.0) as rig:
        rig.wait_connected()
        rig.server.faults.mute = True
        assert rig.put(5.0, deadline_s=0.2)[1] == ""


class Scripted:
    """A driver with a scan of ten requests; ``done`` is what was asked of the wire, in order."""

    def __init__(self, settings, tags, clock):
        self.done, self.clock, self.tags = [], clock, tags
        self.between_requests = None
        self.at = {}
        self.value = 0.0

    def connect(self):
        return "scripted"

    def read(self):
        for request in range(10):
            if request and self.between_requests is not None:
                self.between_requests()
            self.done.append(request)
            self.at.pop(request, lambda: None)()
        return ScanResult([Reading(self.value)] * len(self.tags), self.clock.utc_us())

    def write(self, tag, value):
        self.done.append(f"write {value:g}")
        self.value = value

    def read_one(self, tag):
        self.done.append("readback")
        return Reading(self.value)

    def close(self):
        return


def test_with_one_session_a_command_waits_for_one_request_and_not_for_the_scan():
    drivers = []

    def make(*given):
        drivers.append(Scripted(*given))
        return drivers[-1]

    with Rig(make) as rig:
        wait_until(lambda: rig.state() is ConnectionState.CONNECTED, "the connection")
        (driver,) = drivers
        orders = []

        def ask():
            del driver.done[:-1]
            orders.extend((rig.put(1.0)[0], rig.put(2.0)[0]))

        driver.at[3] = ask
        wait_until(lambda: orders and rig.outcome(orders[1]), "the outcomes")
        assert driver.done[:7] == [3, "write 1", "readback", 4, "write 2", "readback", 5]


def test_the_s7_driver_gives_way_between_the_requests_of_a_long_scan():
    tags = [SPEED, *(tag_def(f"T{n}", "REAL[90]", address=f"DB{n},0") for n in range(2, 12))]
    seen = []
    with Rig(tags=tags, slots=2) as rig:
        wait_until(lambda: rig.state() is ConnectionState.CONNECTED, "the connection")
        driver = rig.worker._driver
        assert isinstance(driver, Interruptible)
        ours = driver.between_requests

        def between():
            if not seen:
                seen.append(rig.put(42.5)[0])
                ours()
                seen.append(rig.written())

        driver.between_requests = between
        wait_until(lambda: len(seen) == 2, "a scan")
        assert seen[1] == 42.5
        wait_until(lambda: rig.worker.status().reads > 5, "further scans")
        assert rig.outcome(seen[0]).readback == 42.5


def test_the_second_session_works_in_a_polling_process_too():
    rig = PollRig(count=1, max_connections=2)
    rig.engine.start()
    try:
        rig.wait_connected()
        wait_until(lambda: rig.servers[0].connections == 2, "both sessions")
        assert rig.write(0, 42.5).state is CommandState.DONE
    finally:
        rig.close()


def test_a_refusal_that_was_the_end_of_the_controller_is_not_called_one():
    """The cable goes: the second session finds out first, the one that reads a moment later."""

    class Refusing(S7Driver):
        refuse = False

        def connect(self):
            if self.refuse:
                raise ConnectError("gone")
            return super().connect()

    with Rig(Refusing, max_connections=2) as rig:
        rig.wait_connected()
        Refusing.refuse = True
        rig.server.stop()
        wait_until(lambda: rig.state() is ConnectionState.DISCONNECTED, "the state")
        wait_until(lambda: rig.worker.status().retries_per_hour > 2, "some tries")
        assert not any("No second session" in text for text in rig.journal())


@pytest.mark.parametrize("slots", [None, 1])
@pytest.mark.parametrize(("server", "family", "address"), ALLEN_BRADLEY)
def test_allen_bradley_controllers_have_a_second_session_if_they_grant_one(server, family, address, slots):
    tags = [tag_def("Speed", "REAL", address=address, writable=True)]
    messages = []
    with server() as controller:
        controller.faults.connection_slots = slots
        settings = ConnectionSettings(
            "line1",
            "ALLEN_BRADLEY",
            family,
            "127.0.0.1",
            controller.port,
            slot=0,
            timeout_s=2.0,
            scan_ms=100,
            max_connections=2,
        )
        clock = SystemClock()
        make_driver = driver_factory("ALLEN_BRADLEY", family)
        worker = Worker(settings, tags, make_driver, messages.append, clock, random.Random(1))
        worker.start()
        try:
            wait_until(lambda: worker.status().state is ConnectionState.CONNECTED, "the connection")
            session = worker._writes
            wait_until(lambda: session._ready or session._refused, "the second session or its refusal")
            assert controller.connections <= 2
            assert worker.put(WriteOrder(1, tags[0], 42.5, clock.monotonic() + 5.0)) == ""
            wait_until(lambda: any(getattr(m, "order", None) for m in messages), "the outcome")
            (outcome,) = [m for m in messages if getattr(m, "order", None)]
            assert (outcome.error, outcome.readback) == ("", 42.5)
        finally:
            worker.stop()
            assert worker.join(10)
