"""One line behind several controllers at once, each seen through a client of its own kind."""

import json
import socket
import struct
from collections.abc import Callable, Iterator

import ciplink
import pycomm3
import pytest
import snap7

from sim.faults import Fault, FaultError, FaultSpec
from sim.line_memory import LAYOUT, LENGTH
from sim.line_run import SimulatedLine
from sim.packml import State
from tests.sim.pccc_raw_client import RawClient, command, plc5
from tests.sim.test_line_memory import read
from tests.waiting import wait_until

HOST = "127.12.0.3"


class Views:
    """How the line looks to a client of each of its controllers."""

    def __init__(self, line: SimulatedLine) -> None:
        def port(name: str) -> int:
            return line.controller(name).port

        self.s7 = snap7.Client()
        self.s7.connect(HOST, 0, 1, port("s7"))
        self.logix = pycomm3.LogixDriver(f"{HOST}:{port('logix')}")
        self.logix.open()
        self.slc = ciplink.SLCDriver(f"{HOST}:{port('slc')}")
        self.slc.open()
        self.plc5 = RawClient(HOST, port("plc5"))

    def close(self) -> None:
        self.s7.disconnect()
        self.logix.close()
        self.slc.close()
        self.plc5.close()

    def states(self) -> dict[str, int]:
        return {
            "s7": self.s7_value("StateCurrent"),
            "logix": self.logix.read("Filler.StateCurrent").value,
            "slc": self.slc.read("N7:1").value,
            "plc5": struct.unpack("<h", self.plc5_words(7, 1, 1))[0],
        }

    def speed_setpoints(self) -> list[float]:
        low, high = struct.unpack("<HH", self.plc5_words(8, 6, 2))[::-1]
        return [
            self.s7_value("ConveyorSpeedSetpoint"),
            self.logix.read("Filler.ConveyorSpeedSetpoint").value,
            self.slc.read("F8:6").value,
            struct.unpack("<f", struct.pack("<HH", low, high))[0],
        ]

    def s7_value(self, name: str):
        return read(bytes(self.s7.db_read(1, 0, LENGTH)), name)

    def s7_write(self, name: str) -> None:
        place = LAYOUT[name]
        self.s7.db_write(1, place.byte, bytearray([1 << place.bit]))

    def plc5_words(self, file: int, element: int, count: int) -> bytes:
        start = struct.pack("<HH", 0, count) + plc5(file, element)
        return self.plc5.pccc(command(0x01, start + bytes([2 * count])))[4:]

    def plc5_set_bit(self, file: int, element: int, bit: int) -> None:
        masks = struct.pack("<HH", 0xFFFF, 1 << bit)
        assert self.plc5.pccc(command(0x26, plc5(file, element) + masks))[1] == 0


@pytest.fixture
def line() -> Iterator[SimulatedLine]:
    with SimulatedLine(1, HOST, 0, logix_port=0, slc_port=0, plc5_port=0, speed=10.0) as line:
        yield line


@pytest.fixture
def views(line) -> Iterator[Views]:
    views = Views(line)
    yield views
    views.close()


def all_are(views: Views, state: State) -> Callable[[], bool]:
    return lambda: set(views.states().values()) == {state}


STOP: dict[str, Callable[[Views], object]] = {
    "s7": lambda views: views.s7_write("StopCommand"),
    "logix": lambda views: views.logix.write(("Filler.StopCommand", True)),
    "slc": lambda views: views.slc.write(("B3:4/1", True)),
    "plc5": lambda views: views.plc5_set_bit(3, 4, 1),
}


@pytest.mark.parametrize("name", STOP)
def test_a_command_through_any_controller_is_seen_on_all(views, name):
    wait_until(all_are(views, State.EXECUTE), "Execute everywhere")
    STOP[name](views)
    wait_until(all_are(views, State.STOPPED), "Stopped everywhere")


SET_SPEED: dict[str, Callable[[Views], object]] = {
    "s7": lambda views: views.s7.db_write(
        1, LAYOUT["ConveyorSpeedSetpoint"].byte, bytearray(struct.pack(">f", 50.0))
    ),
    "logix": lambda views: views.logix.write(("Filler.ConveyorSpeedSetpoint", 50.0)),
    "slc": lambda views: views.slc.write(("F8:6", 50.0)),
    "plc5": lambda views: views.plc5.pccc(
        command(0x00, struct.pack("<HH", 0, 2) + plc5(8, 6) + b"\x48\x42\x00\x00")
    ),
}


@pytest.mark.parametrize("name", SET_SPEED)
def test_a_setpoint_through_any_controller_is_seen_on_all(views, name):
    SET_SPEED[name](views)
    wait_until(lambda: views.speed_setpoints() == [50.0] * 4, "50 rpm everywhere")


def test_one_controller_in_program_mode_stands_still_and_the_line_goes_on(line, views):
    wait_until(all_are(views, State.EXECUTE), "Execute everywhere")
    line.inject_fault(Fault.CONTROLLER_STOP, 0.0, "slc")
    wait_until(lambda: views.slc.read("S:1").value & 0x1F == 1, "program mode")
    views.slc.write(("B3:4/1", True))
    views.s7_write("StopCommand")
    stopped = dict.fromkeys(("s7", "logix", "plc5"), State.STOPPED)
    wait_until(lambda: views.states() == {**stopped, "slc": State.EXECUTE}, "Stopped but on the SLC")
    views.s7_write("StartCommand")
    wait_until(lambda: views.states()["s7"] == State.EXECUTE, "Execute")
    line.clear_fault(Fault.CONTROLLER_STOP)
    wait_until(lambda: not views.slc.read("B3:4/1").value, "memory following again")
    assert views.states()["slc"] == State.EXECUTE


def test_the_line_stands_once_no_controller_runs(line, views):
    wait_until(all_are(views, State.EXECUTE), "Execute everywhere")
    line.inject_fault(Fault.CONTROLLER_STOP, 0.0)
    wait_until(lambda: line.tags()["ConveyorSpeed"] == 0.0, "the conveyor standing")
    assert views.logix.get_plc_info()["keyswitch"] == "REMOTE PROG"
    line.clear_fault(Fault.CONTROLLER_STOP)
    wait_until(lambda: line.tags()["ConveyorSpeed"] > 50.0, "the conveyor running")


def test_a_line_needs_no_s7_controller(expected_logs):
    expected_logs.add(r"pycomm3\.cip_driver")
    with SimulatedLine(2, HOST, None, logix_port=0, micrologix_port=0, speed=10.0) as line:
        assert line.controller_names == ("logix", "micrologix")
        assert line.port == line.controller("logix").port
        with pycomm3.LogixDriver(f"{HOST}:{line.port}") as plc:
            wait_until(lambda: plc.read("Filler.BottlesFilled").value > 2, "bottles")
        with pycomm3.SLCDriver(f"{HOST}:{line.controller('micrologix').port}") as plc:
            assert plc.read("L9:0").value > 2


def test_a_line_needs_some_controller():
    with pytest.raises(ValueError, match="needs a controller"):
        SimulatedLine(port=None)


def test_a_fault_of_a_controller_that_is_not_there_is_refused():
    with pytest.raises(FaultError, match="there are s7"):
        SimulatedLine(port=0, faults=[FaultSpec(Fault.MUTE, 1.0, 1.0, "slc")])


def ask(line: SimulatedLine, text: str) -> dict:
    with socket.create_connection(("127.0.0.1", line.control_port), timeout=5.0) as client:
        client.sendall(text.encode() + b"\n")
        with client.makefile() as reply:
            return json.loads(reply.readline())


def test_a_fault_is_put_on_one_controller_by_name():
    with SimulatedLine(1, HOST, 0, slc_port=0, control_port=0) as line:
        assert ask(line, "fault mute:slc 0") == {"ok": True, "active": ["mute:slc"]}
        assert line.controller("slc").server.faults.mute
        assert not line.controller("s7").server.faults.mute
        assert ask(line, "help")["controllers"] == ["s7", "slc"]


@pytest.mark.parametrize("fault", [Fault.REFUSE_OPEN, Fault.SLOTS_FULL])
def test_refused_connections_are_a_fault_of_ethernet_ip_only(fault, expected_logs):
    expected_logs.add(r"pycomm3\.cip_driver")
    with SimulatedLine(1, HOST, 0, slc_port=0, control_port=0) as line:
        assert ask(line, f"fault {fault} 0")["note"] == f"{fault} does nothing on s7"
        plc = pycomm3.SLCDriver(f"{HOST}:{line.controller('slc').port}")
        plc.open()
        with pytest.raises(pycomm3.ResponseError):
            plc.read("N7:0")
        ask(line, f"clear {fault}")
        assert plc.read("N7:1").error is None
        plc.close()


def test_dropped_clients_of_one_controller_leave_others_alone(line, views):
    line.inject_fault(Fault.DROP, 0.0, "plc5")
    wait_until(lambda: line.controller("plc5").server.connections == 0, "the link cut")
    assert views.slc.read("N7:1").error is None
    assert line.controller("s7").server.connections == 1
