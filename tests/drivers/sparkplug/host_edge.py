"""What an edge node says, for tests of the host: payloads as bytes, and a whole tracker to say it to."""

from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.host_tags import Outbox, TagIndex
from drivers.sparkplug.host_tracker import Tracker
from drivers.sparkplug.model import Metric, MetricType, Payload, Property
from drivers.sparkplug.payload import encode
from drivers.sparkplug.rebirths import Rebirths
from engine.model import TagDef, parse_type
from tests.clock import ManualClock

NODE = NodeId("Bottling", "Edge7")
INTERVAL_S = 5.0
REORDER_S = 2.0


def tag(address, data_type="REAL", connection="remote", name=None, **fields):
    return TagDef(connection, name or address, address, parse_type(data_type), **fields)


def number(name, value, alias=None, type_=MetricType.FLOAT, **fields):
    return Metric(name, value, type_, alias, **fields)


def quality(code):
    return {"Quality": Property(MetricType.INT32, code)}


def bd_seq(value):
    return Metric("bdSeq", value, MetricType.INT64)


class Plant:
    """A tracker, the outbox of its tags, and a clock; ``say`` puts a message in as the broker would."""

    def __init__(self, *tags, interval_s=INTERVAL_S, reorder_s=REORDER_S):
        self.clock = ManualClock()
        self.outbox = Outbox("remote")
        self.tags = tags
        self.tracker = Tracker(
            TagIndex((each, self.outbox) for each in tags), Rebirths(interval_s), reorder_s
        )
        self.asked = []
        self.tracker.rebirths.open(self.clock.monotonic(), 0.0)
        self.latest = {}

    @property
    def node(self):
        return self.tracker.nodes[NODE]

    def now_ms(self):
        return self.clock.utc_us() // 1000

    def say_bytes(self, verb, data, device=None, *, retain=False, node=NODE):
        topic = "/".join(filter(None, ("spBv1.0", node.group, verb, node.id, device)))
        self.tracker.on_message(topic, data, self.clock.utc_us(), self.clock.monotonic(), retain=retain)
        self.take()

    def say(self, verb, *metrics, device=None, seq=None, at_ms=None, retain=False, node=NODE):
        at_ms = self.now_ms() if at_ms is None else at_ms
        self.say_bytes(verb, encode(Payload(at_ms, metrics, seq)), device, retain=retain, node=node)

    def born(self, *metrics, bd=1, seq=0, **fields):
        self.say("NBIRTH", bd_seq(bd), *metrics, seq=seq, **fields)

    def dies(self, bd=1, **fields):
        self.say("NDEATH", bd_seq(bd), **fields)

    def wait(self, seconds, step_s=0.05):
        """Time passes; requests go out into ``asked`` as (seconds since the start, node, cause)."""
        for _ in range(max(1, round(seconds / step_s))):
            self.clock.advance(step_s)
            self.tick()

    def tick(self):
        for id_, cause in self.tracker.on_time(self.clock.monotonic(), self.clock.utc_us()):
            self.asked.append((round(self.clock.monotonic() - 1000, 3), id_, cause))
        self.take()

    def take(self):
        for sample in self.outbox.live:
            self.latest[sample.tag] = sample
        self.samples = list(self.outbox.live)
        self.outbox.live.clear()

    def value(self, address):
        sample = self.latest.get(f"remote/{address}")
        return (sample.value, sample.quality) if sample else None
