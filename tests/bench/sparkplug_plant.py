"""The plant of the Sparkplug benches: a host application whose tags are metrics of many remote nodes."""

from engine.config import PlantConfig, parse_plant
from tests.bench.sparkplug_publisher import DEVICE, GROUP, METRICS

CONNECTION = "remote"
BROKER_OPTIONS = ("max_queued_messages 0", "max_inflight_messages 0", "set_tcp_nodelay true")
"""The broker must be no reason for a loss: it keeps whatever the host has not taken yet."""


def sparkplug_plant(port: int, nodes: int, more: str = "") -> PlantConfig:
    """``nodes`` nodes with one device of ten REAL each, every change recorded."""
    lines = [
        "schema_version: 1",
        "site: {name: Bench, timezone: UTC}",
        f"mqtt: {{broker_host: 127.0.0.1, broker_port: {port}}}",
        f"sparkplug: {{group_id: {GROUP}, node_id: Own, publish: false, host_id: bench}}",
        "plc_connections:",
        f"  - id: {CONNECTION}",
        "    type: SPARKPLUG",
        "    tags:",
    ]
    lines += [
        f"      - {{name: N{n:03}.M{m}, address: '{GROUP}/N{n:03}/{DEVICE}:M{m}', data_type: REAL}}"
        for n in range(nodes)
        for m in range(METRICS)
    ]
    return parse_plant("\n".join(lines) + "\n" + more, "bench.yaml", {})
