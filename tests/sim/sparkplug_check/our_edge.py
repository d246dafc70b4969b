"""Our own edge node as a subject: run, ended and run again, with values that change all the time."""

import threading
from collections.abc import Sequence
from pathlib import Path

from tests.drivers.sparkplug.edge_rig import EdgeRig, devices

TICK_S = 0.02


class OurEdge:
    """Two devices of three tags; ``host_id`` is the primary host it waits for."""

    def __init__(self, ports: Sequence[int], folder: Path, host_id: str | None = None, **changes) -> None:
        self._make = lambda: EdgeRig(
            folder, ports, devices(), primary_host_id=host_id, interval_s=0.01, **changes
        )
        self._rig: EdgeRig | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost = False

    def start(self) -> None:
        self._rig = self._make()
        self._rig.__enter__()
        self._rig.connect_devices()
        self._lost = False
        self._ended.clear()
        self._thread = threading.Thread(target=self._change, args=(self._rig,), name="our-edge-values")
        self._thread.start()

    def stop(self) -> None:
        rig, self._rig = self._rig, None
        if rig is not None and self._thread is not None:
            self._ended.set()
            self._thread.join(10)
            rig.node.stop()

    def lose_device(self) -> None:
        assert self._rig is not None
        self._lost = True
        self._rig.lose("line2")

    def restore_device(self) -> None:
        assert self._rig is not None
        self._rig.connect_devices("line2")
        self._lost = False

    def _change(self, rig: EdgeRig) -> None:
        count = 0
        while not self._ended.wait(TICK_S):
            count += 1
            rig.change(f"line1/Value{count % 3}", float(count))
            if not self._lost:
                rig.change(f"line2/Value{count % 3}", float(-count))
