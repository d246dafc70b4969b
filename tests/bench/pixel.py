"""From a value's change in the controller's memory to the end of the paint that shows it.

Controller and panel are two processes; both stamp the system's monotonic clock.
"""

import tempfile
from collections.abc import Sequence

from tests.bench.children import run_child, simulator
from tests.bench.table import Row, quantile

CHANGES = 240
SCANS_MS = (250, 100)
_MARGIN_MS = 100
_WARM_UP_S = 3.0
Stamp = tuple[float, int]


def run(*, long: bool) -> list[Row]:
    return [row for scan_ms in SCANS_MS for row in _rows(scan_ms, CHANGES * (3 if long else 1))]


def latencies_ms(changes: Sequence[Stamp], paints: Sequence[Stamp]) -> tuple[list[float], int]:
    """Of each change between the first and the last paint; and how many were never painted.

    A change is painted when its value is, before the next change but one.
    """
    found: list[float] = []
    missed = 0
    first, last = paints[0][1], paints[-1][1]
    for number, (value, at_ns) in enumerate(changes[:-2]):
        until_ns = changes[number + 2][1]
        if at_ns < first or until_ns > last:
            continue
        stamps = [ns for shown, ns in paints if shown == value and at_ns <= ns < until_ns]
        if stamps:
            found.append((stamps[0] - at_ns) / 1e6)
        else:
            missed += 1
    return found, missed


def _rows(scan_ms: int, wanted: int) -> list[Row]:
    seconds = wanted * scan_ms / 1e3 * 1.8 + _WARM_UP_S
    with (
        tempfile.TemporaryDirectory(prefix="bench-pixel-") as data,
        simulator("tests.bench.sim_steps", {"scan_ms": scan_ms}) as sim,
    ):
        given = {"port": sim.ready["port"], "scan_ms": scan_ms, "seconds": seconds, "data": data}
        paints = run_child("tests.bench.panel_pixel", given, seconds + 30)
        changes = sim.last_words()
    found, missed = latencies_ms(changes, paints)
    name = f"Value change to pixel, {scan_ms} ms scan"
    return [
        Row(f"{name}, p50", quantile(found, 0.5), "ms"),
        Row(
            f"{name}, p95",
            quantile(found, 0.95),
            "ms",
            aim=scan_ms + _MARGIN_MS,
            note=f"{len(found)} changes at random phases, {missed} not shown; worst {max(found):.0f} ms",
        ),
        Row(f"{name}, p99", quantile(found, 0.99), "ms"),
    ]
