"""Simulated controllers of every kind in one process: ``python -m tests.scenarios.controllers ARGUMENTS``.

It says its ports in one line, then obeys one line of JSON after the other and answers each with one.
"""

import gc
import json
import struct
import sys
from collections.abc import Callable

import psutil

from sim.logix_plain import PlainLogix
from sim.pccc_files import FileType
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from sim.s7_server import S7Server
from sim.server_loop import ServerLoop
from tests.bench.children import child_arguments

REALS = 10
_CHANGE_S = 0.2
_FLAP_S = 1.0
_AWAY_S = 0.3

Put = Callable[[float], None]
"""Gives all numbers of a controller one value."""


def _s7(loop):
    server, memory = S7Server(port=0, loop=loop), bytearray(4 * REALS)
    server.add_db(1, memory)
    return server, _filler(server, memory, ">f")


def _logix(loop):
    server = PlainLogix(REALS, port=0, loop=loop)
    return server, server.set_all


def _pccc(make: type[PcccServer], form: str):
    def make_server(loop):
        server = make(port=0, loop=loop)
        file = server.add_file(FileType.FLOAT, 8, REALS)
        return server, _filler(server, file.memory, form)

    return make_server


def _filler(server, memory: bytearray, form: str) -> Put:
    def put(value: float) -> None:
        with server.lock:
            memory[:] = struct.pack(form, value) * REALS

    return put


KINDS = {
    "S7-1500": _s7,
    "ControlLogix": _logix,
    "SLC-500": _pccc(SlcServer, "<f"),
    "MicroLogix": _pccc(MicroLogixServer, "<f"),
    "PLC-5": _pccc(Plc5Server, ">f"),
}
"""Family in the plant file -> what makes such a controller. The numbers of a PLC-5 are read as others."""


class Controllers:
    """All of them on one loop. Faults are given to lists of their numbers."""

    def __init__(self, families: list[str]) -> None:
        self.loop = ServerLoop("scenario")
        made = [KINDS[family](self.loop) for family in families]
        self.servers = [server for server, _ in made]
        self._puts = [put for _, put in made]
        self._flapping: list[int] = []
        self._value = 0.0

    def start(self) -> None:
        self.loop.start()
        for server in self.servers:
            server.start()
        self.loop.post(self._change)
        self.loop.post(self._flap)

    def stop(self) -> None:
        for server in self.servers:
            server.stop()
        self.loop.stop()

    def obey(self, what: str, numbers: list[int], value: float) -> object:
        servers = [self.servers[number] for number in numbers]
        match what:
            case "mute" | "stopped":
                for server in servers:
                    setattr(server.faults, what, bool(value))
            case "delay_s":
                for server in servers:
                    server.faults.delay_s = value
            case "flap":
                self._flapping = numbers
            case "drop":
                for server in servers:
                    server.faults.drop()
            case "figures":
                gc.collect()
                return {
                    "connections": sum(server.connections for server in self.servers),
                    "files": open_files(psutil.Process()),
                }
        return None

    def _change(self) -> None:
        self._value = (self._value + 1.0) % 1000.0
        for put in self._puts:
            put(self._value)
        self.loop.call_later(_CHANGE_S, self._change)

    def _flap(self) -> None:
        for number in self._flapping:
            self.servers[number].faults.drop(refuse_for_s=_AWAY_S)
        self.loop.call_later(_FLAP_S, self._flap)


def open_files(process: psutil.Process) -> int:
    """Descriptors or handles; sockets are among them on every system."""
    return process.num_handles() if sys.platform == "win32" else process.num_fds()


def main() -> None:
    """Arguments: families."""
    controllers = Controllers(child_arguments()["families"])
    controllers.start()
    print(json.dumps([server.port for server in controllers.servers]), flush=True)
    for line in sys.stdin:
        print(json.dumps(controllers.obey(*json.loads(line))), flush=True)
    controllers.stop()


if __name__ == "__main__":
    main()
