"""What one simulated edge node says: births, data, death and the answer to commands. Pure.

Given times and messages, gives messages; the socket is in ``fleet_session``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.model import Basic, Metric, MetricType, Payload, Property, PropertySet
from drivers.sparkplug.payload import decode, encode
from drivers.sparkplug.scalars import INTEGERS, integer_limits
from drivers.sparkplug.topic import Topic, Verb, parse_topic
from sim.fleet_metrics import FleetMetric, phase_of
from sim.fleet_plant import NodeDesign

REBIRTH = "Node Control/Rebirth"
_GOOD = Property(MetricType.INT32, 192)


class Message(NamedTuple):
    """What to publish; never retained."""

    topic: str
    payload: bytes
    qos: int = 0


class Moment(NamedTuple):
    """``t_s`` seconds into the run; ``utc_ms`` on the node's own clock."""

    t_s: float
    utc_ms: int


class _Part:
    """The metrics of a node itself (``device`` None) or of one of its devices."""

    def __init__(
        self, device: str | None, metrics: Sequence[FleetMetric], first_alias: int, phases: Sequence[float]
    ) -> None:
        self.device = device
        self.alive = True
        self.settings: dict[str, Basic] = {
            each.name: each.source(0.0, {}, 0.0) for each in metrics if each.writable
        }
        self.metrics = tuple((first_alias + index, each, phases[index]) for index, each in enumerate(metrics))
        self._by_name = {each.name: (alias, each) for alias, each, _ in self.metrics}
        self._by_alias = {alias: each for alias, each, _ in self.metrics}
        self._said: dict[int, Basic] = {}

    def birth(self, moment: Moment) -> Iterator[Metric]:
        for alias, metric, value in self._values(moment):
            self._said[alias] = value
            yield Metric(
                metric.name, value, metric.type, alias, moment.utc_ms, properties=_properties(metric)
            )

    def changes(self, moment: Moment, always: Iterable[str] = ()) -> Iterator[Metric]:
        """What differs from what was said last; those named ``always`` in any case."""
        for alias, metric, value in self._values(moment):
            if self._said.get(alias) != value or metric.name in always:
                self._said[alias] = value
                yield Metric(None, value, metric.type, alias, moment.utc_ms)

    def write(self, metrics: Iterable[Metric]) -> set[str]:
        """Obey a command; returns the names of what was written."""
        written = set()
        for each in metrics:
            target = self._target(each)
            if target is None or not target.writable:
                continue
            value = _accepted(target, each.value)
            if value is not None:
                self.settings[target.name] = value
                written.add(target.name)
        return written

    def type_of(self, name: str | None, alias: int | None) -> MetricType | None:
        target = self._target(Metric(name, alias=alias))
        return target.type if target is not None else None

    def _target(self, metric: Metric) -> FleetMetric | None:
        if metric.alias is not None:
            return self._by_alias.get(metric.alias)
        found = self._by_name.get(metric.name or "")
        return found[1] if found is not None else None

    def _values(self, moment: Moment) -> Iterator[tuple[int, FleetMetric, Basic]]:
        for alias, metric, phase in self.metrics:
            if metric.writable:
                yield alias, metric, self.settings[metric.name]
            else:
                yield alias, metric, metric.source(moment.t_s, self.settings, phase)


class FleetNode:
    """One edge node with its devices; ``death`` is the will to register."""

    def __init__(self, group: str, design: NodeDesign, seed: int = 1) -> None:
        self.name = design.name
        self.bd_seq = 0
        self.seq = 0
        self._group = group
        self._devices: dict[str, _Part] = {}
        # Devices first: their aliases then start at 0, and the node's follow.
        alias = 0
        for device, metrics in design.devices.items():
            phases = [phase_of(design.name, device, each.name, seed=seed) for each in metrics]
            self._devices[device] = _Part(device, metrics, alias, phases)
            alias += len(metrics)
        phases = [phase_of(design.name, each.name, seed=seed) for each in design.metrics]
        self._own = _Part(None, design.metrics, alias, phases)

    @property
    def devices(self) -> Mapping[str, bool]:
        """Whether each device is alive."""
        return {name: part.alive for name, part in self._devices.items()}

    @property
    def command_topics(self) -> tuple[str, ...]:
        """What to subscribe to, before the birth."""
        return self._topic(Verb.NCMD), self._topic(Verb.DCMD, "+")

    def next_session(self) -> None:
        """A new bdSeq, before every CONNECT but the first."""
        self.bd_seq = (self.bd_seq + 1) % 256

    def death(self, moment: Moment | None) -> Message:
        """The NDEATH of this session; as its will it has no time yet."""
        bd_seq = Metric("bdSeq", self.bd_seq, MetricType.INT64)
        utc_ms = moment.utc_ms if moment is not None else None
        return Message(self._topic(Verb.NDEATH), encode(Payload(utc_ms, (bd_seq,))), 1)

    def births(self, moment: Moment) -> list[Message]:
        """NBIRTH, which restarts seq, and a DBIRTH of every living device."""
        self.seq = 255
        control = (
            Metric("bdSeq", self.bd_seq, MetricType.INT64, timestamp_ms=moment.utc_ms),
            Metric(REBIRTH, False, MetricType.BOOLEAN, timestamp_ms=moment.utc_ms),
        )
        node = self._message(Verb.NBIRTH, None, moment, (*control, *self._own.birth(moment)))
        return [node, *(self._device_birth(each, moment) for each in self._devices.values() if each.alive)]

    def data(self, moment: Moment) -> list[Message]:
        """What changed since it was said last; nothing where nothing did."""
        return [each for part in self._parts() for each in self._data(part, moment)]

    def on_command(self, topic: str, payload: bytes, moment: Moment) -> list[Message]:
        """Obey an NCMD or DCMD; gives what to publish for it. What is no command is ignored."""
        try:
            parsed = parse_topic(topic)
            part = self._part_of(parsed)
            if part is None:
                return []
            command = decode(payload, part.type_of)
        except (TopicError, PayloadError):
            return []
        if part is self._own and any(each.name == REBIRTH and each.value is True for each in command.metrics):
            part.write(command.metrics)
            return self.births(moment)
        written = part.write(command.metrics)
        return self._data(part, moment, written) if written else []

    def kill_device(self, device: str, moment: Moment) -> list[Message]:
        """The machine behind the device is gone: DDEATH."""
        part = self._devices[device]
        if not part.alive:
            return []
        part.alive = False
        return [self._message(Verb.DDEATH, device, moment, ())]

    def revive_device(self, device: str, moment: Moment) -> list[Message]:
        """It is back: DBIRTH."""
        part = self._devices[device]
        if part.alive:
            return []
        part.alive = True
        return [self._device_birth(part, moment)]

    def skip_seq(self) -> None:
        """Lose one message without a trace but a gap in seq."""
        self._next_seq()

    def _parts(self) -> Iterator[_Part]:
        yield self._own
        yield from (each for each in self._devices.values() if each.alive)

    def _part_of(self, topic: Topic) -> _Part | None:
        if (topic.group, topic.node) != (self._group, self.name):
            return None
        if topic.verb is Verb.NCMD:
            return self._own
        part = self._devices.get(topic.device or "") if topic.verb is Verb.DCMD else None
        return part if part is not None and part.alive else None

    def _device_birth(self, part: _Part, moment: Moment) -> Message:
        return self._message(Verb.DBIRTH, part.device, moment, tuple(part.birth(moment)))

    def _data(self, part: _Part, moment: Moment, always: Iterable[str] = ()) -> list[Message]:
        changed = tuple(part.changes(moment, always))
        verb = Verb.NDATA if part.device is None else Verb.DDATA
        return [self._message(verb, part.device, moment, changed)] if changed else []

    def _message(
        self, verb: Verb, device: str | None, moment: Moment, metrics: tuple[Metric, ...]
    ) -> Message:
        payload = Payload(moment.utc_ms, metrics, self._next_seq())
        is_birth = verb in (Verb.NBIRTH, Verb.DBIRTH)
        return Message(self._topic(verb, device), encode(payload, datatypes=is_birth))

    def _next_seq(self) -> int:
        self.seq = (self.seq + 1) % 256
        return self.seq

    def _topic(self, verb: Verb, device: str | None = None) -> str:
        return str(Topic(self._group, verb, self.name, device))


def _properties(metric: FleetMetric) -> PropertySet:
    properties: PropertySet = {"Quality": _GOOD}
    if metric.unit:
        properties["engUnit"] = Property(MetricType.STRING, metric.unit)
    if metric.low is not None:
        properties["engLow"] = Property(MetricType.DOUBLE, metric.low)
    if metric.high is not None:
        properties["engHigh"] = Property(MetricType.DOUBLE, metric.high)
    return properties


def _accepted(metric: FleetMetric, value: object) -> Basic | None:
    """The value as the metric takes it; None where it is of another kind or outside the range."""
    if metric.type is MetricType.BOOLEAN or isinstance(value, bool):
        return value if metric.type is MetricType.BOOLEAN and isinstance(value, bool) else None
    if not isinstance(value, int | float):
        return None
    low, high = integer_limits(metric.type) if metric.type in INTEGERS else (value, value)
    low = low if metric.low is None else max(low, metric.low)
    high = high if metric.high is None else min(high, metric.high)
    if not low <= value <= high:
        return None
    return int(value) if metric.type in INTEGERS else float(value)
