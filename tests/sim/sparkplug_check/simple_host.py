"""A deliberately simple host application over paho, with a switch for each way of getting Sparkplug wrong."""

import contextlib
import queue
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import PayloadError, encode, parse
from drivers.sparkplug.sparkplug_b_pb2 import Payload as Wire
from drivers.sparkplug.state import HostState, format_state, parse_state
from sim.sparkplug_check.hooks import WriteRequest

REBIRTH = "Node Control/Rebirth"
TICK_S = 0.01
BACK_OFF_S = 5.0


@dataclass(slots=True)
class KnownMetric:
    name: str
    alias: int | None
    value: int = 0
    stale: bool = False


@dataclass(slots=True)
class KnownPart:
    """The node itself or a device."""

    metrics: dict[str, KnownMetric]
    online: bool = True
    since_ms: int = 0


@dataclass(slots=True)
class KnownNode:
    group: str
    name: str
    parts: dict[str, KnownPart] = field(default_factory=dict)
    bdseq: int = -1
    seq: int | None = None
    waiting: dict[int, tuple[str, str, Wire]] = field(default_factory=dict)
    gap_at: float = 0.0
    asked_at: float = -100.0


class SimpleHost:
    """``faults`` are named where they act."""

    def __init__(
        self, port: int, host_id: str, faults: Collection[str] = (), *, window_s: float = 1.0
    ) -> None:
        self._port = port
        self._host_id = host_id
        self._topic = f"spBv1.0/STATE/{host_id}"
        self._faults = frozenset(faults)
        self._window_s = window_s
        self._orders: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._client: mqtt.Client | None = None
        self._started_ms = 0
        self._dead = False
        self._nodes: dict[tuple[str, str], KnownNode] = {}

    def start(self) -> None:
        self._orders = queue.SimpleQueue()
        self._dead = False
        self._thread = threading.Thread(target=self._run, name="simple-host", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end("stop")

    def kill(self) -> None:
        self._end("kill")

    def write(self, request: WriteRequest) -> None:
        self._orders.put(("write", request))

    def dump(self) -> Mapping[str, Any]:
        answer: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._orders.put(("dump", answer))
        return answer.get(timeout=10)

    def _end(self, how: str) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._orders.put((how, None))
            thread.join(10)

    def _run(self) -> None:
        self._open()
        while True:
            try:
                order, content = self._orders.get(timeout=TICK_S)
            except queue.Empty:
                self._look_at_gaps()
                continue
            if order in ("stop", "kill"):
                self._close(farewell=order == "stop")
                return
            getattr(self, f"_on_{order}")(content)
            self._look_at_gaps()

    def _open(self) -> None:
        faults, orders = self._faults, self._orders
        self._started_ms = max(_now(), self._started_ms + 1)
        if "time in seconds" in faults:
            self._started_ms = _now() // 1000
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            f"simple-{self._host_id}",
            protocol=mqtt.MQTTv311,
            clean_session="session is kept" not in faults,
        )
        client.on_connect = lambda *_: orders.put(("connected", client))
        client.on_disconnect = lambda *_: orders.put(("lost", client))
        client.on_message = lambda _c, _d, message: orders.put(("message", message))
        if "no will" not in faults:
            will_ms = self._started_ms - (777 if "will with another time" in faults else 0)
            qos = 0 if "will at qos 0" in faults else 1
            client.will_set(self._topic, self._state(False, will_ms), qos, "will not retained" not in faults)
        self._client = client
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                client.connect("127.0.0.1", self._port, 10)
                client.loop_start()
                return
            threading.Event().wait(0.05)

    def _close(self, *, farewell: bool) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        client.on_disconnect = None
        if not farewell:
            sock = client.socket()
            client.loop_stop()
            if sock is not None:
                sock.close()
            return
        if "no farewell" not in self._faults:
            when = self._started_ms if "farewell with the old time" in self._faults else _now()
            client.publish(self._topic, self._state(False, when), 1, True).wait_for_publish(5)
        client.disconnect()
        client.loop_stop()

    def _on_connected(self, client: mqtt.Client) -> None:
        if client is not self._client:
            return
        if "online before subscribing" in self._faults:
            self._say_online()
        client.subscribe([(self._topic, 1), ("spBv1.0/#", 1)])
        if "online before subscribing" not in self._faults:
            self._say_online()

    def _say_online(self) -> None:
        faults = self._faults
        if self._client is not None:
            qos = 0 if "online at qos 0" in faults else 1
            self._client.publish(
                self._topic, self._state(True, self._started_ms), qos, "online not retained" not in faults
            )

    def _state(self, online: bool, timestamp_ms: int) -> bytes:
        if "text of version 2" in self._faults:
            return b"ONLINE" if online else b"OFFLINE"
        return format_state(HostState(online, timestamp_ms))

    def _on_lost(self, client: mqtt.Client) -> None:
        if client is self._client:
            client.loop_stop()
            self._open()

    def _on_message(self, message: mqtt.MQTTMessage) -> None:
        if self._dead:
            return
        levels = message.topic.split("/")
        if levels[1] == "STATE":
            self._on_state(message)
            return
        if len(levels) not in (4, 5) or levels[2] in ("NCMD", "DCMD"):
            return
        try:
            payload = parse(message.payload)
        except PayloadError:
            self._dead = "dies of garbage" in self._faults
            return
        node = self._nodes.setdefault((levels[1], levels[3]), KnownNode(levels[1], levels[3]))
        self._on_payload(node, levels[2], levels[4] if len(levels) == 5 else "", payload)

    def _on_state(self, message: mqtt.MQTTMessage) -> None:
        with contextlib.suppress(PayloadError):
            online = parse_state(message.payload).online
            if message.topic == self._topic and not online and "forged offline ignored" not in self._faults:
                if "repaired with a new time" in self._faults:
                    self._started_ms = _now()
                self._say_online()

    def _on_payload(self, node: KnownNode, verb: str, device: str, payload: Wire) -> None:
        if verb == "NBIRTH":
            self._on_nbirth(node, payload)
        elif verb == "NDEATH":
            self._on_ndeath(node, payload)
        elif not self._alive(node):
            fault = "dbirth first ignored" if verb == "DBIRTH" else "unknown node ignored"
            if node.bdseq >= 0:
                fault = "data after death ignored"
            self._ask(node, fault)
        elif payload.HasField("seq"):
            node.waiting[payload.seq] = (verb, device, payload)
            self._take_waiting(node)

    def _alive(self, node: KnownNode) -> bool:
        return "" in node.parts and node.parts[""].online

    def _take_waiting(self, node: KnownNode) -> None:
        while node.seq in node.waiting:
            verb, device, payload = node.waiting.pop(node.seq)
            node.seq = (node.seq + 1) % 256
            self._apply(node, verb, device, payload)
        if not node.waiting:
            node.gap_at = 0.0
        elif not node.gap_at:
            node.gap_at = time.monotonic()

    def _look_at_gaps(self) -> None:
        window_s = 0.0 if "no reorder window" in self._faults else self._window_s
        for node in self._nodes.values():
            if node.gap_at and time.monotonic() - node.gap_at >= window_s:
                node.gap_at = 0.0
                node.waiting.clear()
                node.seq = None
                self._ask(node, "gap ignored")

    def _on_nbirth(self, node: KnownNode, payload: Wire) -> None:
        node.parts = {"": KnownPart(_metrics(payload), True, payload.timestamp)}
        node.bdseq = next((m.long_value for m in payload.metrics if m.name == "bdSeq"), -1)
        node.seq = (payload.seq + 1) % 256
        node.waiting.clear()
        node.gap_at = 0.0

    def _on_ndeath(self, node: KnownNode, payload: Wire) -> None:
        number = payload.metrics[0].long_value if payload.metrics else -1
        if number != node.bdseq and "stale death obeyed" not in self._faults:
            return
        for name, part in node.parts.items():
            if name == "" or "death leaves devices" not in self._faults:
                self._die(part, _now())

    def _die(self, part: KnownPart, when_ms: int) -> None:
        part.online, part.since_ms = False, when_ms
        for metric in part.metrics.values():
            metric.stale = "death leaves metrics" not in self._faults

    def _apply(self, node: KnownNode, verb: str, device: str, payload: Wire) -> None:
        if verb == "DBIRTH":
            node.parts[device] = KnownPart(_metrics(payload), True, payload.timestamp)
        elif device not in node.parts:
            self._ask(node, "unknown device ignored")
        elif verb == "DDEATH":
            self._die(
                node.parts[device], _now() if "death at its own time" in self._faults else payload.timestamp
            )
        else:
            self._on_data(node, node.parts[device], payload)

    def _on_data(self, node: KnownNode, part: KnownPart, payload: Wire) -> None:
        for metric in payload.metrics:
            known = next((m for m in part.metrics.values() if _is(metric, m)), None)
            if "needs datatypes" in self._faults and not metric.HasField("datatype"):
                known = None
            if known is None:
                self._ask(node, "unknown alias ignored")
            elif not metric.is_historical or "history is taken for live" in self._faults:
                known.value = metric.int_value

    def _ask(self, node: KnownNode, unless: str) -> None:
        now = time.monotonic()
        if unless in self._faults or (
            now - node.asked_at < BACK_OFF_S and "rebirth storm" not in self._faults
        ):
            return
        node.asked_at = now
        metric = Metric(REBIRTH, "rebirth false" not in self._faults, MetricType.BOOLEAN)
        self._command(f"spBv1.0/{node.group}/NCMD/{node.name}", metric)

    def _on_write(self, request: WriteRequest) -> None:
        node = self._nodes[request.group, request.node]
        known = node.parts[request.device or ""].metrics[request.metric]
        by_alias = known.alias is not None and "command by name" not in self._faults
        kind = MetricType.DOUBLE if "command of another type" in self._faults else MetricType.INT32
        name = "Nothing" if "command of an unknown metric" in self._faults else known.name
        metric = Metric(None if by_alias else name, request.value, kind, known.alias if by_alias else None)
        device = "" if request.device is None else f"/{request.device}"
        verb = "NCMD" if request.device is None else "DCMD"
        self._command(f"spBv1.0/{node.group}/{verb}/{node.name}{device}", metric)

    def _command(self, topic: str, metric: Metric) -> None:
        faults = self._faults
        payload = Payload(
            None if "command without time" in faults else _now(),
            (metric,),
            3 if "command with seq" in faults else None,
        )
        data = encode(payload, datatypes="command with datatype" in faults)
        if self._client is not None:
            self._client.publish(
                topic, data, 1 if "command at qos 1" in faults else 0, "command retained" in faults
            )

    def _on_dump(self, answer: "queue.SimpleQueue[Mapping[str, Any]]") -> None:
        answer.put({"nodes": [_describe(node) for node in self._nodes.values() if "" in node.parts]})


def _describe(node: KnownNode) -> Mapping[str, Any]:
    devices = [{"device": name, **_part(part)} for name, part in node.parts.items() if name]
    return {"group": node.group, "node": node.name, **_part(node.parts[""]), "devices": devices}


def _part(part: KnownPart) -> Mapping[str, Any]:
    metrics = [{"name": m.name, "value": m.value, "stale": m.stale} for m in part.metrics.values()]
    return {"online": part.online, "since_ms": part.since_ms, "metrics": metrics}


def _metrics(payload: Wire) -> dict[str, KnownMetric]:
    return {
        each.name: KnownMetric(each.name, each.alias if each.HasField("alias") else None)
        for each in payload.metrics
    }


def _is(metric: Wire.Metric, known: KnownMetric) -> bool:
    if metric.HasField("alias"):
        return metric.alias == known.alias
    return metric.name == known.name


def _now() -> int:
    return time.time_ns() // 1_000_000
