"""Edge nodes the checker plays for a host. Pure: builds messages and counts."""

from dataclasses import dataclass

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode
from sim.sparkplug_check.host_observer import Writable
from sim.sparkplug_check.messages import REBIRTH, topic_of
from sim.sparkplug_check.session import now_ms

NODE_METRICS = (Writable("Counter", MetricType.INT32, 0), Writable("Setpoint", MetricType.INT32))
DEVICE_METRICS = (Writable("Level", MetricType.INT32, 1), Writable("Setpoint", MetricType.INT32, 2))
"""Alias 0 on purpose: it is an alias like any other."""

UNKNOWN_ALIAS = 4711


@dataclass(slots=True)
class PlayedNode:
    """A well-behaved node; ``seq`` and ``bdseq`` may be set to misbehave."""

    group: str
    name: str
    bdseq: int = 7
    seq: int = 0

    def nbirth(self) -> Outgoing:
        self.seq = 0
        now = now_ms()
        metrics = (
            Metric("bdSeq", self.bdseq, MetricType.INT64, timestamp_ms=now),
            Metric(REBIRTH, False, MetricType.BOOLEAN, timestamp_ms=now),
            *(Metric(each.name, 0, each.kind, each.alias, now) for each in NODE_METRICS),
        )
        return self._send("NBIRTH", metrics, None, datatypes=True)

    def dbirth(self, device: str) -> Outgoing:
        now = now_ms()
        base = self.base(device)
        metrics = tuple(
            Metric(each.name, 0, each.kind, base + (each.alias or 0), now) for each in DEVICE_METRICS
        )
        return self._send("DBIRTH", metrics, device, datatypes=True)

    def ndata(self, value: int) -> Outgoing:
        return self._send("NDATA", (Metric(None, value, MetricType.INT32, 0, now_ms()),), None)

    def ddata(
        self, device: str, value: int, alias: int | None = None, *, historical: bool = False
    ) -> Outgoing:
        number = self.base(device) + 1 if alias is None else alias
        age_ms = 60_000 if historical else 0
        metric = Metric(None, value, MetricType.INT32, number, now_ms() - age_ms, is_historical=historical)
        return self._send("DDATA", (metric,), device)

    def ddeath(self, device: str, timestamp_ms: int) -> Outgoing:
        payload = Payload(timestamp_ms, (), self._next_seq())
        return Outgoing(topic_of(self.group, "DDEATH", self.name, device), encode(payload))

    def ndeath(self, bdseq: int | None = None) -> Outgoing:
        metric = Metric("bdSeq", self.bdseq if bdseq is None else bdseq, MetricType.INT64)
        payload = Payload(now_ms(), (metric,))
        return Outgoing(topic_of(self.group, "NDEATH", self.name), encode(payload), 1)

    def skip(self) -> None:
        """A message that never arrives."""
        self._next_seq()

    def base(self, device: str) -> int:
        """Aliases are unique in a node: each device has its own range."""
        return 10 * (1 + sum(device.encode()) % 50)

    def _send(
        self, verb: str, metrics: tuple[Metric, ...], device: str | None, *, datatypes: bool = False
    ) -> Outgoing:
        payload = Payload(now_ms(), metrics, self._next_seq())
        return Outgoing(topic_of(self.group, verb, self.name, device), encode(payload, datatypes=datatypes))

    def _next_seq(self) -> int:
        seq = self.seq
        self.seq = (seq + 1) % 256
        return seq
