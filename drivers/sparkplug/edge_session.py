"""What the specification asks of an edge node's messages, and nothing else. Pure: messages leave by ``send``.

    open > birth: NBIRTH, a DBIRTH for each device that is there > DDATA, NDATA, DDEATH, DBIRTH ... > close

``seq`` runs over every message but NDEATH and is used up only by a message that ``send`` has taken, so
that a full queue makes no gap. Whatever ``send`` refuses of births and deaths stays due, and until it is
said no data is sent. Source: Eclipse Sparkplug 3.0, chapters 4 to 6.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.edge_births import (
    Catalogue,
    bd_seq_metric,
    birth_metric,
    data_metric,
    node_birth_metrics,
    node_data_metric,
    sent_code,
)
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.model import Metric, Payload
from drivers.sparkplug.payload import encode
from drivers.sparkplug.topic import Topic, Verb
from engine.model import Sample

Send = Callable[[Outgoing], bool]
"""Hands a message to the link; False where it is not taken."""


def death_certificate(settings: EdgeSettings, bd_seq: int, now_ms: int) -> Outgoing:
    """The NDEATH of a session: its will, and its farewell."""
    topic = Topic(settings.group, Verb.NDEATH, settings.node)
    payload = Payload(now_ms, (bd_seq_metric(bd_seq, now_ms),))
    return Outgoing(str(topic), encode(payload), qos=1, retain=False)


class EdgeSession:
    """One edge node over all its MQTT sessions; for one thread."""

    def __init__(self, settings: EdgeSettings, catalogue: Catalogue, send: Send) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._send = send
        self._present: set[str] = set()
        self._latest: dict[str, Sample] = {}
        self._figures: dict[str, int] = {}
        self._due: deque[tuple[Verb, str | None]] = deque()
        self._alive: set[str] = set()
        self._codes: dict[str, int] = {}
        self._shown: dict[str, Sample] = {}
        self._next_seq = 0
        self.bd_seq: int | None = None
        self.seq: int | None = None
        self.published = 0
        self.births = 0

    @property
    def born(self) -> bool:
        """Whether everything that is there has been born, so that data may be sent."""
        return self.seq is not None and not self._due

    @property
    def begun(self) -> bool:
        """Whether an NBIRTH was sent or is about to be."""
        return self.seq is not None or bool(self._due)

    @property
    def alive(self) -> frozenset[str]:
        """The devices whose DBIRTH was sent in this session, after the last NBIRTH."""
        return frozenset(self._alive)

    @property
    def present(self) -> int:
        """How many devices there are, whether a host knows it or not."""
        return len(self._present)

    def latest(self, key: str) -> Sample | None:
        return self._latest.get(key)

    def shown(self, key: str) -> Sample | None:
        """The newest value that this session showed as the live one, by a birth or since."""
        return self._shown.get(key)

    def open(self, bd_seq: int) -> None:
        """An MQTT session has begun, with the will of this number. Nothing is sent yet."""
        self.close()
        self.bd_seq = bd_seq

    def close(self) -> None:
        """The MQTT session has ended, or what is sent from now on must not be part of it."""
        self.bd_seq = self.seq = None
        self._forget()

    def birth(self, now_ms: int) -> bool:
        """Begin with all births, again if need be; whether they have all been sent."""
        if self.bd_seq is None:
            return False
        self._forget()
        self._due.append((Verb.NBIRTH, None))
        self._due.extend(
            (Verb.DBIRTH, device) for device in self._catalogue.devices if device in self._present
        )
        return self.advance(now_ms)

    def advance(self, now_ms: int) -> bool:
        """Send what is due of births and deaths; whether nothing is left."""
        while self._due:
            verb, device = self._due[0]
            if not self._say(verb, device, now_ms):
                return False
            self._due.popleft()
        return True

    def set_device(self, device: str, present: bool, now_ms: int) -> None:
        """A connection came or went."""
        if present is (device in self._present):
            return
        if present:
            self._present.add(device)
            if self.begun:
                self._due.append((Verb.DBIRTH, device))
        else:
            self._present.discard(device)
            if (Verb.DBIRTH, device) in self._due:
                self._due.remove((Verb.DBIRTH, device))
            if device in self._alive:
                self._alive.discard(device)
                self._due.append((Verb.DDEATH, device))
        self.advance(now_ms)

    def remember(self, samples: Iterable[Sample]) -> None:
        """The values that births will tell."""
        for sample in samples:
            self._latest[sample.tag] = sample

    def data(self, device: str, samples: Sequence[Sample], now_ms: int, historical: bool = False) -> bool:
        """One DDATA with these values of one device, in the order of their time; whether it was taken."""
        if not self.born or device not in self._alive:
            return False
        codes: dict[str, int] = {}
        metrics = []
        for sample in samples:
            metric = self._catalogue.of_key(sample.tag)
            if metric is None:
                continue
            known = codes.get(sample.tag, self._codes.get(sample.tag))
            made = data_metric(metric, sample, known, historical)
            codes[sample.tag] = 192 if (code := sent_code(made)) is None else code
            metrics.append(made)
        if metrics and not self._publish(Verb.DDATA, device, metrics, now_ms):
            return False
        if not historical:
            self._codes.update(codes)
            for sample in samples:
                self._shown[sample.tag] = sample
        return True

    def node_data(self, figures: Mapping[str, int], now_ms: int) -> bool:
        """One NDATA with those of the node's own figures that have changed, if any."""
        changed = {name: value for name, value in figures.items() if self._figures.get(name, 0) != value}
        if not changed or not self.born:
            self._figures.update({} if self.begun else changed)
            return not changed
        aliases = self._catalogue.node_aliases
        metrics = [node_data_metric(aliases[name], value, now_ms) for name, value in changed.items()]
        if not self._publish(Verb.NDATA, None, metrics, now_ms):
            return False
        self._figures.update(changed)
        return True

    def death(self, now_ms: int) -> Outgoing | None:
        """The NDEATH of this session, None outside of one."""
        return None if self.bd_seq is None else death_certificate(self._settings, self.bd_seq, now_ms)

    def _forget(self) -> None:
        self._due.clear()
        self._alive.clear()
        self._codes.clear()
        self._shown.clear()

    def _say(self, verb: Verb, device: str | None, now_ms: int) -> bool:
        if device is None:
            return self._say_nbirth(now_ms)
        if verb is Verb.DDEATH:
            return self._publish(verb, device, (), now_ms)
        metrics = [
            birth_metric(metric, self._latest.get(metric.tag.key), now_ms)
            for metric in self._catalogue.of_device(device)
        ]
        if not self._publish(verb, device, metrics, now_ms):
            return False
        self._alive.add(device)
        for metric, made in zip(self._catalogue.of_device(device), metrics, strict=True):
            self._codes[metric.tag.key] = sent_code(made) or 0
            latest = self._latest.get(metric.tag.key)
            if latest is not None:
                self._shown[metric.tag.key] = latest
        return True

    def _say_nbirth(self, now_ms: int) -> bool:
        if self.bd_seq is None:
            return False
        before, self._next_seq = self._next_seq, 0
        metrics = node_birth_metrics(self._settings, self._catalogue, self.bd_seq, self._figures, now_ms)
        if self._publish(Verb.NBIRTH, None, metrics, now_ms):
            self.births += 1
            return True
        self._next_seq = before
        return False

    def _publish(self, verb: Verb, device: str | None, metrics: Sequence[Metric], now_ms: int) -> bool:
        topic = Topic(self._settings.group, verb, self._settings.node, device)
        payload = Payload(now_ms, tuple(metrics), self._next_seq)
        births = verb in (Verb.NBIRTH, Verb.DBIRTH)
        if not self._send(Outgoing(str(topic), encode(payload, datatypes=births), qos=0, retain=False)):
            return False
        self.seq = self._next_seq
        self._next_seq = (self._next_seq + 1) % 256
        self.published += 1
        return True
