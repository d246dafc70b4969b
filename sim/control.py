"""A port on the loopback interface through which a test or a demonstrator disturbs a simulated line.

One command a line, one line of JSON back: ``{"ok": true, ...}`` or ``{"ok": false, "error": "..."}``.

    fault NAME[:CONTROLLER] [DURATION]    begin a fault now, for so many seconds (0: until cleared)
    clear NAME[:CONTROLLER] | all         end a fault, or all of them and those to come
    tags                                  all tags with their values
    set NAME VALUE                        write a command (true) or a setpoint
    help                                  the commands, the faults, the line's controllers

A fault of controllers acts on all the line has, or on the one named. Where it can do nothing, as a
refused Forward Open on an S7 controller, the reply says so in ``note``.
"""

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from engine.errors import EngineError
from sim.faults import Fault, FaultError, parse_fault_name, parse_seconds
from sim.line import LineWriteError, TagValue
from sim.server_loop import ServerLoop

Reply = dict[str, object]
_LONGEST_LINE = 1024
_TRUE, _FALSE = ("true", "1", "on"), ("false", "0", "off")
_USAGE = (
    "fault NAME[:CONTROLLER] [DURATION]",
    "clear NAME[:CONTROLLER]|all",
    "tags",
    "set NAME VALUE",
    "help",
)


class ControlPortError(EngineError):
    """The control port cannot listen on its address."""


class Controlled(Protocol):
    """What can be done to a simulated line from outside; safe from any thread."""

    @property
    def controller_names(self) -> Sequence[str]: ...
    def inject_fault(
        self, fault: Fault, duration_s: float | None = None, controller: str | None = None
    ) -> None: ...
    def clear_fault(self, fault: Fault, controller: str | None = None) -> None: ...
    def clear_all_faults(self) -> None: ...
    def active_faults(self) -> Sequence[str]: ...
    def without_effect(self, fault: Fault, controller: str | None = None) -> Sequence[str]:
        """The controllers meant on which this fault does nothing."""

    def tags(self) -> Mapping[str, TagValue]: ...
    def write(self, name: str, value: TagValue) -> None: ...


class CommandError(ValueError):
    """A command that cannot be understood."""


def answer(line: Controlled, text: str) -> Reply:
    """Carry out one command; whatever is wrong with it comes back as an error, never as an exception."""
    name, *arguments = text.split() or [""]
    command = _COMMANDS.get(name.lower())
    if command is None:
        return {"ok": False, "error": f"{name!r} is not a command: there are {'; '.join(_USAGE)}"}
    try:
        return {"ok": True, **command(line, arguments)}
    except (CommandError, FaultError, LineWriteError) as error:
        return {"ok": False, "error": str(error)}


def _fault(line: Controlled, arguments: Sequence[str]) -> Reply:
    if not 1 <= len(arguments) <= 2:
        raise CommandError(f"expected: {_USAGE[0]}")
    fault, controller = parse_fault_name(arguments[0])
    line.inject_fault(fault, parse_seconds(arguments[1]) if len(arguments) == 2 else None, controller)
    reply: Reply = {"active": list(line.active_faults())}
    if untouched := line.without_effect(fault, controller):
        reply["note"] = f"{fault} does nothing on {', '.join(untouched)}"
    return reply


def _clear(line: Controlled, arguments: Sequence[str]) -> Reply:
    if len(arguments) != 1:
        raise CommandError(f"expected: {_USAGE[1]}")
    if arguments[0].lower() == "all":
        line.clear_all_faults()
    else:
        line.clear_fault(*parse_fault_name(arguments[0]))
    return {"active": list(line.active_faults())}


def _tags(line: Controlled, arguments: Sequence[str]) -> Reply:
    if arguments:
        raise CommandError(f"expected: {_USAGE[2]}")
    return {"tags": dict(line.tags()), "active": list(line.active_faults())}


def _set(line: Controlled, arguments: Sequence[str]) -> Reply:
    if len(arguments) != 2:
        raise CommandError(f"expected: {_USAGE[3]}")
    name, text = arguments
    line.write(name, _parse_value(text))
    return {}


def _help(line: Controlled, _arguments: Sequence[str]) -> Reply:
    return {"commands": list(_USAGE), "faults": list(Fault), "controllers": list(line.controller_names)}


_COMMANDS: dict[str, Callable[[Controlled, Sequence[str]], Reply]] = {
    "fault": _fault,
    "clear": _clear,
    "tags": _tags,
    "set": _set,
    "help": _help,
}


def _parse_value(text: str) -> TagValue:
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"{text!r} is neither a number nor true or false") from None


class LinePort:
    """Listens on 127.0.0.1, on the thread of the given loop, which is neither started nor stopped here.

    ``reply`` answers each line of text. ``port`` 0 takes any free one; ``port`` then tells which.
    """

    def __init__(self, reply: Callable[[str], Reply], port: int, loop: ServerLoop) -> None:
        self.port = port
        self._reply = reply
        self._loop = loop
        self._listener: socket.socket | None = None
        self._clients: dict[socket.socket, bytearray] = {}

    def start(self) -> None:
        """Listen; raises ``ControlPortError`` where the port cannot be had."""
        try:
            listener = socket.create_server(("127.0.0.1", self.port))
        except OSError as error:
            raise ControlPortError(
                f"The control port {self.port} cannot be used: {error}. Choose another with --control-port."
            ) from error
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._loop.call(lambda: self._loop.watch(listener, self._on_connect))

    def stop(self) -> None:
        """Cut all clients and free the port; waits for the loop."""
        self._loop.call(self._on_stop)

    def _on_stop(self) -> None:
        for client in tuple(self._clients):
            self._drop(client)
        if self._listener is not None:
            self._loop.unwatch(self._listener)
            self._listener.close()
            self._listener = None

    def _on_connect(self, _events: int) -> None:
        if self._listener is None:
            return
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        client.setblocking(False)
        self._clients[client] = bytearray()
        self._loop.watch(client, lambda _events: self._on_data(client))

    def _on_data(self, client: socket.socket) -> None:
        pending = self._clients[client]
        try:
            data = client.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        pending += data
        while client in self._clients and (end := pending.find(b"\n")) >= 0:
            text = pending[:end].decode("utf-8", "replace")
            del pending[: end + 1]
            self._send(client, self._reply(text))
        if len(pending) > _LONGEST_LINE and client in self._clients:
            self._send(client, {"ok": False, "error": f"a command has at most {_LONGEST_LINE} characters"})
            self._drop(client)

    def _send(self, client: socket.socket, reply: Reply) -> None:
        """A client that does not read its answers is cut rather than waited for."""
        try:
            client.sendall(json.dumps(reply).encode() + b"\n")
        except OSError:
            self._drop(client)

    def _drop(self, client: socket.socket) -> None:
        if self._clients.pop(client, None) is not None:
            self._loop.unwatch(client)
            client.close()


class ControlPort(LinePort):
    """The control port of a simulated line."""

    def __init__(self, line: Controlled, port: int, loop: ServerLoop) -> None:
        super().__init__(lambda text: answer(line, text), port, loop)
