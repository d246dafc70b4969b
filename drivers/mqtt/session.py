"""One MQTT session, from CONNECT to its end, run by the link's thread."""

import logging
import selectors
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from drivers.mqtt import errors
from drivers.mqtt.base import BrokerSettings, Incoming, LinkHandler, Outgoing
from drivers.mqtt.errors import LinkError
from drivers.mqtt.outbox import Outbox
from drivers.mqtt.protocol import REFUSED, ProtocolMachine
from drivers.mqtt.tls import from_tls_error
from drivers.mqtt.traffic import Traffic
from drivers.mqtt.wake import Wake
from drivers.mqtt.wire import Wire
from engine.clock import Clock

log = logging.getLogger(__name__)

_FILTERS_PER_PACKET = 100
_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a link is, in seconds."""

    open_s: float = 5.0
    accept_s: float = 10.0
    farewell_s: float = 1.0
    ping_s: float = 10.0
    lasted_s: float = 30.0
    first_delay_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sessions of a link share."""

    client_id: str
    handler: LinkHandler
    filters: Sequence[tuple[str, int]]
    traffic: Traffic
    clock: Clock
    wake: Wake
    timing: Timing
    on_ready: Callable[["Session"], None]


class Session:
    """``run`` opens the session and moves messages until it ends; ``offer`` and ``leave`` from any thread."""

    def __init__(
        self, broker: BrokerSettings, wire: Wire, will: Outgoing | None, around: Surroundings
    ) -> None:
        self.broker = broker
        self.ready_at_s: float | None = None
        self.thrown_out = False
        """The broker ended the connection, not the network, we or a missing answer."""
        self._around = around
        self._clock = around.clock
        self._traffic = around.traffic
        self._wire = wire
        self._will = will
        self._machine = self._make_machine()
        self._outbox = Outbox(
            broker, self._machine, wire, around.traffic, around.clock, around.handler.on_sent
        )
        self._keep_alive_s = max(1, broker.keep_alive_s)
        self._early: list[Incoming] = []
        self._asked: set[int] = set()
        self._asleep = False
        self._received_us = 0
        self._heard_at_s = self._pinged_at_s = self._clock.monotonic()
        self._ping_pending = False
        self._probes: list[int] = []
        self._farewell: tuple[Outgoing, ...] | None = None
        self._leave_by_s: float | None = None
        self._fault: str | None = None

    @property
    def waiting(self) -> int:
        return self._outbox.waiting

    @property
    def leaving(self) -> bool:
        return self._farewell is not None

    def offer(self, token: int, message: Outgoing | None) -> None:
        """Send a message, or a probe where it is None."""
        self._outbox.put(token, message)
        if self._asleep:
            self._asleep = False
            self._around.wake.set()

    def leave(self, farewell: Sequence[Outgoing]) -> None:
        """End the session after the farewell; ``run`` returns then."""
        if self._farewell is None:
            self._farewell = tuple(farewell)
        self._around.wake.set()

    def run(self) -> None:
        """Returns after ``leave``; LinkError where the session was not accepted, or was lost."""
        accept_by_s = self._clock.monotonic() + self._around.timing.accept_s
        with selectors.DefaultSelector() as selector:
            selector.register(self._wire, selectors.EVENT_READ)
            selector.register(self._around.wake, selectors.EVENT_READ)
            try:
                self._machine.open(self._wire)
                while not self._left():
                    self._pump(selector, accept_by_s)
            except OSError as error:
                raise self._explain(error) from error
            finally:
                self._wire.abort()

    def _make_machine(self) -> ProtocolMachine:
        machine = ProtocolMachine(self.broker, self._around.client_id, self._will)
        machine.on_connect = self._on_connack
        machine.on_subscribe = self._on_suback
        machine.on_disconnect = self._on_disconnect
        machine.on_received = self._on_message
        machine.on_acknowledged = lambda mid, reason: self._outbox.on_acknowledged(mid, reason)
        machine.on_pong = self._on_pong
        return machine

    def _pump(self, selector: selectors.BaseSelector, accept_by_s: float) -> None:
        """One round: write, wait, read, look at the time."""
        self._write()
        self._wait(selector)
        if self._wire.fill():
            self._read()
        now_s = self._clock.monotonic()
        if self.ready_at_s is not None:
            self._keep_alive(now_s)
            self._traffic.tick(now_s)
        elif now_s > accept_by_s:
            self._fail(errors.mute_sentence(self.broker.address))
        if self._fault is not None:
            raise LinkError(self._fault)

    def _write(self) -> None:
        if self.ready_at_s is not None:
            self._outbox.send()
            if self._outbox.probes and not self._ping_pending:
                self._ping(self._clock.monotonic())
        if self._machine.want_write():
            self._machine.loop_write()
        if self._wire.flush():
            self._outbox.on_flushed()

    def _wait(self, selector: selectors.BaseSelector) -> None:
        blocked = self._wire.unsent > 0 or self._machine.want_write()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if blocked else 0)
        if selector.get_key(self._wire).events != wanted:
            selector.modify(self._wire, wanted)
        self._asleep = True
        hurry = not blocked and self.ready_at_s is not None and self._outbox.room > 0
        for key, _ in selector.select(0.0 if hurry else self._patience_s()):
            if key.fileobj is self._around.wake:
                self._around.wake.clear()
        self._asleep = False

    def _patience_s(self) -> float:
        if self._farewell is None:
            return min(_PATIENCE_S, self._keep_alive_s / 4)
        if self._leave_by_s is None or self._outbox.farewell_done:
            return 0.0
        return max(0.0, self._leave_by_s - self._clock.monotonic())

    def _read(self) -> None:
        machine, wire = self._machine, self._wire
        self._received_us = self._clock.utc_us()
        self._heard_at_s = self._clock.monotonic()
        while wire.unread and self._fault is None:
            machine.loop_read()
        if wire.ended and self._fault is None:
            self.thrown_out = True
            machine.loop_read()

    def _keep_alive(self, now_s: float) -> None:
        if self._ping_pending:
            silent_s = now_s - max(self._pinged_at_s, self._heard_at_s)
            if silent_s >= self._keep_alive_s:
                self._fail(errors.silent_sentence(self.broker.address, silent_s))
        elif now_s - self._pinged_at_s >= min(self._around.timing.ping_s, self._keep_alive_s / 2):
            self._ping(now_s)

    def _ping(self, now_s: float) -> None:
        """The answer is the answer to every probe before it."""
        self._pinged_at_s = now_s
        self._ping_pending = True
        self._probes = self._outbox.take_probes()
        self._machine.ping()

    def _fail(self, sentence: str) -> None:
        """The first reason is the true one; what follows from it says less."""
        if self._fault is None:
            self._fault = sentence

    def _explain(self, error: OSError) -> LinkError:
        """Before the session is accepted, what the broker still said tells more than that it hung up."""
        if self._fault is not None:
            return LinkError(self._fault)
        self.thrown_out = isinstance(error, ConnectionResetError)
        if self.ready_at_s is None:
            alert = self._last_alert()
            if alert is not None:
                return from_tls_error(alert, self.broker)
            known = errors.from_first_bytes(self._wire.head, self.broker, self._around.client_id)
            if known is not None and not isinstance(error, ssl.SSLError):
                return known
        if isinstance(error, ssl.SSLError):
            return from_tls_error(error, self.broker)
        if self.thrown_out and self._outbox.complaint:
            return LinkError(errors.complaint_sentence(self._outbox.complaint))
        return errors.from_os_error(error, self.broker.address)

    def _last_alert(self) -> ssl.SSLError | None:
        """What the broker said before it hung up while we were sending."""
        try:
            self._wire.fill()
        except ssl.SSLEOFError:
            return None
        except ssl.SSLError as said:
            return said
        except OSError:
            return None
        return None

    def _on_connack(
        self,
        _client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._fail(errors.refusal_sentence(reason.value, self.broker, self._around.client_id))
            return
        self._keep_alive_s = getattr(properties, "ServerKeepAlive", self._keep_alive_s)
        self._outbox.limit(
            getattr(properties, "ReceiveMaximum", None), getattr(properties, "MaximumPacketSize", None)
        )
        filters = self._around.filters
        for start in range(0, len(filters), _FILTERS_PER_PACKET):
            _, mid = self._machine.subscribe(list(filters[start : start + _FILTERS_PER_PACKET]))
            if mid is not None:
                self._asked.add(mid)
        if not self._asked:
            self._begin()

    def _on_suback(
        self,
        _client: Client,
        _userdata: object,
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = [reason.value for reason in reasons if reason.value >= REFUSED]
        if refused:
            names = [name for name, _ in self._around.filters]
            self._fail(errors.subscription_sentence(names, refused[0], self.broker))
            return
        self._asked.discard(mid)
        if not self._asked and self.ready_at_s is None:
            self._begin()

    def _begin(self) -> None:
        self.ready_at_s = self._pinged_at_s = self._clock.monotonic()
        self._around.on_ready(self)
        early, self._early = self._early, []
        for message in early:
            self._deliver(message)

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self.thrown_out = True
            self._fail(errors.disconnect_sentence(reason.value, self.broker, self._around.client_id))
            return
        known = None
        if self.ready_at_s is None:
            known = errors.from_first_bytes(self._wire.head, self.broker, self._around.client_id)
        elif self._outbox.complaint:
            known = LinkError(errors.complaint_sentence(self._outbox.complaint))
        self._fail(str(known) if known is not None else errors.closed_sentence(self.broker.address))

    def _on_message(self, message: MQTTMessage) -> None:
        self._traffic.received += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        incoming = Incoming(topic, bytes(message.payload), message.qos, message.retain, self._received_us)
        if self.ready_at_s is not None:
            self._deliver(incoming)
        else:
            self._early.append(incoming)

    def _deliver(self, message: Incoming) -> None:
        try:
            self._around.handler.on_message(message)
        except Exception:
            log.exception("a message on %s could not be handled", message.topic)

    def _on_pong(self) -> None:
        if self._ping_pending:
            self._traffic.round_trip_ms = (self._clock.monotonic() - self._pinged_at_s) * 1000
            self._ping_pending = False
            probes, self._probes = self._probes, []
            self._outbox.on_answered(probes)

    def _left(self) -> bool:
        """Whether the session was ended as asked for."""
        if self._farewell is None:
            return False
        now_s = self._clock.monotonic()
        if self._leave_by_s is None:
            self._leave_by_s = now_s + self._around.timing.farewell_s
            if self.ready_at_s is not None:
                self._outbox.bid_farewell(self._farewell)
            return False
        if not self._outbox.farewell_done and now_s < self._leave_by_s:
            return False
        self._disconnect(self._farewell, self._outbox.farewell_done)
        return True

    def _disconnect(self, farewell: tuple[Outgoing, ...], said: bool) -> None:
        """Where the farewell did not get through the will has to speak: MQTT 5 can ask the broker for it,
        before MQTT 5 only a connection that is dropped does. With MQTT 5 the broker is asked for it after
        a farewell, too, unless the will is retained and would replace the farewell.
        """
        will = self._will if farewell else None
        if will is not None and not said and not self._machine.version_5:
            return
        self._machine.leave(will is not None and (not said or not will.retain))
        self._machine.loop_write()
        self._wire.close()
