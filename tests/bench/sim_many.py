"""A hundred simulated controllers in one thread, whose values all change between two scans; and the line."""

import json
import sys
import time

import numpy as np

from sim.line_run import SimulatedLine
from sim.s7_server import S7Server
from sim.server_loop import ServerLoop
from tests.bench.children import child_arguments
from tests.bench.many_controllers import DB, REALS, SCAN_MS

# shorter than a scan, so that every scan finds every value changed
_CHANGE_S = SCAN_MS / 1e3 * 0.8


class Controllers:
    """Servers that share a loop, and one timer on it that changes all of their memory."""

    def __init__(self, count: int) -> None:
        self.loop = ServerLoop("bench-controllers")
        self.servers = [S7Server(port=0, loop=self.loop) for _ in range(count)]
        self._memory = [bytearray(4 * REALS) for _ in range(count)]
        self._random = np.random.default_rng(1)
        for server, memory in zip(self.servers, self._memory, strict=True):
            server.add_db(DB, memory)

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
        values = self._random.uniform(0, 100, (len(self._memory), REALS)).astype(">f4")
        for server, memory, row in zip(self.servers, self._memory, values, strict=True):
            with server.lock:
                memory[:] = row.tobytes()
        self.loop.call_later(_CHANGE_S, self._change)


def main() -> None:
    """Arguments: controllers. Says the ports; at the end how much processor time it took, per second."""
    controllers = Controllers(child_arguments()["controllers"])
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
