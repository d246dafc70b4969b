"""A simulated controller whose fill level jumps at random moments, and that remembers each moment."""

import json
import random
import struct
import sys
import threading
import time

from sim.line_memory import DB_NUMBER, LAYOUT, LENGTH
from sim.s7_server import S7Server
from tests.bench.children import child_arguments

TAG = "FillLevel"
_STEPS = 200
_REAL = struct.Struct(">f")


def main() -> None:
    """Arguments: scan_ms. Says its port; at the end all changes as [value, monotonic ns]."""
    scan_s = child_arguments()["scan_ms"] / 1e3
    memory = bytearray(LENGTH)
    stop = threading.Event()
    with S7Server(port=0) as server:
        server.add_db(DB_NUMBER, memory)
        print(json.dumps({"port": server.port}), flush=True)
        changes: list[tuple[float, int]] = []
        thread = threading.Thread(target=_change, args=(server, memory, scan_s, stop, changes))
        thread.start()
        sys.stdin.read()
        stop.set()
        thread.join()
    print(json.dumps(changes), flush=True)


def _change(
    server: S7Server,
    memory: bytearray,
    scan_s: float,
    stop: threading.Event,
    changes: list[tuple[float, int]],
) -> None:
    """Each value stays for longer than a scan, and comes back only after all others were there."""
    rng = random.Random(1)
    place = LAYOUT[TAG].byte
    values = [step * 100.0 / _STEPS for step in range(_STEPS)]
    rng.shuffle(values)
    number = 0
    while not stop.wait(scan_s * (1.3 + rng.random())):
        value = values[number % _STEPS]
        with server.lock:
            _REAL.pack_into(memory, place, value)
            changes.append((value, time.monotonic_ns()))
        number += 1


if __name__ == "__main__":
    main()
