"""Memory of the process with the panel over an hour of Sparkplug load: does it still grow at the end?"""

import numpy as np

from tests.bench.children import run_child
from tests.bench.table import Row, quantile

_NODES = 50
_PER_S = 300
_HOUR_S = 3600
_SECONDS = {False: 600, True: _HOUR_S}
_FLAT_MB_PER_H = 10
_NAME = f"Sparkplug, {_PER_S} msg/s for {{minutes:.0f}} min with the panel open"


def run(*, long: bool) -> list[Row]:
    """An hour with ``long``; else ten minutes, which show the start and no more."""
    seconds = _SECONDS[long]
    arguments = {"nodes": _NODES, "per_s": _PER_S, "seconds": seconds, "page": "diagnostics"}
    result = run_child("tests.bench.sparkplug_panel", arguments, seconds + 300)
    sizes, name = result["rss_mb"], _NAME.format(minutes=seconds / 60)
    latest = sizes[len(sizes) // 2 :]
    return [
        Row(
            f"{name}: resident memory",
            sizes[-1],
            "MB",
            note=f"{sizes[0]:.0f} MB at the start, {latest[0]:.0f} at half time, at most {max(sizes):.0f}",
        ),
        Row(
            f"{name}: growth",
            _slope_mb_per_h(latest, seconds / len(sizes)),
            "MB/h",
            _FLAT_MB_PER_H,
            note=f"line through the second half; flat is taken as at most {_FLAT_MB_PER_H} MB/h",
        ),
        Row(f"{name}: node to tag, p99", quantile(result["latency_ms"], 0.99), "ms"),
        Row(f"{name}: values lost", result["lost"] + result["rows_lost"], aim=0),
    ]


def _slope_mb_per_h(sizes: list[float], every_s: float) -> float:
    return float(np.polyfit(np.arange(len(sizes)) * every_s, sizes, 1)[0]) * 3600
