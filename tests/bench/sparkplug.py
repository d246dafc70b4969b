"""Sparkplug: ingest to committed rows, latency with the panel open, memory under load, edge publish rate."""

from typing import Any

from tests.bench.children import run_child
from tests.bench.gaps import gap_rows
from tests.bench.sparkplug_publisher import METRICS
from tests.bench.table import Row, quantile

_NODES = 50
_PER_S = 1_000
_EDGE_PER_S = 50_000
_AIM_PER_S = 5_000
_AIM_RATIO = 0.5
_AIM_P95_MS = 250
_NAME = f"Sparkplug, {_PER_S:,} msg/s with the panel open"


def run(*, long: bool) -> list[Row]:
    seconds = 20 if long else 8
    rows = [row for qos in (0, 1) for row in _ingest(qos, seconds)]
    return [*rows, *_panel(300 if long else 40), *_edge(seconds)]


def _ingest(qos: int, seconds: float) -> list[Row]:
    arguments = {"nodes": _NODES, "seconds": seconds, "qos": qos}
    bare, host = (
        run_child("tests.bench.sparkplug_ingest", {**arguments, "bare": kind}, seconds + 120)
        for kind in (True, False)
    )
    name = f"Sparkplug host, QoS {qos}"
    missing = host["sent"] - host["through"]
    return [
        Row(
            f"{name}, to committed rows : bare paho and protobuf",
            host["per_s"] / bare["per_s"],
            aim=_AIM_RATIO,
            at_least=True,
            ratio=True,
            note=f"{host['per_s']:,.0f} msg/s against {bare['per_s']:,.0f} msg/s bare",
        ),
        Row(
            f"{name}, {METRICS}-metric DDATA to committed rows",
            host["per_s"],
            "msg/s",
            _AIM_PER_S,
            at_least=True,
            note=f"{host['cpu'] * 100:.0f} % of a core; {missing} of {host['sent']:,} lost",
        ),
    ]


def _panel(seconds: float) -> list[Row]:
    arguments = {"nodes": _NODES, "per_s": _PER_S, "seconds": seconds, "page": "diagnostics"}
    result: dict[str, Any] = run_child("tests.bench.sparkplug_panel", arguments, seconds + 120)
    latency, sizes = result["latency_ms"], result["rss_mb"]
    rate = f"{result['sent']:,} messages in QoS 1, {seconds:.0f} s"
    rows = [
        Row(f"{_NAME}: node to tag, p50", quantile(latency, 0.5), "ms", note=rate),
        Row(f"{_NAME}: node to tag, p95", quantile(latency, 0.95), "ms", _AIM_P95_MS),
        Row(f"{_NAME}: node to tag, p99", quantile(latency, 0.99), "ms", note=f"worst {max(latency):.0f} ms"),
        Row(f"{_NAME}: values lost", result["lost"] + result["rows_lost"], aim=0),
        Row(f"{_NAME}: processor", result["cpu"] * 100, "% of a core"),
        Row(f"{_NAME}: resident memory", sizes[-1], "MB", note=f"{sizes[0]:.0f} MB {seconds:.0f} s before"),
    ]
    return rows + gap_rows(_NAME, result, "Diagnostics with the tree of nodes")


def _edge(seconds: float) -> list[Row]:
    result = run_child("tests.bench.sparkplug_edge", {"seconds": seconds, "per_s": _EDGE_PER_S}, seconds + 60)
    used = f"{result['cpu'] * 100:.0f} % of a core"
    note = f"{_EDGE_PER_S:,} changes a second; {used}; {result['messages']:,} messages"
    return [
        Row("Sparkplug edge node: published", result["per_s"], "metrics/s", note=note),
        Row("Sparkplug edge node: changes not seen by a subscriber", result["missing"], aim=0),
    ]
