"""The controllers a simulated line can have: each a server, and the line's tags in that server's memory."""

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.clock import Clock
from sim.faults import ControllerFaults
from sim.line import Line, TagValue
from sim.line_memory import DB_NUMBER, LENGTH, LineMemory
from sim.logix_line import LogixLineMemory
from sim.logix_server import LogixServer
from sim.pccc_line_memory import PcccLineMemory
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from sim.s7_server import S7Server
from sim.server_loop import ServerLoop

_LOGIX_SLOT = 0


class ControllerServer(Protocol):
    """A simulated controller on a port."""

    @property
    def port(self) -> int: ...
    @property
    def lock(self) -> threading.RLock: ...
    @property
    def faults(self) -> ControllerFaults: ...
    @property
    def connections(self) -> int: ...
    def start(self) -> object: ...
    def stop(self) -> None: ...


class ControllerMemory(Protocol):
    """Where a controller has the line's tags; both with the server's lock held."""

    def take_writes(self) -> list[tuple[str, TagValue]]:
        """What clients have asked for since the last ``encode``."""

    def encode(self, tags: Mapping[str, TagValue], now_s: float) -> None:
        """Write all tags, as they are at this line time."""


class LineController:
    """One controller of a line: as long as it runs, its memory follows the line and the line its clients."""

    def __init__(self, name: str, text: str, server: ControllerServer, memory: ControllerMemory) -> None:
        self.name = name
        self.server = server
        self._text = text
        self._memory = memory
        self._ran = False

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def running(self) -> bool:
        """In RUN; not in STOP or program mode."""
        return not self.server.faults.stopped

    def announcement(self, host: str) -> str:
        """What it is and where."""
        kind, _, route = self._text.partition(" (")
        return f"{kind} on {host}:{self.port}" + (f" ({route}" if route else "")

    def cycle(self, line: Line) -> None:
        """One program cycle. What was written in STOP is not carried out; memory stands still then."""
        ran, self._ran = self._ran, self.running
        if not self._ran:
            return
        with self.server.lock:
            if ran:
                for name, value in self._memory.take_writes():
                    line.write(name, value)
            self._memory.encode(line.tags(), line.now_s)


@dataclass(frozen=True, slots=True)
class ControllerPorts:
    """Which controllers a line has: the port of each, 0 any free one, None no such controller."""

    s7: int | None = None
    logix: int | None = None
    slc: int | None = None
    micrologix: int | None = None
    plc5: int | None = None


def build_controllers(
    host: str, ports: ControllerPorts, loop: ServerLoop, clock: Clock
) -> dict[str, LineController]:
    """The controllers asked for by name, on one loop, none of them listening yet."""
    builders: dict[str, tuple[int | None, Callable[[str, int, ServerLoop, Clock], LineController]]] = {
        "s7": (ports.s7, _s7),
        "logix": (ports.logix, _logix),
        "slc": (ports.slc, _slc),
        "micrologix": (ports.micrologix, _micrologix),
        "plc5": (ports.plc5, _plc5),
    }
    address = _resolved(host)
    return {
        name: build(host if name == "s7" else address, port, loop, clock)
        for name, (port, build) in builders.items()
        if port is not None
    }


class _S7Memory:
    """The line in data block 1 of an S7 controller."""

    def __init__(self, server: S7Server) -> None:
        self._memory = LineMemory()
        self._db = bytearray(LENGTH)
        server.add_db(DB_NUMBER, self._db)

    def take_writes(self) -> list[tuple[str, TagValue]]:
        return self._memory.take_writes(self._db)

    def encode(self, tags: Mapping[str, TagValue], now_s: float) -> None:
        self._memory.encode(tags, self._db)


def _s7(host: str, port: int, loop: ServerLoop, clock: Clock) -> LineController:
    server = S7Server(host, port, loop=loop, clock=clock)
    return LineController("s7", "S7 controller (rack 0, slot 1)", server, _S7Memory(server))


def _logix(host: str, port: int, loop: ServerLoop, clock: Clock) -> LineController:
    server = LogixServer(host, port, loop=loop, clock=clock, slot=_LOGIX_SLOT, udp=_found(port))
    memory = LogixLineMemory(server.controller, clock)
    return LineController("logix", f"ControlLogix (slot {_LOGIX_SLOT})", server, memory)


def _slc(host: str, port: int, loop: ServerLoop, clock: Clock) -> LineController:
    return _pccc("slc", "SLC-500", SlcServer(host, port, loop=loop, clock=clock, udp=_found(port)))


def _micrologix(host: str, port: int, loop: ServerLoop, clock: Clock) -> LineController:
    server = MicroLogixServer(host, port, loop=loop, clock=clock, udp=_found(port))
    return _pccc("micrologix", "MicroLogix", server)


def _plc5(host: str, port: int, loop: ServerLoop, clock: Clock) -> LineController:
    return _pccc("plc5", "PLC-5", Plc5Server(host, port, loop=loop, clock=clock, udp=_found(port)))


def _pccc(name: str, text: str, server: PcccServer) -> LineController:
    return LineController(name, text, server, PcccLineMemory(server.files, server.kind))


def _found(port: int) -> bool:
    """Answer searches over UDP: on a port somebody chose, not on whichever was free."""
    return port != 0


def _resolved(host: str) -> str:
    """EtherNet/IP controllers tell their address; a name that has none is left for the server to refuse."""
    try:
        return socket.gethostbyname(host)
    except OSError:
        return host
