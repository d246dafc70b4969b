"""The control port: one command a line, one line of JSON back, and nothing harms the simulator."""

import json
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.control import ControlPort, ControlPortError, answer
from sim.faults import Fault, FaultBoard
from sim.line import Line
from sim.server_loop import ServerLoop
from tests.sim.test_faults import Controller, SlotController


class Desk:
    """A line with an S7 controller and an SLC, and its fault board, without a clock."""

    controller_names = ("s7", "slc")

    def __init__(self) -> None:
        self.line = Line(1)
        self.board = FaultBoard(self.line, {"s7": Controller(), "slc": SlotController()})

    def inject_fault(self, fault, duration_s=None, controller=None):
        self.board.inject(fault, duration_s, controller)

    def clear_fault(self, fault, controller=None):
        self.board.clear(fault, controller)

    def without_effect(self, fault, controller=None):
        return self.board.without_effect(fault, controller)

    def clear_all_faults(self):
        self.board.clear_all()

    def active_faults(self):
        return self.board.active

    def tags(self):
        return self.line.tags()

    def write(self, name, value):
        self.line.write(name, value)


class Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5.0)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> dict:
        return json.loads(self.file.readline())

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def port() -> Iterator[ControlPort]:
    with ServerLoop("test-control") as loop:
        control = ControlPort(Desk(), 0, loop)
        control.start()
        yield control
        control.stop()


@pytest.fixture
def client(port) -> Iterator[Client]:
    client = Client(port.port)
    yield client
    client.close()


def test_a_fault_is_begun_and_cleared():
    desk = Desk()
    assert answer(desk, "fault overfill 5") == {"ok": True, "active": ["overfill"]}
    assert answer(desk, "fault underfill") == {"ok": True, "active": ["overfill", "underfill"]}
    assert answer(desk, "clear overfill") == {"ok": True, "active": ["underfill"]}
    assert answer(desk, "clear all") == {"ok": True, "active": []}


def test_a_fault_is_begun_on_one_controller_or_on_all():
    desk = Desk()
    assert answer(desk, "fault mute:slc 5") == {"ok": True, "active": ["mute:slc"]}
    assert answer(desk, "fault mute") == {"ok": True, "active": ["mute:slc", "mute"]}
    assert answer(desk, "clear mute:slc") == {"ok": True, "active": ["mute"]}
    assert answer(desk, "clear mute") == {"ok": True, "active": []}


def test_what_a_fault_cannot_do_is_told():
    desk = Desk()
    reply = answer(desk, "fault slots_full")
    assert reply["note"] == "slots_full does nothing on s7"
    assert "note" not in answer(desk, "fault slots_full:slc")


def test_tags_are_told():
    reply = answer(Desk(), "tags")
    assert reply["tags"] == Line(1).tags()


def test_setpoints_and_commands_are_written():
    desk = Desk()
    assert answer(desk, "set ConveyorSpeedSetpoint 60.5") == {"ok": True}
    assert answer(desk, "set StopCommand true") == {"ok": True}
    assert desk.tags()["ConveyorSpeedSetpoint"] == 60.5
    assert desk.tags()["StopCommand"] is True


def test_help_names_commands_and_faults():
    reply = answer(Desk(), "help")
    assert reply["faults"] == list(Fault)
    assert reply["controllers"] == ["s7", "slc"]
    assert "tags" in reply["commands"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("", "is not a command"),
        ("explode", "is not a command"),
        ("fault", "expected: fault NAME"),
        ("fault over fill 3", "expected: fault NAME"),
        ("fault overfil", "did you mean overfill?"),
        ("fault overfill soon", "not a number of seconds"),
        ("fault mute:plc5", "no controller 'plc5': there are s7, slc"),
        ("fault overfill:slc", "acts on the line"),
        ("clear", "expected: clear"),
        ("clear nothing", "is not a fault"),
        ("tags now", "expected: tags"),
        ("set StartCommand", "expected: set"),
        ("set StartCommand perhaps", "neither a number"),
        ("set FillLevel 3", "read only"),
        ("set StartComand true", "did you mean StartCommand?"),
    ],
)
def test_what_is_wrong_is_answered_with_an_error(command, says):
    reply = answer(Desk(), command)
    assert reply["ok"] is False
    assert says in reply["error"]


@given(st.text(max_size=80))
def test_any_line_is_answered(text):
    reply = answer(Desk(), text)
    json.dumps(reply)
    assert reply["ok"] in (True, False)


def test_commands_in_pieces_and_several_at_once_are_answered_in_order(client):
    client.send(b"fault ove")
    client.send(b"rfill\nhelp\r\nbla\n")
    assert client.reply()["active"] == ["overfill"]
    assert "commands" in client.reply()
    assert client.reply()["ok"] is False


def test_bytes_that_are_no_text_and_endless_lines_do_no_harm(port, client):
    client.send(b"\xff\xfe\x00\n")
    assert client.reply()["ok"] is False
    client.send(b"x" * 5000)
    assert "at most" in client.reply()["error"]
    other = Client(port.port)
    other.send(b"tags\n")
    assert other.reply()["ok"] is True
    other.close()


def test_a_port_in_use_is_told(port):
    with ServerLoop("test-control-2") as loop, pytest.raises(ControlPortError, match="--control-port"):
        ControlPort(Desk(), port.port, loop).start()
