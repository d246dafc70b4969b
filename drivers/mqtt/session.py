"""One MQTT session, from CONNECT to its end, run by the link's thread."""

import logging
import selectors
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from drivers.mqtt import errors
from drivers.mqtt.base import BrokerSettings, Incoming, LinkHandler, Outgoing
from drivers.mqtt.errors import LinkError
from drivers.mqtt.protocol import REFUSED, ProtocolMachine
from drivers.mqtt.wake import Wake
from drivers.mqtt.wire import Wire
from engine.clock import Clock

log = logging.getLogger(__name__)

_MOST_IN_FLIGHT = 1000
_MOST_QOS_2 = 20
"""What Mosquitto takes of a client that was not told a limit."""
_BATCH = 100
_WIRE_BYTES = 262_144
_FILTERS_PER_PACKET = 100


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a link is, in seconds."""

    open_s: float = 5.0
    accept_s: float = 10.0
    farewell_s: float = 1.0
    ping_s: float = 10.0
    lasted_s: float = 30.0
    first_delay_s: float = 1.0


@dataclass(slots=True)
class Traffic:
    """What a link counts, over all its sessions; written by the link's thread, but ``refused``."""

    received: int = 0
    sent: int = 0
    refused: int = 0
    round_trip_ms: float | None = None


class Farewell(NamedTuple):
    """How a session is to be ended on purpose."""

    messages: Sequence[Outgoing]


@dataclass(slots=True)
class _Leaving:
    awaited: set[int]
    deadline: float
    complete: bool = field(default=False)


class Session:
    """``run`` opens the session and moves messages until it ends; ``offer`` and ``leave`` from any thread."""

    def __init__(
        self,
        broker: BrokerSettings,
        client_id: str,
        handler: LinkHandler,
        filters: Sequence[tuple[str, int]],
        traffic: Traffic,
        clock: Clock,
        wake: Wake,
        timing: Timing,
        on_ready: Callable[["Session"], None],
    ) -> None:
        self._broker = broker
        self._client_id = client_id
        self._handler = handler
        self._filters = filters
        self._traffic = traffic
        self._clock = clock
        self._wake = wake
        self._timing = timing
        self._on_ready = on_ready
        self._queue: deque[tuple[int, Outgoing | None]] = deque()
        self._in_flight: dict[int, int] = {}
        self._written: list[int] = []
        self._early: list[Incoming] = []
        self._granted: set[int] = set()
        self._ready = False
        self._asleep = False
        self._received_us = 0
        self._sample: tuple[int, float] | None = None
        self._ping_at: float | None = None
        self._probes: list[int] = []
        self._answering: list[int] = []
        self._pinged_at = clock.monotonic()
        self._farewell: Farewell | None = None
        self._leaving: _Leaving | None = None
        self._fault: str | None = None
        self._most_in_flight = _MOST_IN_FLIGHT
        self._largest_packet: int | None = None
        self.ready_at: float | None = None

    @property
    def waiting(self) -> int:
        """Messages handed over and not done yet."""
        return len(self._queue) + len(self._in_flight)

    @property
    def ready(self) -> bool:
        return self._ready and self._farewell is None

    def offer(self, token: int, message: Outgoing | None) -> None:
        """Queue a message, or a probe where it is None; the caller has looked at ``waiting``."""
        self._queue.append((token, message))
        if self._asleep:
            self._asleep = False
            self._wake.set()

    def leave(self, farewell: Farewell) -> None:
        """End the session after the farewell; ``run`` returns then."""
        if self._farewell is None:
            self._farewell = farewell
        self._wake.set()

    def run(self, wire: Wire, will: Outgoing | None) -> None:
        """Returns after ``leave``; LinkError with the reason when the session could not be opened or ended."""
        self._wire = wire
        self._will = will
        self._machine = machine = ProtocolMachine(self._broker, self._client_id, will)
        machine.on_connect = self._on_connack
        machine.on_subscribe = self._on_suback
        machine.on_disconnect = self._on_disconnect
        machine.on_received = self._on_message
        machine.on_acknowledged = self._on_acknowledged
        machine.on_pong = self._on_pong
        self._accept_until = self._clock.monotonic() + self._timing.accept_s
        with selectors.DefaultSelector() as selector:
            selector.register(wire, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            try:
                machine.open(wire)
                while self._pump(selector):
                    pass
            except OSError as error:
                raise self._reason(errors.from_os_error(error, self._broker.address)) from error
            finally:
                wire.abort()

    def _pump(self, selector: selectors.BaseSelector) -> bool:
        """One round: write, wait, read, look at the time. False after a deliberate end."""
        self._write()
        if self._leaving is not None and self._said_farewell(self._leaving):
            self._end(self._leaving)
            return False
        self._wait(selector)
        if self._wire.fill():
            self._read()
        self._look_at_the_time()
        if self._fault is not None:
            raise self._reason(LinkError(self._fault))
        return True

    def _write(self) -> None:
        if self._farewell is not None and self._leaving is None:
            self._begin_to_leave(self._farewell)
        if self._ready:
            self._send_queued()
        if self._machine.want_write():
            self._machine.loop_write()
        if self._wire.flush() and self._written:
            self._on_written()

    def _send_queued(self) -> None:
        queue, machine, wire = self._queue, self._machine, self._wire
        while wire.unsent < _WIRE_BYTES and (room := self._room()):
            for _ in range(min(len(queue), room, _BATCH)):
                self._hand_over(*queue.popleft())
            machine.loop_write()

    def _room(self) -> int:
        """How many of the queued messages may be sent now."""
        if not self._queue or not self._ready:
            return 0
        most = self._most_in_flight
        head = self._queue[0][1]
        if head is not None and head.qos == 2:
            return 1 if len(self._in_flight) < min(most, _MOST_QOS_2) else 0
        return max(0, most - len(self._in_flight))

    def _hand_over(self, token: int, message: Outgoing | None) -> None:
        if message is None:
            self._probes.append(token)
            if self._ping_at is None:
                self._ping()
            return
        try:
            info = self._machine.publish(message.topic, message.payload, message.qos, message.retain)
        except ValueError:
            self._traffic.refused += 1
            log.exception("a message to %s cannot be sent", message.topic)
            return
        if not message.qos:
            self._written.append(token)
            return
        self._in_flight[info.mid] = token
        if self._sample is None:
            self._sample = (info.mid, self._clock.monotonic())

    def _wait(self, selector: selectors.BaseSelector) -> None:
        blocked = bool(self._wire.unsent) or self._machine.want_write()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if blocked else 0)
        if selector.get_key(self._wire).events != wanted:
            selector.modify(self._wire, wanted)
        self._asleep = True
        hurry = not blocked and self._room() > 0
        for key, _ in selector.select(0.0 if hurry else self._patience_s()):
            if key.fileobj is self._wake:
                self._wake.clear()
        self._asleep = False

    def _patience_s(self) -> float:
        if self._leaving is None:
            return 0.5
        return min(0.5, max(0.0, self._leaving.deadline - self._clock.monotonic()))

    def _read(self) -> None:
        machine, wire = self._machine, self._wire
        self._received_us = self._clock.utc_us()
        while wire.unread and self._fault is None:
            machine.loop_read()
        if wire.ended and self._fault is None:
            machine.loop_read()
            self._fault = self._fault or errors.closed_sentence(self._broker.address)

    def _look_at_the_time(self) -> None:
        now = self._clock.monotonic()
        if not self._ready:
            if now > self._accept_until and self._fault is None:
                self._fault = errors.mute_sentence(self._broker.address, self._wire.head)
            return
        if self._ping_at is None and now - self._pinged_at >= self._ping_interval_s():
            self._ping()
        elif self._ping_at is not None and now - self._ping_at >= max(1, self._broker.keep_alive_s):
            self._fault = errors.silent_sentence(self._broker.address, now - self._ping_at)

    def _ping_interval_s(self) -> float:
        return min(self._timing.ping_s, self._broker.keep_alive_s / 2)

    def _reason(self, error: LinkError) -> LinkError:
        """Before the session was accepted, the bytes that came may tell more than the network did."""
        if self._fault is not None:
            return LinkError(self._fault)
        if not self._ready:
            return errors.from_first_bytes(self._wire.head, self._broker, self._client_id) or error
        return error

    def _on_connack(
        self,
        client: Client,
        userdata: object,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._fault = errors.refusal_sentence(reason.value, self._broker, self._client_id)
            return
        self._most_in_flight = min(_MOST_IN_FLIGHT, getattr(properties, "ReceiveMaximum", _MOST_IN_FLIGHT))
        self._largest_packet = getattr(properties, "MaximumPacketSize", None)
        for start in range(0, len(self._filters), _FILTERS_PER_PACKET):
            part = list(self._filters[start : start + _FILTERS_PER_PACKET])
            _, mid = self._machine.subscribe(part)
            if mid is not None:
                self._granted.add(mid)
        if not self._granted:
            self._begin()

    def _on_suback(
        self,
        client: Client,
        userdata: object,
        mid: int,
        reasons: list[ReasonCode],
        properties: Properties | None,
    ) -> None:
        refused = [reason for reason in reasons if reason.value >= REFUSED]
        if refused:
            wanted = [name for name, _ in self._filters]
            self._fault = errors.subscription_sentence(wanted, refused[0].value, self._broker)
            return
        self._granted.discard(mid)
        if not self._granted and not self._ready:
            self._begin()

    def _begin(self) -> None:
        self._ready = True
        self.ready_at = self._pinged_at = self._clock.monotonic()
        self._on_ready(self)
        early, self._early = self._early, []
        for message in early:
            self._deliver(message)

    def _on_disconnect(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if self._fault is not None or self._leaving is not None:
            return
        if flags.is_disconnect_packet_from_server:
            self._fault = errors.disconnect_sentence(reason.value, self._broker, self._client_id)
        elif not self._ready:
            known = errors.from_first_bytes(self._wire.head, self._broker, self._client_id)
            self._fault = str(known) if known else errors.closed_sentence(self._broker.address)
        else:
            self._fault = errors.closed_sentence(self._broker.address)

    def _on_message(self, message: MQTTMessage) -> None:
        self._traffic.received += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        incoming = Incoming(topic, bytes(message.payload), message.qos, message.retain, self._received_us)
        if self._ready:
            self._deliver(incoming)
        else:
            self._early.append(incoming)

    def _deliver(self, message: Incoming) -> None:
        try:
            self._handler.on_message(message)
        except Exception:
            log.exception("a message on %s could not be handled", message.topic)

    def _on_acknowledged(self, mid: int, reason: int) -> None:
        token = self._in_flight.pop(mid, None)
        if self._sample is not None and self._sample[0] == mid:
            self._traffic.round_trip_ms = (self._clock.monotonic() - self._sample[1]) * 1000
            self._sample = None
        if token is None:
            return
        if reason >= REFUSED:
            self._on_publish_refused(reason)
        else:
            self._done(token)

    def _on_publish_refused(self, reason: int) -> None:
        self._traffic.refused += 1
        log.warning("%s", errors.publish_sentence(reason, self._broker))

    def _on_written(self) -> None:
        written, self._written = self._written, []
        for token in written:
            self._done(token)

    def _done(self, token: int) -> None:
        self._traffic.sent += 1
        if self._leaving is not None:
            self._leaving.awaited.discard(token)
        self._tell_sent(token)

    def _tell_sent(self, token: int) -> None:
        try:
            self._handler.on_sent(token)
        except Exception:
            log.exception("the end of a sending could not be handled")

    def _ping(self) -> None:
        """Its answer answers every probe that was handed over before it was written."""
        self._ping_at = self._pinged_at = self._clock.monotonic()
        self._answering, self._probes = self._probes, []
        self._machine.ping()

    def _on_pong(self) -> None:
        if self._ping_at is None:
            return
        self._traffic.round_trip_ms = (self._clock.monotonic() - self._ping_at) * 1000
        self._ping_at = None
        answered, self._answering = self._answering, []
        for token in answered:
            self._tell_sent(token)
        if self._probes:
            self._ping()

    def _begin_to_leave(self, farewell: Farewell) -> None:
        deadline = self._clock.monotonic() + self._timing.farewell_s
        awaited = set()
        if self._ready:
            for number, message in enumerate(farewell.messages):
                token = -1 - number
                awaited.add(token)
                self._queue.append((token, message))
        self._leaving = _Leaving(awaited, deadline)

    def _said_farewell(self, leaving: _Leaving) -> bool:
        leaving.complete = not leaving.awaited
        return leaving.complete or self._clock.monotonic() >= leaving.deadline

    def _end(self, leaving: _Leaving) -> None:
        """DISCONNECT. Where the farewell was not taken the will speaks for it: MQTT 5 asks the broker for
        that, before it the connection is just dropped. MQTT 5 asks for a will that is not retained in any case.
        """
        farewell = self._farewell
        will = self._will if farewell is not None and farewell.messages else None
        if will is not None and not leaving.complete and not self._machine.version_5:
            self._wire.abort()
            return
        self._machine.leave(will is not None and (not leaving.complete or not will.retain))
        self._machine.loop_write()
        self._wire.close()
