"""A deliberately simple edge node over paho, with a switch for each way of getting Sparkplug wrong."""

import contextlib
import queue
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from drivers.sparkplug.model import (
    DataSet,
    Metric,
    MetricType,
    Payload,
    Property,
    Template,
)
from drivers.sparkplug.payload import PayloadError, encode, parse
from drivers.sparkplug.state import parse_state
from sim.sparkplug_check.observed import Observed

REBIRTH = "Node Control/Rebirth"
TICK_S = 0.05


class SimpleEdge:
    """Node ``group``/``node`` with the devices ``d1`` and ``d2``; ``faults`` are named where they act."""

    def __init__(
        self,
        port: int,
        group: str,
        node: str,
        faults: Collection[str] = (),
        *,
        host_id: str | None = None,
        v5: bool = False,
        tick_s: float = TICK_S,
    ) -> None:
        self._port = port
        self._group = group
        self._node = node
        self._faults = frozenset(faults)
        self._host_id = host_id
        self._v5 = v5
        self._tick_s = tick_s
        self._orders: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._client: mqtt.Client | None = None
        self._bdseq = -1
        self._session_bdseq = 0
        self._seq = 0
        self._seqs: dict[str, int] = {}
        self._count = 0
        self._born = False
        self._deaf = False
        self._up = {"d1", "d2"}
        self._host_ms = -1
        self._host_online = False

    def start(self) -> None:
        self._orders = queue.SimpleQueue()
        self._host_ms, self._host_online, self._deaf = -1, False, False
        self._thread = threading.Thread(target=self._run, name="simple-edge", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end("stop")

    def kill(self) -> None:
        self._end("kill")

    def lose_device(self) -> None:
        self._orders.put(("lose", "d2"))

    def restore_device(self) -> None:
        self._orders.put(("restore", "d2"))

    def rehearse(self) -> list[Observed]:
        """What it publishes in an eventful life, without a broker: born, reborn, a device lost and back."""
        recorder = _Recorder()
        self._client = cast(mqtt.Client, recorder)
        self._bdseq = self._session_bdseq = 5
        self._birth()
        self._tick_often(400)
        self._birth(again=True)
        self._tick_often(30)
        self._on_lose("d2")
        self._tick_often(30)
        self._on_restore("d2")
        self._tick_often(30)
        recorder.publish(self._topic("NDEATH"), self._death(), 1, "will retained" in self._faults)
        return recorder.sent

    def _tick_often(self, times: int) -> None:
        for _ in range(times):
            self._tick()

    def _end(self, how: str) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._orders.put((how, None))
            thread.join(10)

    def _run(self) -> None:
        self._open()
        while True:
            try:
                order, content = self._orders.get(timeout=self._tick_s)
            except queue.Empty:
                self._tick()
                continue
            if order in ("stop", "kill"):
                self._close(farewell=order == "stop")
                return
            getattr(self, f"_on_{order}")(content)

    def _open(self) -> None:
        """A new client for every session, so that each has a will of its own."""
        if "bdseq never changes" not in self._faults or self._bdseq < 0:
            self._bdseq = (self._bdseq + 1) % 256
        self._session_bdseq = self._bdseq
        orders = self._orders
        version = mqtt.MQTTv5 if self._v5 else mqtt.MQTTv311
        clean = {} if self._v5 else {"clean_session": "session is kept" not in self._faults}
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, f"simple-{self._group}-{self._node}", protocol=version, **clean
        )
        client.on_connect = lambda *_: orders.put(("connected", client))
        client.on_disconnect = lambda *_: orders.put(("lost", client))
        client.on_message = lambda _c, _d, message: orders.put(("message", message))
        if "no will" not in self._faults:
            will_qos = 0 if "will at qos 0" in self._faults else 1
            client.will_set(
                self._topic("NDEATH"), self._death(will=True), will_qos, "will retained" in self._faults
            )
        self._client = client
        self._born = False
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                client.connect("127.0.0.1", self._port, 10)
                client.loop_start()
                return
            threading.Event().wait(0.05)

    def _close(self, *, farewell: bool) -> None:
        client = self._client
        if client is None:
            return
        self._client = None
        client.on_disconnect = None
        if not farewell:
            sock = client.socket()
            client.loop_stop()
            if sock is not None:
                sock.close()
            return
        if self._born and "no farewell" not in self._faults:
            client.publish(self._topic("NDEATH"), self._death(), 1).wait_for_publish(5)
        if self._v5 and "v5 without will" not in self._faults:
            client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=4))
        else:
            client.disconnect()
        client.loop_stop()

    def _on_connected(self, client: mqtt.Client) -> None:
        if client is not self._client:
            return
        if "subscribes late" not in self._faults:
            self._subscribe(client)
        if self._host_id is None or "births before the host" in self._faults:
            self._birth()
        if "subscribes late" in self._faults:
            self._subscribe(client)

    def _subscribe(self, client: mqtt.Client) -> None:
        qos = 0 if "commands at qos 0" in self._faults else 1
        client.subscribe(
            [
                (f"spBv1.0/{self._group}/{verb}/{self._node}{rest}", qos)
                for verb, rest in (("NCMD", ""), ("DCMD", "/#"))
            ]
        )
        if self._host_id is not None:
            client.subscribe("spBv1.0/STATE/+", 1)

    def _on_lost(self, client: mqtt.Client) -> None:
        if client is self._client:
            client.loop_stop()
            self._open()

    def _on_message(self, message: mqtt.MQTTMessage) -> None:
        levels = message.topic.split("/")
        if levels[1] == "STATE":
            self._on_state(levels[2], message.payload)
            return
        if self._deaf or levels[2] != "NCMD":
            return
        try:
            payload = parse(message.payload)
        except PayloadError:
            self._deaf = "deaf after garbage" in self._faults
            return
        for metric in payload.metrics:
            if metric.name == REBIRTH:
                self._on_rebirth(metric)
            elif "deaf after unknown metric" in self._faults:
                self._deaf = True

    def _on_rebirth(self, metric: Any) -> None:
        if "no rebirth" in self._faults:
            return
        if "rebirth needs datatype" in self._faults and not metric.HasField("datatype"):
            return
        if metric.boolean_value or "rebirth false obeyed" in self._faults:
            self._birth(again=True)

    def _on_state(self, host: str, data: bytes) -> None:
        if host != self._host_id and "follows any host" not in self._faults:
            return
        try:
            state = parse_state(data)
        except PayloadError:
            return
        stale = state.timestamp_ms < self._host_ms
        tolerated = "accepts old offline" if not state.online else "accepts old online"
        if stale and tolerated not in self._faults:
            return
        self._host_ms = state.timestamp_ms
        if state.online and not self._born:
            self._birth()
        elif not state.online and self._born and "ignores offline" not in self._faults:
            self._close(farewell=True)
            self._open()

    def _on_lose(self, device: str) -> None:
        self._up.discard(device)
        if "no ddeath" not in self._faults:
            payload = Payload(
                self._now(), (), None if "ddeath without seq" in self._faults else self._next_seq(device)
            )
            self._send("DDEATH", payload, device)

    def _on_restore(self, device: str) -> None:
        self._up.add(device)
        self._dbirth(device)

    def _birth(self, *, again: bool = False) -> None:
        if "bdseq changes with rebirth" in self._faults and again:
            self._session_bdseq = (self._session_bdseq + 1) % 256
        if "seq goes on" not in self._faults:
            self._seq = 0
        self._seqs.clear()
        nbirth = Payload(self._now(), tuple(self._stamp(m) for m in self._node_metrics()), self._next_seq(""))
        self._send("NBIRTH", nbirth)
        self._born = True
        devices = sorted(self._up)
        if again and "rebirth forgets a device" in self._faults:
            devices = devices[:1]
        for device in devices:
            if device == "d2" and "data between births" in self._faults:
                self._data("d1", 1)
            self._dbirth(device)
            if "device born twice" in self._faults:
                self._dbirth(device)

    def _dbirth(self, device: str) -> None:
        metrics = [self._stamp(metric) for metric in self._device_metrics(device)]
        self._send("DBIRTH", Payload(self._now(), tuple(metrics), self._next_seq(device)), device)

    def _node_metrics(self) -> list[Metric]:
        faults = self._faults
        rebirth = Metric(REBIRTH, "rebirth true in birth" in faults, MetricType.BOOLEAN)
        if "rebirth with alias" in faults:
            rebirth = replace(rebirth, alias=900)
        if "rebirth is an integer" in faults:
            rebirth = Metric(REBIRTH, 0, MetricType.INT32)
        member = Metric("Power", 0, MetricType.INT32)
        kind = MetricType.UINT64 if "bdseq is unsigned" in faults else MetricType.INT64
        metrics = [
            Metric("bdSeq", self._session_bdseq, kind),
            rebirth,
            Metric("Uptime", self._count, MetricType.INT64, alias=1),
            Metric("_types_/Motor", Template(True, metrics=(member,)), MetricType.TEMPLATE),
        ]
        dropped = {"no bdseq": 0, "no rebirth metric": 1}
        gone = [at for name, at in dropped.items() if name in faults]
        return [metric for at, metric in enumerate(metrics) if at not in gone]

    def _device_metrics(self, device: str) -> list[Metric]:
        faults = self._faults
        base = 1 if device == "d2" and "aliases collide" in faults else {"d1": 10, "d2": 20}[device]
        quality = Property(MetricType.INT64 if "quality is long" in faults else MetricType.INT32, 192)
        if "quality unknown" in faults:
            quality = Property(MetricType.INT32, 7)
        types = (MetricType.INT32, MetricType.STRING)
        power = Metric("Power", 3, MetricType.INT32, timestamp_ms=self._now())
        ref = "Pump" if "template unknown" in faults else "Motor"
        metrics = [
            Metric("Level", self._count, MetricType.INT32, base, properties={"Quality": quality}),
            Metric("Speed", 1.5, MetricType.FLOAT, base + 1),
            Metric("Spare", None, MetricType.INT16, base + 2),
            Metric("Table", DataSet(("n", "text"), types, ((1, "a"),)), MetricType.DATASET),
            Metric("Drive", Template(False, ref, metrics=(power,)), MetricType.TEMPLATE),
        ]
        if "names differ by case" in faults:
            metrics.append(Metric("LEVEL", 1, MetricType.INT32))
        if "definition in dbirth" in faults:
            metrics.append(Metric("Bad", Template(True, metrics=(power,)), MetricType.TEMPLATE))
        return metrics

    def _tick(self) -> None:
        if not self._born:
            return
        self._count += 1
        device = ("", "d1", "d2")[self._count % 3]
        if device == "" or device in self._up or "data of a dead device" in self._faults:
            self._data(device, {"": 1, "d1": 10, "d2": 20}[device])

    def _data(self, device: str, alias: int) -> None:
        faults = self._faults
        name, kind = ("Uptime", MetricType.INT64) if device == "" else ("Level", MetricType.INT32)
        alias = 10 if device == "d1" else alias
        if device == "d2" and "aliases collide" in faults:
            alias = 1
        metric = Metric(None, self._count, kind, alias)
        if "name and alias" in faults:
            metric = replace(metric, name=name)
        if "name instead of alias" in faults:
            metric = replace(metric, name=name, alias=None)
        if "undeclared alias" in faults and device == "d1":
            metric = replace(metric, alias=555)
        if "integer in double" in faults and device == "d1":
            metric = replace(metric, type=MetricType.DOUBLE, value=float(self._count))
        metrics = [self._stamp(metric)]
        if "unchanged values" in faults and device == "d1":
            metrics.append(self._stamp(Metric(None, 1.5, MetricType.FLOAT, 11)))
        if "times go back" in faults:
            metrics.append(self._stamp(replace(metric, timestamp_ms=_now() - 500, value=-self._count)))
        if "no metric timestamp" in faults:
            metrics = [replace(each, timestamp_ms=None) for each in metrics]
        payload = Payload(self._now(), tuple(metrics), self._next_seq(device))
        self._send(
            "NDATA" if device == "" else "DDATA", payload, device or None, "datatype in data" in faults
        )

    def _stamp(self, metric: Metric) -> Metric:
        return metric if metric.timestamp_ms is not None else replace(metric, timestamp_ms=self._now())

    def _send(self, verb: str, payload: Payload, device: str | None = None, datatypes: bool = True) -> None:
        data = encode(
            payload,
            datatypes=(datatypes and verb.endswith("BIRTH"))
            or (datatypes and "datatype in data" in self._faults),
        )
        if verb == "DBIRTH":
            data = self._spoil(data)
        if verb == "NDATA" and "payload is json" in self._faults:
            data = b'{"value": 1}'
        topic = self._topic(verb, device)
        qos = 1 if f"{verb} at qos 1" in self._faults else 0
        if self._client is not None:
            self._client.publish(topic, data, qos, f"{verb} retained" in self._faults)

    def _spoil(self, data: bytes) -> bytes:
        """What the codec refuses to write."""
        pb = parse(data)
        if "birth without datatype" in self._faults:
            pb.metrics[1].ClearField("datatype")
        if "null with a value" in self._faults:
            pb.metrics[1].is_null = True
        if "columns do not agree" in self._faults:
            pb.metrics[3].dataset_value.num_of_columns = 7
        if "property keys do not agree" in self._faults:
            pb.metrics[0].properties.keys.append("engUnit")
        if "property without type" in self._faults:
            pb.metrics[0].properties.values[0].ClearField("type")
        if "datatype of no kind" in self._faults:
            pb.metrics[1].datatype = 99
        return pb.SerializeToString()

    def _topic(self, verb: str, device: str | None = None) -> str:
        return f"spBv1.0/{self._group}/{verb}/{self._node}" + (f"/{device}" if device else "")

    def _death(self, *, will: bool = False) -> bytes:
        number = self._session_bdseq
        if will and "bdseq of the will is old" in self._faults:
            number = 0
        extra = [Metric("Reason", 1, MetricType.INT32)] if "ndeath with more metrics" in self._faults else []
        metrics = [Metric("bdSeq", number, MetricType.INT64), *extra]
        seq = 1 if "ndeath with seq" in self._faults else None
        return encode(Payload(_now(), tuple(metrics), seq))

    def _next_seq(self, device: str) -> int:
        if "seq per device" in self._faults and device:
            self._seqs[device] = (self._seqs.get(device, -1) + 1) % 256
            return self._seqs[device]
        seq = self._seq
        self._seq = (seq + 1) % (255 if "seq wraps early" in self._faults else 256)
        return seq

    def _now(self) -> int:
        if "time in seconds" in self._faults:
            return _now() // 1000
        return _now() + (7_200_000 if "local time" in self._faults else 0)


class _Recorder:
    """Keeps what is published as an observer would get it."""

    def __init__(self) -> None:
        self.sent: list[Observed] = []

    def publish(self, topic: str, data: bytes, qos: int, retain: bool) -> None:
        self.sent.append(Observed(topic, data, qos, retain, _now()))


def _now() -> int:
    return time.time_ns() // 1_000_000
