"""The messages of a load test: each carries its number and the time it was sent. Pure."""

import json
from dataclasses import dataclass
from typing import NamedTuple

from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode, parse
from drivers.sparkplug.topic import NAMESPACE

NUMBER, SENT = "Load/Number", "Load/SentUs"


class Stamp(NamedTuple):
    """What a subscriber reads from a message; ``sent_us`` UTC microseconds."""

    number: int
    sent_us: int


@dataclass(slots=True)
class SparkplugNode:
    """One edge node with devices; the first two metrics of a device are the number and the time."""

    group: str
    id: str
    devices: tuple[str, ...]
    metrics: int
    bd_seq: int = 0
    seq: int = 0

    def will(self, now_ms: int) -> tuple[str, bytes]:
        metric = Metric("bdSeq", self.bd_seq, MetricType.INT64, timestamp_ms=now_ms)
        return self._topic("NDEATH"), encode(Payload(now_ms, (metric,)))

    def births(self, now_ms: int) -> list[tuple[str, bytes]]:
        """NBIRTH and every DBIRTH, in order."""
        self.seq = 0
        metrics = (
            Metric("bdSeq", self.bd_seq, MetricType.INT64, timestamp_ms=now_ms),
            Metric("Node Control/Rebirth", False, MetricType.BOOLEAN, timestamp_ms=now_ms),
        )
        births = [(self._topic("NBIRTH"), encode(Payload(now_ms, metrics, 0)))]
        for place, device in enumerate(self.devices):
            born = [
                Metric(NUMBER, 0, MetricType.INT64, self._alias(place, 0), now_ms),
                Metric(SENT, 0, MetricType.INT64, self._alias(place, 1), now_ms),
            ]
            born += [
                Metric(f"Value{n:03}", 0.0, MetricType.FLOAT, self._alias(place, n), now_ms)
                for n in range(2, self.metrics)
            ]
            births.append(
                (self._topic("DBIRTH", device), encode(Payload(now_ms, tuple(born), self._next_seq())))
            )
        return births

    def data(self, place: int, number: int, now_us: int) -> tuple[str, bytes]:
        now_ms = now_us // 1000
        changed = [
            Metric(None, number, MetricType.INT64, self._alias(place, 0), now_ms),
            Metric(None, now_us, MetricType.INT64, self._alias(place, 1), now_ms),
        ]
        changed += [
            Metric(None, number * 0.5 + n, MetricType.FLOAT, self._alias(place, n), now_ms)
            for n in range(2, self.metrics)
        ]
        payload = Payload(now_ms, tuple(changed), self._next_seq())
        return self._topic("DDATA", self.devices[place]), encode(payload, datatypes=False)

    def _alias(self, place: int, metric: int) -> int:
        return place * self.metrics + metric + 1

    def _next_seq(self) -> int:
        self.seq = (self.seq + 1) % 256
        return self.seq

    def _topic(self, verb: str, device: str = "") -> str:
        return "/".join(filter(None, (NAMESPACE, self.group, verb, self.id, device)))


def read_sparkplug(payload: bytes) -> Stamp:
    """Of a DDATA made here: its two lowest aliases. ValueError or PayloadError for anything else."""
    metrics = parse(payload).metrics
    if len(metrics) < 2 or not metrics[0].HasField("long_value"):
        raise ValueError("not a message of a load test")
    return Stamp(metrics[0].long_value, metrics[1].long_value)


def make_json(number: int, now_us: int, metrics: int) -> bytes:
    values = {f"Value{n:03}": number * 0.5 + n for n in range(2, metrics)}
    return json.dumps({"number": number, "sent_us": now_us, **values}).encode()


def read_json(payload: bytes) -> Stamp:
    """ValueError for anything that was not made by ``make_json``."""
    try:
        message = json.loads(payload)
        return Stamp(int(message["number"]), int(message["sent_us"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("not a message of a load test") from error
