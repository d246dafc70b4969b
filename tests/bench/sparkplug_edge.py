"""In a child: our edge node publishes changes of a thousand tags at a steady rate."""

import random
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from drivers.mqtt.base import BrokerSettings, Link, LinkHandler
from drivers.mqtt.link import MqttLink
from drivers.sparkplug.edge import EdgeNode
from drivers.sparkplug.edge_model import EdgeDevice, EdgeSettings
from engine.clock import SystemClock
from engine.connections import ConnectionState, ConnectionStatus
from engine.events import EventJournal
from engine.model import DataType, Quality, Sample, TagDef, TypeSpec
from engine.nodes import EdgeState
from engine.tags import TagDatabase
from tests.bench.children import child_arguments, give_result, simulator
from tests.bench.sparkplug_ingest import until
from tests.bench.sparkplug_plant import BROKER_OPTIONS
from tests.mqtt.mosquitto import Mosquitto

_TAGS = 1_000
_LAST_BATCH_S = 2.0
_DEVICE = "line1"


def main() -> None:
    """Arguments: seconds, per_s."""
    clock = SystemClock()
    tags = [TagDef(_DEVICE, f"T{n:04}", "", TypeSpec(DataType.REAL)) for n in range(_TAGS)]
    with Mosquitto(options=BROKER_OPTIONS) as broker, tempfile.TemporaryDirectory() as folder:

        def make_link(handler: LinkHandler) -> Link:
            settings = [BrokerSettings("127.0.0.1", broker.port)]
            return MqttLink(settings, "bench-edge", handler, "edge", clock, random.Random(1))

        edge = EdgeNode(
            EdgeSettings("Bench", "Own"),
            [EdgeDevice(_DEVICE, "Line 1", tuple(tags))],
            TagDatabase(tags),
            lambda *_: None,
            EventJournal().record,
            make_link,
            Path(folder),
            clock,
        )
        edge.start()
        with simulator("tests.bench.sparkplug_counter", {"port": broker.port}) as counter:
            edge.on_status(_connected(clock))
            until(lambda: edge.status().state is EdgeState.BORN, "the birth")
            given = child_arguments()
            result = _publish(edge, [tag.key for tag in tags], given["seconds"], given["per_s"])
            edge.stop()
            seen = counter.last_words()
    missing = result["given"] - seen["metrics"]
    per_s = seen["metrics"] / result["taken"]
    give_result({**result, "messages": seen["messages"], "missing": missing, "per_s": per_s})


def _publish(edge: EdgeNode, keys: list[str], seconds: float, per_s: int) -> dict[str, Any]:
    process = psutil.Process()
    began, used, given, value = time.monotonic(), sum(process.cpu_times()[:2]), 0, 0.0
    while time.monotonic() < began + seconds:
        if given > (time.monotonic() - began) * per_s:
            time.sleep(0.002)
            continue
        value += 1.0
        now_us = time.time_ns() // 1000
        edge.on_changes([Sample(key, value, Quality.GOOD, now_us) for key in keys])
        given += len(keys)
    taken = time.monotonic() - began
    time.sleep(_LAST_BATCH_S)
    return {
        "given": given,
        "taken": taken,
        "stored": edge.status().stored,
        "cpu": (sum(process.cpu_times()[:2]) - used) / taken,
    }


def _connected(clock: SystemClock) -> ConnectionStatus:
    return ConnectionStatus(_DEVICE, "SIEMENS_S7", "", "", ConnectionState.CONNECTED, clock.utc_us())


if __name__ == "__main__":
    main()
