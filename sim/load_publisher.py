"""``python -m sim.load_publisher ARGUMENTS``: the publishers of a load test, a share of the nodes each.

Says one line of JSON a second (``{"sent": N}``) and a last one when its time is over or its input ends.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sim.load_messages import SparkplugNode, make_json

_CONNECT_S = 10.0
_FINISH_S = 10.0


@dataclass(slots=True)
class Publisher:
    """One MQTT session: an edge node with its devices, or an agent with JSON topics."""

    node: SparkplugNode
    json: bool
    qos: int
    client: mqtt.Client = field(init=False)
    ready: threading.Event = field(default_factory=threading.Event)
    number: int = 0
    sent: int = 0
    refused: int = 0
    error: str = ""

    def open(self, host: str, port: int) -> None:
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"load-{self.node.id}")
        self.client.max_inflight_messages_set(0)
        if not self.json:
            topic, payload = self.node.will(time.time_ns() // 1_000_000)
            self.client.will_set(topic, payload, 1, retain=False)
        self.client.on_connect = self._on_connect
        self.client.connect(host, port)
        self.client.loop_start()

    def publish(self) -> None:
        """One message of each device."""
        self.number += 1
        for place, device in enumerate(self.node.devices):
            now_us = time.time_ns() // 1000
            if self.json:
                topic = f"load/{self.node.group}/{self.node.id}/{device}"
                payload = make_json(self.number, now_us, self.node.metrics)
            else:
                topic, payload = self.node.data(place, self.number, now_us)
            done = self.client.publish(topic, payload, self.qos)
            self.sent += done.rc == mqtt.MQTT_ERR_SUCCESS
            self.refused += done.rc != mqtt.MQTT_ERR_SUCCESS

    def close(self) -> None:
        deadline = time.monotonic() + _FINISH_S
        while self.client.want_write() and time.monotonic() < deadline:
            time.sleep(0.01)
        if not self.json:
            topic, payload = self.node.will(time.time_ns() // 1_000_000)
            self.client.publish(topic, payload, 1)
        self.client.disconnect()
        self.client.loop_stop()

    def _on_connect(
        self, client: mqtt.Client, _user: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self.error = str(reason)
        elif not self.json:
            for topic, payload in self.node.births(time.time_ns() // 1_000_000):
                client.publish(topic, payload, 0)
        self.ready.set()


def main(arguments: Sequence[str]) -> int:
    given = json.loads(arguments[0])
    devices = tuple(f"D{n:02}" for n in range(given["devices"]))
    publishers = [
        Publisher(SparkplugNode(given["group"], name, devices, given["metrics"]), given["json"], given["qos"])
        for name in given["nodes"]
    ]
    for publisher in publishers:
        publisher.open(given["host"], given["port"])
    failed = [p.node.id for p in publishers if not p.ready.wait(_CONNECT_S) or p.error]
    ended = threading.Event()
    threading.Thread(target=_watch_input, args=(ended,), daemon=True).start()
    _say(ready=True, failed=failed)
    seconds = _run(publishers, given["interval"], given["duration"], ended)
    for publisher in publishers:
        publisher.close()
    _say(sent=sum(p.sent for p in publishers), refused=sum(p.refused for p in publishers), seconds=seconds)
    return 0


def _run(publishers: list[Publisher], interval_s: float, duration_s: float, ended: threading.Event) -> float:
    """Each publisher on a grid of its own, spread over the interval; how long it took."""
    began = time.monotonic()
    due = [began + interval_s * place / len(publishers) for place in range(len(publishers))]
    said = began
    while not ended.is_set() and (now := time.monotonic()) < began + duration_s:
        for place, publisher in enumerate(publishers):
            if now >= due[place]:
                publisher.publish()
                due[place] += interval_s
        if now >= said + 1.0:
            said = now
            _say(sent=sum(publisher.sent for publisher in publishers))
        wait_s = min(due) - time.monotonic()
        if wait_s > 0:
            ended.wait(min(wait_s, 0.1))
    return time.monotonic() - began


def _watch_input(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _say(**facts: object) -> None:
    sys.stdout.write(f"{json.dumps(facts)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
