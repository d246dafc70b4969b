"""In a child: a broker, the publisher, and either the whole host with its database or a bare loop."""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import psutil

from drivers.sparkplug.sparkplug_b_pb2 import Payload
from engine.clock import SystemClock
from engine.nodes import NodeState
from hmi.collector import shorten_collections
from hmi.plant import build_plant
from tests.bench.children import Simulator, child_arguments, give_result, simulator
from tests.bench.sparkplug_plant import BROKER_OPTIONS, sparkplug_plant
from tests.bench.sparkplug_publisher import METRICS
from tests.mqtt.mosquitto import Mosquitto

_WINDOW = 5_000
_WARM_UP_S = 2.0
_POLL_S = 0.02


def main() -> None:
    """Arguments: bare (bool), nodes, seconds, qos."""
    given = child_arguments()
    with Mosquitto(options=BROKER_OPTIONS) as broker:
        measure = _bare if given["bare"] else _host
        give_result(measure(broker.port, given["nodes"], given["seconds"], given["qos"]))


def _host(port: int, nodes: int, seconds: float, qos: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-sparkplug-") as folder:
        plant = build_plant(sparkplug_plant(port, nodes), Path(folder), SystemClock())
        shorten_collections()
        plant.start()
        engine = plant.engine
        host = engine.host
        if host is None:
            raise RuntimeError("the plant has no host application")
        try:
            until(lambda: host.online, "the host's STATE")
            with simulator("tests.bench.sparkplug_publisher", _publisher(port, nodes, qos)) as publisher:
                until(lambda: _born(host.nodes()) == nodes, "all births")
                before = engine.recorder.status().rows_written
                result = _pump(
                    publisher,
                    lambda: (engine.recorder.status().rows_written - before) // METRICS,
                    seconds,
                )
            result["lost"] = engine.recorder.status().rows_lost
            result["gaps"] = sum(node.faults.gaps for node in host.nodes())
            return result
        finally:
            plant.stop()


def _bare(port: int, nodes: int, seconds: float, qos: int) -> dict[str, Any]:
    """What no host in Python can beat: paho's own loop, one parse, every field that counts read once."""
    count = 0

    def on_message(_client: mqtt.Client, _user: object, message: mqtt.MQTTMessage) -> None:
        nonlocal count
        payload = Payload.FromString(message.payload)
        for metric in payload.metrics:
            _ = (metric.alias, metric.timestamp, metric.float_value)
        count += len(payload.metrics) == METRICS and "/DDATA/" in message.topic

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    ready = threading.Event()
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("spBv1.0/#", 1)
    ready.wait(10)
    try:
        with simulator("tests.bench.sparkplug_publisher", _publisher(port, nodes, qos)) as publisher:
            return _pump(publisher, lambda: count, seconds)
    finally:
        client.disconnect()
        client.loop_stop()


def _pump(publisher: Simulator, done: Callable[[], int], seconds: float) -> dict[str, Any]:
    """Keep a window of messages on the way; messages per second that came through after the warm-up."""
    process = psutil.Process()
    began = time.monotonic()
    start = (began, 0, 0.0)
    warm = False
    while (now := time.monotonic()) < began + _WARM_UP_S + seconds:
        through = done()
        if not warm and now >= began + _WARM_UP_S:
            warm, start = True, (now, through, sum(process.cpu_times()[:2]))
        _allow(publisher, through + _WINDOW)
        time.sleep(_POLL_S)
    end = (time.monotonic(), done(), sum(process.cpu_times()[:2]))
    words = publisher.last_words()
    until(lambda: done() >= words["sent"], "the rest of the messages", 20.0, fail=False)
    return {
        "per_s": (end[1] - start[1]) / (end[0] - start[0]),
        "cpu": (end[2] - start[2]) / (end[0] - start[0]),
        "sent": words["sent"],
        "through": done(),
    }


def _allow(publisher: Simulator, total: int) -> None:
    pipe = publisher.process.stdin
    if pipe is not None:
        pipe.write(f"{total}\n")
        pipe.flush()


def _publisher(port: int, nodes: int, qos: int) -> dict[str, Any]:
    return {"port": port, "nodes": nodes, "qos": qos, "per_s": 0}


def _born(nodes: list[Any]) -> int:
    return sum(node.state is NodeState.ONLINE and bool(node.devices) for node in nodes)


def until(condition: Callable[[], bool], what: str, seconds: float = 30.0, *, fail: bool = True) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            if fail:
                raise TimeoutError(f"waited {seconds:.0f} s for {what}")
            return
        time.sleep(_POLL_S)


if __name__ == "__main__":
    main()
