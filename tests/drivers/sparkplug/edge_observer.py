"""Watches what one edge node says and holds it against the specification. Shares only the codec with it."""

from typing import NamedTuple

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.payload import parse, value_of
from drivers.sparkplug.topic import Verb, parse_topic

VERBS_OF_NODE = {Verb.NBIRTH, Verb.NDATA, Verb.NDEATH}


class Heard(NamedTuple):
    """One value as a host got it; ``how`` is birth, live or history."""

    device: str
    name: str
    time_ms: int
    value: object
    quality: int | None
    how: str


class EdgeObserver:
    """Given every CONNECT and PUBLISH of one edge node in order; an AssertionError names the broken rule."""

    def __init__(self, group="plant", node="filler"):
        self.group, self.node = group, node
        self.heard: list[Heard] = []
        self.messages: list[tuple[Verb, str | None]] = []
        self.bd_seqs: list[int] = []
        self.births = 0
        self._previous = None
        self._bd_seq = None
        self._end()

    def _end(self):
        self._seq = None
        self._dead = False
        self._aliases: dict[int, tuple[str | None, str, MetricType]] = {}
        self._alive: set[str] = set()
        self._awaited: set[str] = set()
        self._values = {}

    def connect(self, will):
        """A CONNECT with this will (topic, payload, QoS, retain)."""
        topic = parse_topic(will.topic)
        assert (topic.group, topic.verb, topic.node) == (self.group, Verb.NDEATH, self.node)
        assert (will.qos, will.retain) == (1, False)
        bd_seq = self._death(parse(will.payload))
        if self._bd_seq is not None:
            assert bd_seq == (self._bd_seq + 1) % 256, "bdSeq grows by one with every CONNECT"
        self._bd_seq = bd_seq
        self.bd_seqs.append(bd_seq)
        self._end()

    def meet(self, message):
        """An NBIRTH, seen by a host that knows nothing of the will: a session begins here."""
        self._end()
        self._bd_seq = next(m.long_value for m in parse(message.payload).metrics if m.name == "bdSeq")

    def publish(self, message):
        """A PUBLISH of the session."""
        topic = parse_topic(message.topic)
        assert (topic.group, topic.node) == (self.group, self.node)
        assert message.retain is False, "nothing is retained"
        payload = parse(message.payload)
        self.messages.append((topic.verb, topic.device))
        assert not self._dead, "nothing follows an NDEATH"
        if topic.verb is Verb.NDEATH:
            assert message.qos == 1
            assert self._death(payload) == self._bd_seq, "NDEATH has the bdSeq of the will"
            self._dead = True
            return
        assert message.qos == 0
        assert payload.HasField("seq")
        assert payload.HasField("timestamp")
        if topic.verb is Verb.NBIRTH:
            self._nbirth(payload)
        else:
            assert self._seq is not None, "NBIRTH comes first"
            assert payload.seq == (self._seq + 1) % 256, f"gap in seq: {payload.seq} after {self._seq}"
        self._seq = payload.seq
        match topic.verb:
            case Verb.DBIRTH:
                self._dbirth(topic.device, payload)
            case Verb.DDEATH:
                assert topic.device in self._alive
                assert not payload.metrics
                self._alive.discard(topic.device)
                self._awaited.discard(topic.device)
            case Verb.DDATA | Verb.NDATA:
                self._data(topic.device, payload)

    @staticmethod
    def _death(payload):
        assert not payload.HasField("seq"), "NDEATH has no seq"
        (metric,) = payload.metrics
        assert metric.name == "bdSeq"
        assert metric.datatype == MetricType.INT64
        assert not metric.HasField("alias")
        assert 0 <= metric.long_value <= 255
        return metric.long_value

    def _nbirth(self, payload):
        self.births += 1
        assert payload.seq == 0
        self._awaited = set(self._alive)
        self._alive.clear()
        self._aliases.clear()
        self._values.clear()
        self._declare(None, payload)
        by_name = {metric.name: metric for metric in payload.metrics}
        bd_seq, rebirth = by_name["bdSeq"], by_name["Node Control/Rebirth"]
        assert bd_seq.datatype == MetricType.INT64
        assert bd_seq.long_value == self._bd_seq
        assert rebirth.datatype == MetricType.BOOLEAN
        assert rebirth.HasField("boolean_value")
        assert rebirth.boolean_value is False
        assert not rebirth.HasField("alias")

    def _dbirth(self, device, payload):
        assert device not in self._alive, "a device is born once, unless it died"
        self._aliases = {a: what for a, what in self._aliases.items() if what[0] != device}
        self._declare(device, payload)
        self._alive.add(device)
        self._awaited.discard(device)

    def _declare(self, device, payload):
        names = [metric.name for metric in payload.metrics]
        assert len(set(names)) == len(names)
        for metric in payload.metrics:
            assert metric.name
            assert metric.datatype
            assert metric.HasField("timestamp")
            assert metric.is_null == (metric.WhichOneof("value") is None), "a value or null, not both"
            assert not metric.is_historical
            kind = MetricType(metric.datatype)
            if metric.HasField("alias"):
                assert metric.alias not in self._aliases, "aliases are unique over node and devices"
                self._aliases[metric.alias] = (device, metric.name, kind)
            if device is not None:
                assert metric.HasField("alias")
                self._hear(device, metric.name, metric, kind, "birth")

    def _data(self, device, payload):
        assert not self._awaited, f"data before the births of {self._awaited}"
        assert device is None or device in self._alive, "no data of a device that is not born"
        assert payload.metrics, "no empty data"
        times = {}
        for metric in payload.metrics:
            assert not metric.HasField("name")
            assert not metric.HasField("datatype")
            assert metric.HasField("alias")
            assert metric.HasField("timestamp")
            owner, name, kind = self._aliases[metric.alias]
            assert owner == device, "an alias of somebody else"
            assert metric.timestamp >= times.get(name, 0), "the past after the present in one message"
            times[name] = metric.timestamp
            if device is not None:
                self._hear(device, name, metric, kind, "history" if metric.is_historical else "live")

    def _hear(self, device, name, metric, kind, how):
        value = value_of(metric, kind)
        quality = None
        for key, content in zip(metric.properties.keys, metric.properties.values, strict=True):
            if key == "Quality":
                assert content.type == MetricType.INT32
                quality = content.int_value
                assert quality in (0, 192, 500)
        if how == "birth":
            assert quality is not None
        if how != "history":
            known = self._values.get((device, name), (None, None))
            shown = quality if quality is not None else 192
            assert quality is not None or known[1] == 192, "another quality is said"
            assert how == "birth" or (value, shown) != known, "only what has changed"
            self._values[device, name] = (value, shown)
        self.heard.append(Heard(device, name, metric.timestamp, value, quality, how))
