"""Resident memory of ``brimline demo``: plant, simulator, history and window in one process."""

import subprocess
import sys
import tempfile
import time

import numpy as np
import psutil

from tests.bench.children import child_environment
from tests.bench.table import Row

_AIM_MB = 250
_EVERY_S = 2.0
_SETTLED_S = 120
_FLAT_MB_PER_H = 10
Sizes = list[tuple[float, float]]


def run(*, long: bool) -> list[Row]:
    """After one minute; with ``long`` also after ten, and how fast it grows."""
    sizes = _watch(600 if long else 60)
    rows = [Row("Memory of the demo with its panel, 1 min", _at(sizes, 60), "MB", _AIM_MB)]
    if long:
        slope = _slope(sizes)
        rows += [
            Row("Memory of the demo with its panel, 10 min", _at(sizes, 600), "MB", _AIM_MB),
            Row(
                "Memory of the demo with its panel, growth",
                slope,
                "MB/h",
                _FLAT_MB_PER_H,
                note=f"line through minutes 2 to 10; flat is taken as at most {_FLAT_MB_PER_H} MB/h",
            ),
        ]
    return rows


def _watch(seconds: float) -> Sizes:
    """(seconds since the start, MB)."""
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as data:
        process = subprocess.Popen(
            [sys.executable, "-m", "hmi", "demo", "--s7-port", "0", "--data", data],
            env=child_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return _sizes(psutil.Process(process.pid), seconds)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _sizes(process: psutil.Process, seconds: float) -> Sizes:
    began = time.monotonic()
    sizes: Sizes = []
    while (passed := time.monotonic() - began) < seconds + _EVERY_S:
        if process.status() == psutil.STATUS_ZOMBIE:
            raise RuntimeError(f"the demo ended after {passed:.0f} s")
        sizes.append((passed, process.memory_info().rss / 2**20))
        time.sleep(_EVERY_S)
    return sizes


def _at(sizes: Sizes, seconds: float) -> float:
    return min(sizes, key=lambda size: abs(size[0] - seconds))[1]


def _slope(sizes: Sizes) -> float:
    """MB per hour, once the start is over."""
    settled = np.array([size for size in sizes if size[0] >= _SETTLED_S])
    return float(np.polyfit(settled[:, 0], settled[:, 1], 1)[0]) * 3600
