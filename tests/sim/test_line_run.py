"""The line in real time behind its S7 controller."""

import argparse
import signal
import socket
import threading
from collections.abc import Iterator

import pytest
import snap7

from sim import line_run
from sim.faults import Fault, FaultSpec
from sim.line import SETPOINT_LIMITS
from sim.line_memory import LAYOUT, LENGTH
from sim.line_run import SimulatedLine
from sim.packml import State
from sim.s7_server import ServerStartError
from tests.sim.test_line_memory import read
from tests.waiting import wait_until


class Panel:
    """An S7 client that reads the whole block and writes single tags."""

    def __init__(self, port: int) -> None:
        self.client = snap7.Client()
        self.client.connect("127.0.0.1", 0, 1, port)

    def read(self, name: str) -> bool | int | float:
        return read(bytes(self.client.db_read(1, 0, LENGTH)), name)

    def command(self, name: str) -> None:
        place = LAYOUT[name]
        self.client.db_write(1, place.byte, bytearray([1 << place.bit]))


@pytest.fixture
def line() -> Iterator[SimulatedLine]:
    with SimulatedLine(port=0, speed=20.0) as line:
        yield line


@pytest.fixture
def panel(line) -> Iterator[Panel]:
    panel = Panel(line.port)
    yield panel
    panel.client.disconnect()


def state_is(panel: Panel, state: State):
    return lambda: panel.read("StateCurrent") == state


def test_a_client_sees_the_line_run(panel):
    wait_until(state_is(panel, State.EXECUTE), "Execute")
    wait_until(lambda: panel.read("BottlesFilled") > 5, "bottles")
    assert panel.read("FillLevel") == pytest.approx(62.0, abs=3.0)


def test_a_client_stops_and_starts_it_and_changes_a_setpoint(panel):
    wait_until(state_is(panel, State.EXECUTE), "Execute")
    panel.command("StopCommand")
    wait_until(state_is(panel, State.STOPPED), "Stopped")
    wait_until(lambda: not panel.read("StopCommand"), "the command bit reset")
    panel.client.db_write(1, LAYOUT["ConveyorSpeedSetpoint"].byte, bytearray(b"\x42\xf0\x00\x00"))
    wait_until(
        lambda: panel.read("ConveyorSpeedSetpoint") == SETPOINT_LIMITS["ConveyorSpeedSetpoint"][1], "66"
    )
    panel.command("StartCommand")
    wait_until(state_is(panel, State.EXECUTE), "Execute again")


def test_in_stop_memory_is_frozen_and_nothing_written_then_is_carried_out(line, panel):
    wait_until(state_is(panel, State.EXECUTE), "Execute")
    line.inject_fault(Fault.CONTROLLER_STOP, 0.0)
    wait_until(lambda: line.tags()["ConveyorSpeed"] == 0.0, "the conveyor standing")
    assert panel.read("StateCurrent") == State.EXECUTE
    assert panel.read("ConveyorSpeed") > 50.0
    panel.command("ManualCommand")
    line.clear_fault(Fault.CONTROLLER_STOP)
    wait_until(lambda: panel.read("BottlesPerMinute") > 30 and panel.read("SystemRunning"), "running again")
    assert panel.read("AutoMode")


def test_a_scheduled_fault_comes_at_its_line_time():
    fault = FaultSpec(Fault.CAPPER_TRIP, 10.0, 5.0)
    with SimulatedLine(port=0, speed=20.0, faults=[fault]) as line:
        wait_until(lambda: line.tags()["StateCurrent"] == State.ABORTED, "Aborted")
        wait_until(lambda: line.active_faults() == [], "the fault over")


def test_dropped_clients_can_come_back(line, panel):
    line.inject_fault(Fault.DROP, 0.0)
    wait_until(lambda: line.controller("s7").server.connections == 0, "the link cut")
    again = Panel(line.port)
    assert again.read("FillLevel") > 50.0
    again.client.disconnect()


def test_the_control_port_reaches_the_running_line():
    with SimulatedLine(port=0, control_port=0) as line:
        assert line.control_port
        with socket.create_connection(("127.0.0.1", line.control_port), timeout=5.0) as client:
            client.sendall(b"fault mute 0\n")
            assert client.recv(1000) == b'{"ok": true, "active": ["mute"]}\n'
        assert line.controller("s7").server.faults.mute


def test_a_port_in_use_is_told_and_leaves_nothing_behind(line):
    with pytest.raises(ServerStartError):
        SimulatedLine(port=line.port).start()
    second = SimulatedLine(port=0, control_port=line.port)
    with pytest.raises(line_run.EngineError, match="control port"):
        second.start()
    assert not second.alive


def test_stop_may_be_called_twice():
    line = SimulatedLine(port=0).start()
    line.stop()
    line.stop()
    assert not line.alive


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    line_run.add_arguments(parser)
    return parser.parse_args(arguments)


def test_the_command_line_has_defaults():
    args = parse()
    assert (args.host, args.s7_port, args.seed, args.speed, args.fault, args.control_port) == (
        "127.0.0.1",
        1102,
        1,
        1.0,
        [],
        0,
    )
    others = (args.no_s7, args.logix_port, args.slc_port, args.micrologix_port, args.plc5_port)
    assert others == (False, None, None, None, None)


def test_faults_are_taken_from_the_command_line():
    assert parse("--fault", "mute@5", "--fault", "slow@6+7").fault == [
        FaultSpec(Fault.MUTE, 5.0, 15.0),
        FaultSpec(Fault.SLOW, 6.0, 7.0),
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--fault", "mut@5"), "did you mean mute?"),
        (("--speed", "0"), "is not a speed"),
        (("--speed", "fast"), "is not a speed"),
        (("--s7-port", "70000"), "is not a port"),
        (("--slc-port", "x"), "is not a port"),
    ],
)
def test_a_wrong_option_is_explained(arguments, says, capsys):
    with pytest.raises(SystemExit):
        parse(*arguments)
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--s7-port", "0"), "S7 controller on 127.0.0.1:"),
        (("--no-s7", "--slc-port", "0", "--logix-port", "0"), "ControlLogix on 127.0.0.1:"),
    ],
)
def test_it_runs_until_it_is_told_to_end(arguments, says, capsys):

    def tell() -> None:
        wait_until(lambda: "sim-line" in {thread.name for thread in threading.enumerate()}, "a running line")
        signal.raise_signal(signal.SIGINT)

    teller = threading.Thread(target=tell, name="teller")
    teller.start()
    assert line_run.run(parse(*arguments)) == 0
    teller.join()
    assert capsys.readouterr().out.startswith(f"Simulated line: {says}")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--no-s7",), "leave out --no-s7"),
        (("--s7-port", "0", "--fault", "mute:slc@5"), "there are s7"),
    ],
)
def test_options_that_do_not_go_together_are_explained(arguments, says, capsys):
    assert line_run.run(parse(*arguments)) == 1
    assert says in capsys.readouterr().err


def test_it_says_why_it_cannot_run(line, capsys):
    assert line_run.run(parse("--s7-port", str(line.port))) == 1
    assert str(line.port) in capsys.readouterr().err
