"""A broker read as if it were a controller: tags from JSON messages, commands as JSON messages."""

import logging
import threading
from collections.abc import Mapping, Sequence

from drivers.base import ConnectionSettings
from drivers.mqtt.base import BrokerSettings, Incoming, MakeLink, Outgoing
from drivers.mqtt_json.address import topic_refusal
from drivers.mqtt_json.ageing import Order, TopicAges
from drivers.mqtt_json.commands import CommandDesk
from drivers.mqtt_json.inbox import Closed, Confirmed, LinkEvent, LinkInbox, Opened
from drivers.mqtt_json.journal import Journal
from drivers.mqtt_json.reader import JsonReader, TopicReading
from engine.clock import Clock
from engine.commands import WriteOrder
from engine.connections import CircuitState, ConnectionState, ConnectionStatus
from engine.messages import Batch, LinkLost, Post
from engine.model import Quality, Sample, TagDef

_log = logging.getLogger(__name__)

QOS = 1
_LOOK_S = 0.1
_WAIT_S = 0.25
_STATUS_S = 0.5
_AFTER_FAULT_S = 1.0
_ERRORS_SHOWN = 20


class JsonConnection:
    """Keeps ``engine.messages.Connection``; ``settings.scan_ms`` is the expected publish interval.

    A tag whose topic is silent for three intervals becomes STALE, as does a retained value that old;
    a retained value of unknown age is UNCERTAIN. A message that cannot be read makes the tags of its
    topic BAD. One that is older than the last (by sequence number and time) is left out.
    """

    scan_s = 0.0

    def __init__(
        self,
        settings: ConnectionSettings,
        tags: Sequence[TagDef],
        brokers: Sequence[BrokerSettings],
        client_id: str,
        post: Post,
        make_link: MakeLink,
        clock: Clock,
        command_topic: str | None = None,
    ) -> None:
        self.id = settings.id
        self._settings = settings
        self._tags_total = len(tags)
        self._post = post
        self._clock = clock
        self._reader = JsonReader(tags)
        self._ages = TopicAges(self._reader.topics, settings.scan_ms / 1e3)
        self._journal = Journal(settings.id, clock, post)
        self._desk = CommandDesk(settings.title, client_id, clock, post)
        self._command_topic = command_topic or ""
        self._command_refusal = _command_refusal(settings.title, self._command_topic)
        self._inbox = LinkInbox()
        self._link = make_link(brokers, client_id, self._inbox, settings.id)
        self._link.subscriptions([(topic, QOS) for topic in self._topics()])
        self._errors = dict(self._reader.bad_addresses)
        self._stopping = threading.Event()
        self._state = ConnectionState.CONNECTING
        self._since_us = clock.utc_us()
        self._cause = ""
        self._last_read_us: int | None = None
        self._messages = 0
        self._achieved_ms: float | None = None
        self._dropped = 0
        self._next_look_s = 0.0
        self._next_status_s = 0.0
        self._thread = threading.Thread(target=self._run, name=f"connection {settings.id}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._inbox.nudge()

    def join(self, timeout_s: float) -> bool:
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def put(self, order: WriteOrder) -> str:
        if self._command_refusal:
            return self._command_refusal
        reason = self._desk.put(order)
        self._inbox.nudge()
        return reason

    def retry_now(self) -> None:
        self._link.retry_now()

    def status(self) -> ConnectionStatus:
        link = self._link.status()
        connected = self._state is ConnectionState.CONNECTED
        return ConnectionStatus(
            connection=self.id,
            type=self._settings.type,
            family=self._settings.family,
            address=link.address,
            state=self._state,
            since_us=self._since_us,
            circuit=CircuitState.OPEN if link.retry_at_us is not None else CircuitState.CLOSED,
            cause=self._cause,
            identity="the broker" if connected else "",
            scan_ms=self._settings.scan_ms,
            achieved_ms=self._achieved_ms,
            retries_per_hour=self._journal.losses_per_hour(),
            retry_at_us=link.retry_at_us,
            last_read_us=self._last_read_us,
            tags_total=self._tags_total,
            reads=self._messages,
            write_queue=len(self._desk),
            tag_errors=tuple(list(self._errors.items())[:_ERRORS_SHOWN]),
            name=self._settings.name,
        )

    def _topics(self) -> list[str]:
        topics = self._reader.topics
        result = self._result_topic
        return [*topics, result] if result and result not in topics else topics

    @property
    def _result_topic(self) -> str:
        usable = self._command_topic and not self._command_refusal
        return f"{self._command_topic}/result" if usable else ""

    def _run(self) -> None:
        self._journal.on_tags((), self._reader.bad_addresses)
        self._post(self.status())
        self._link.start()
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception as error:
                _log.exception("fault in the connection %s; its session is started again", self.id)
                self._on_closed(f"Internal fault ({type(error).__name__}), see the log")
                self._stopping.wait(_AFTER_FAULT_S)
                self._link.reconnect()
        self._desk.close(f"{self._settings.title} was stopped")
        self._link.stop()

    def _work(self) -> None:
        """One round: what came, what is to be sent, and what has become old."""
        for event in self._inbox.take(_WAIT_S):
            self._on_event(event)
            if self._stopping.is_set():
                return
        self._desk.send(self._publish)
        now_s = self._clock.monotonic()
        if now_s >= self._next_look_s:
            self._next_look_s = now_s + _LOOK_S
            self._look(now_s)
        if now_s >= self._next_status_s:
            self._next_status_s = now_s + _STATUS_S
            self._achieved_ms = self._ages.interval_ms()
            self._post(self.status())

    def _on_event(self, event: LinkEvent) -> None:
        match event:
            case Incoming():
                self._on_message(event)
            case Confirmed():
                self._desk.on_confirmed(event.token)
            case Opened():
                self._ages.on_session(self._clock.monotonic())
                self._desk.open()
                self._become(ConnectionState.CONNECTED, "")
            case Closed():
                self._on_closed(event.cause)

    def _on_closed(self, cause: str) -> None:
        now_us = self._clock.utc_us()
        self._ages.on_session_end()
        self._journal.on_loss()
        self._errors = dict(self._reader.bad_addresses)
        self._post(LinkLost(self.id, now_us))
        self._become(ConnectionState.DISCONNECTED, cause)
        self._desk.close()

    def _on_message(self, message: Incoming) -> None:
        topic = message.topic
        if topic == self._result_topic and not message.retain:
            self._desk.on_answer(message.payload)
        keys = self._reader.keys(topic)
        if not keys or self._state is not ConnectionState.CONNECTED:
            return
        self._messages += 1
        self._last_read_us = message.received_us
        reading = self._reader.read(topic, message.payload, message.received_us)
        if reading.failure:
            self._journal.on_unreadable(topic, reading.failure)
        else:
            self._journal.on_readable(topic)
            if not self._is_newer(topic, reading, message):
                return  # somebody who repeats an old message does not keep its topic alive
            self._journal.on_tags(keys, reading.errors)
        self._ages.on_delivery(topic, self._clock.monotonic())
        self._journal.on_message(topic)
        self._note(keys, reading.errors)
        samples = self._aged(reading, message)
        self._post(Batch(self.id, samples))
        for sample in samples:
            self._desk.on_sample(sample)

    def _is_newer(self, topic: str, reading: TopicReading, message: Incoming) -> bool:
        """Whether the values are to be taken; what is odd about the message's order is noted."""
        order = self._ages.order(topic, reading.head.sequence, reading.head.time_us)
        self._journal.on_order(topic, order)
        if reading.head.time_us is not None and not message.retain:
            self._journal.on_skew(topic, reading.head.time_us - message.received_us)
        return order not in (Order.DUPLICATE, Order.LATE)

    def _aged(self, reading: TopicReading, message: Incoming) -> Sequence[Sample]:
        """The quality of a retained value comes from its age, if that is known."""
        if not message.retain:
            return reading.samples
        if reading.head.time_us is None:
            return [
                each._replace(quality=Quality.UNCERTAIN) if each.quality is Quality.GOOD else each
                for each in reading.samples
            ]
        if message.received_us - reading.head.time_us < self._ages.limit_s * 1e6:
            return reading.samples
        return [Sample(each.tag, None, Quality.STALE, message.received_us) for each in reading.samples]

    def _look(self, now_s: float) -> None:
        self._desk.on_tick()
        for topic in self._ages.silent(now_s):
            self._on_silence(topic)
        if self._inbox.dropped != self._dropped:
            self._dropped = self._inbox.dropped
            self._journal.on_overload(self._dropped)

    def _on_silence(self, topic: str) -> None:
        now_us, keys = self._clock.utc_us(), self._reader.keys(topic)
        text = f"Nothing has come on {topic} for {self._ages.limit_s:g} s"
        self._note(keys, dict.fromkeys(keys, text))
        self._journal.on_silence(topic, text)
        self._post(Batch(self.id, [Sample(key, None, Quality.STALE, now_us) for key in keys]))

    def _note(self, keys: Sequence[str], errors: Mapping[str, str]) -> None:
        """Replace what is known to be wrong with these tags."""
        if self._errors:
            for key in keys:
                self._errors.pop(key, None)
        self._errors.update(errors)

    def _publish(self, payload: bytes) -> int | None:
        return self._link.publish(Outgoing(self._command_topic, payload, QOS))

    def _become(self, state: ConnectionState, cause: str) -> None:
        changed = state is not self._state
        self._cause = cause
        if changed:
            self._state = state
            self._since_us = self._clock.utc_us()
        self._post(self.status())


def _command_refusal(title: str, topic: str) -> str:
    if not topic:
        return f"{title} has no command_topic in the plant file. Nothing was written"
    reason = topic_refusal(topic)
    return f"The command_topic of {title} cannot be used: {reason}" if reason else ""
