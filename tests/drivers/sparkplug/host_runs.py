"""A whole host on a real broker, an engine's end for it, and a peer that speaks like an edge node."""

import itertools
import random
import threading
from contextlib import contextmanager

from drivers.mqtt.base import BrokerSettings, Outgoing
from drivers.mqtt.link import MqttLink
from drivers.mqtt.session import Timing
from drivers.sparkplug.host import Host, HostSettings
from drivers.sparkplug.host_connection import HostConnectionSettings
from drivers.sparkplug.model import Payload
from drivers.sparkplug.payload import decode, encode
from engine.clock import SystemClock
from engine.messages import Batch, HistoricalBatch
from engine.nodes import BrokerState
from tests.drivers.sparkplug.host_edge import bd_seq
from tests.mqtt.recording import Recorder, linked
from tests.waiting import wait_until

QUICK = Timing(first_delay_s=0.05)
_numbers = itertools.count(1)


class EngineEnd:
    """What the host posts: the latest sample of each tag, and everything in order."""

    def __init__(self):
        self.latest, self.history, self.messages, self.events = {}, [], [], []
        self.samples = 0

    def post(self, message):
        if isinstance(message, Batch):
            self.samples += len(message.samples)
            for sample in message.samples:
                self.latest[sample.tag] = sample
        elif isinstance(message, HistoricalBatch):
            self.history += message.samples
        self.messages.append(message)

    def value(self, key):
        sample = self.latest.get(key)
        return (sample.value, sample.quality) if sample else None

    def of(self, kind):
        return [message for message in self.messages if isinstance(message, kind)]


@contextmanager
def host_on(port, *more, connection="remote", wait=True, clock=None, protocol="3.1.1", **settings):
    """A started host with one connection; ``more`` are further ports and tags. Yields (host, engine end)."""
    engine, clock = EngineEnd(), clock or SystemClock()
    settings.setdefault("host_id", f"host{next(_numbers)}")
    ports = [port, *(each for each in more if isinstance(each, int))]
    tags = [each for each in more if not isinstance(each, int)]
    brokers = [BrokerSettings("127.0.0.1", each, protocol=protocol) for each in ports]

    def make_link(handler):
        client = f"{settings['host_id']}-client"
        return MqttLink(brokers, client, handler, "host", clock, random.Random(1), QUICK)

    host = Host(
        HostSettings(**settings),
        [HostConnectionSettings(connection, "Remote", tags)],
        engine.post,
        engine.events.append,
        make_link,
        clock,
    )
    host.start()
    for each in host.connections:
        each.start()
    try:
        if wait:
            wait_until(lambda: host.online, "the host's STATE")
        yield host, engine
    finally:
        for each in host.connections:
            each.stop()
            assert each.join(5)
        count = len(engine.messages)
        host.stop()
        assert len(engine.messages) == count
        assert host.broker().state is BrokerState.OFF


class Edge:
    """One edge node below a link that it shares; ``seq`` runs as it should."""

    def __init__(self, link, group="Plant", node="Node"):
        self.link, self.group, self.node = link, group, node
        self.seq = 0

    def topic(self, verb, device=None):
        return "/".join(filter(None, ("spBv1.0", self.group, verb, self.node, device)))

    def send(self, verb, *metrics, device=None, seq=True, at_ms=None, retain=False):
        if verb == "NBIRTH":
            self.seq = 0
        number = self.seq if seq is True else seq
        if seq is True:
            self.seq = (self.seq + 1) % 256
        stamp = SystemClock().utc_us() // 1000 if at_ms is None else at_ms
        payload = encode(Payload(stamp, metrics, number))
        assert self.link.publish(Outgoing(self.topic(verb, device), payload, retain=retain)) is not None

    def born(self, *metrics, bd=1):
        self.send("NBIRTH", bd_seq(bd), *metrics)

    def dies(self, bd=1):
        self.send("NDEATH", bd_seq(bd), seq=None)


class Listener(Recorder):
    """Hears everything on the broker; ``on_command`` is called in the link's thread."""

    def __init__(self):
        super().__init__()
        self.on_command = None
        self.lock = threading.Lock()

    def on_message(self, message):
        super().on_message(message)
        if self.on_command and "/NCMD/" in message.topic:
            self.on_command(message)

    def commands(self, verb="NCMD"):
        """(topic, decoded payload, message) of each command heard."""
        return [(m.topic, decode(m.payload), m) for m in self.messages if f"/{verb}/" in m.topic]

    def states(self, host_id):
        return [m for m in self.messages if m.topic == f"spBv1.0/STATE/{host_id}"]


@contextmanager
def bystander(port, filters=(("spBv1.0/#", 1), ("STATE/#", 1))):
    """(link, listener): hears everything and can say anything."""
    listener = Listener()
    with linked(BrokerSettings("127.0.0.1", port), listener, filters=filters) as (link, _):
        yield link, listener
