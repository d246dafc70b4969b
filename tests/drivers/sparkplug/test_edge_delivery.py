"""What the broker has proven to have leaves the store, in whatever rhythm values come and pings go."""

from pathlib import Path

import pytest

from drivers.sparkplug.edge_births import Catalogue
from drivers.sparkplug.edge_commands import CommandDesk
from drivers.sparkplug.edge_flow import EdgeFlow
from drivers.sparkplug.store import Store
from engine.model import Quality, Sample
from tests.clock import ManualClock
from tests.drivers.sparkplug.edge_rig import devices, settings

SCAN_S = 0.25


class AnsweringLine:
    """A broker that takes everything and answers every ping."""

    def __init__(self):
        self.asked = []

    def send(self, message):
        return True

    def probe(self):
        self.asked.append(len(self.asked))
        return self.asked[-1]


@pytest.mark.parametrize("scan_after_flush_s", [0.0, 0.05, 0.1, 0.2])
def test_values_leave_the_store_although_new_ones_wait_at_every_ping(scan_after_flush_s):
    clock, line = ManualClock(), AnsweringLine()
    config, catalogue = settings(interval_s=0.5), Catalogue(devices(count=1))
    store = Store(Path(":memory:"), 1 << 30, 1 << 60)
    store.open()
    desk = CommandDesk(config, catalogue, lambda *asked: None, lambda event: None, clock)
    flow = EdgeFlow(config, catalogue, store, line, desk, lambda text: None, clock)
    flow.on_session(0, "broker")
    flow.on_device("line1", True)
    flow.tick()
    clock.advance(scan_after_flush_s)
    for scan in range(40):
        flow.on_changes([Sample("line1/Value0", float(scan), Quality.GOOD, clock.utc_us())])
        flow.tick()
        next_scan_s = clock.monotonic() + SCAN_S
        while (left_s := next_scan_s - clock.monotonic()) > 1e-9:
            clock.advance(min(left_s, flow.wait_s()))
            if line.asked:
                flow.on_sent(line.asked[-1])
            flow.tick()
    flow.on_session_lost("cut")
    seconds_unproven = store.values * SCAN_S
    store.close()
    assert seconds_unproven <= 2.0
