"""Simulated controllers of all families in one thread, all values changing between scans; and the line."""

import json
import struct
import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sim.line_run import SimulatedLine
from sim.logix_plain import PlainLogix
from sim.pccc_files import FileType
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from sim.s7_server import S7Server
from sim.server_loop import ServerLoop
from tests.bench.children import child_arguments
from tests.bench.many_controllers import DB, FILE, SCAN_MS, Cell

# shorter than a scan, so that every scan finds every value changed
_CHANGE_S = SCAN_MS / 1e3 * 0.8
_PCCC: dict[str, type[PcccServer]] = {
    "SLC-500": SlcServer,
    "MicroLogix": MicroLogixServer,
    "PLC-5": Plc5Server,
}
Server = S7Server | PlainLogix | PcccServer
Put = Callable[[npt.NDArray[np.float64]], None]
"""Takes as many numbers as the controller has."""


def make(cell: Cell, loop: ServerLoop) -> tuple[Server, Put]:
    """A controller that does not listen yet, and how its numbers are set."""
    if cell.family.startswith("S7"):
        siemens, memory = S7Server(port=0, loop=loop), bytearray(4 * cell.tags)
        siemens.add_db(DB, memory)
        return siemens, _in_one_piece(siemens, memory, ">f4")
    if cell.family == "ControlLogix":
        logix = PlainLogix(cell.tags, port=0, loop=loop)
        return logix, _tag_by_tag(logix)
    pccc = _PCCC[cell.family](port=0, loop=loop)
    file = pccc.add_file(FileType.FLOAT, FILE, cell.tags)
    return pccc, _in_one_piece(pccc, file.memory, "<f4", words_swapped=cell.family == "PLC-5")


def _in_one_piece(
    server: S7Server | PcccServer, memory: bytearray, form: str, *, words_swapped: bool = False
) -> Put:
    def put(values: npt.NDArray[np.float64]) -> None:
        raw = values.astype(form)
        if words_swapped:
            raw = raw.view("<u2").reshape(-1, 2)[:, ::-1]
        with server.lock:
            memory[:] = raw.tobytes()

    return put


def _tag_by_tag(server: PlainLogix) -> Put:
    form = struct.Struct("<f")
    places = [tag.memory for tag in server._tags]

    def put(values: npt.NDArray[np.float64]) -> None:
        with server.lock:
            for place, value in zip(places, values.tolist(), strict=True):
                form.pack_into(place, 0, value)

    return put


class Controllers:
    """Servers that share a loop, and one timer on it that changes all of their memory."""

    def __init__(self, hall: list[Cell]) -> None:
        self.loop = ServerLoop("bench-controllers")
        made = [make(cell, self.loop) for cell in hall]
        self.servers = [server for server, _ in made]
        self._puts = [(put, cell.tags) for (_, put), cell in zip(made, hall, strict=True)]
        self._random = np.random.default_rng(1)

    def start(self) -> list[int]:
        self.loop.start()
        for server in self.servers:
            server.start()
        self.loop.post(self._change)
        return [server.port for server in self.servers]

    def stop(self) -> None:
        for server in self.servers:
            server.stop()
        self.loop.stop()

    def _change(self) -> None:
        for put, count in self._puts:
            put(self._random.uniform(0, 100, count))
        self.loop.call_later(_CHANGE_S, self._change)


def main() -> None:
    """Arguments: cells as [family, tags]. Says the ports; at the end its processor time per second."""
    controllers = Controllers([Cell(*each) for each in child_arguments()["cells"]])
    line = SimulatedLine(port=0).start()
    ports = controllers.start()
    print(json.dumps({"line": line.port, "ports": ports}), flush=True)
    began, used = time.monotonic(), time.process_time()
    sys.stdin.read()
    share = (time.process_time() - used) / (time.monotonic() - began)
    controllers.stop()
    line.stop()
    print(json.dumps({"cpu": share}), flush=True)


if __name__ == "__main__":
    main()
