"""The sending side of one session: what waits, what is on its way, what is done."""

import logging
from collections import deque
from collections.abc import Callable, Sequence

from paho.mqtt.enums import MQTTErrorCode

from drivers.mqtt.base import BrokerSettings, Outgoing
from drivers.mqtt.errors import publish_sentence, size_sentence
from drivers.mqtt.protocol import REFUSED, ProtocolMachine
from drivers.mqtt.traffic import Traffic
from drivers.mqtt.wire import Wire
from engine.clock import Clock

log = logging.getLogger(__name__)

_MOST_IN_FLIGHT = 1000
_MOST_QOS_2 = 20
"""What Mosquitto takes of a client that was not told a limit."""
_BATCH = 100
_WIRE_BYTES = 262_144
_HEADER_BYTES = 16


class Outbox:
    """``put`` from any thread, everything else from the link's. What is in it dies with its session.

    ``on_sent`` is told the token of every message that is done.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        machine: ProtocolMachine,
        wire: Wire,
        traffic: Traffic,
        clock: Clock,
        on_sent: Callable[[int], None],
    ) -> None:
        self._broker = broker
        self._machine = machine
        self._wire = wire
        self._traffic = traffic
        self._clock = clock
        self._on_sent = on_sent
        self._queue: deque[tuple[int, Outgoing | None]] = deque()
        self.probes: list[int] = []
        """Probes whose turn has come: a ping written now answers them."""
        self._in_flight: dict[int, tuple[int, str]] = {}
        self._written: list[int] = []
        self._sample: tuple[int, float] | None = None
        self._farewell: set[int] = set()
        self._complaints: set[int] = set()
        self.complaint = ""
        """Why a message of this session was refused last."""
        self._most_in_flight = _MOST_IN_FLIGHT
        self._largest_packet: int | None = None

    @property
    def waiting(self) -> int:
        """Messages that were handed over and are not done."""
        return len(self._queue) + len(self._in_flight) + len(self._written)

    def put(self, token: int, message: Outgoing | None) -> None:
        """A message, or a probe where it is None."""
        self._queue.append((token, message))

    def limit(self, receive_maximum: int | None, largest_packet: int | None) -> None:
        """What the broker said it takes (MQTT 5, clause 3.2.2.3)."""
        self._most_in_flight = min(_MOST_IN_FLIGHT, receive_maximum or _MOST_IN_FLIGHT)
        self._largest_packet = largest_packet

    def bid_farewell(self, messages: Sequence[Outgoing]) -> None:
        """Queue the last messages behind the others; ``farewell_done`` once they are through."""
        for number, message in enumerate(messages):
            self._farewell.add(-1 - number)
            self.put(-1 - number, message)

    @property
    def farewell_done(self) -> bool:
        return not self._farewell

    @property
    def room(self) -> int:
        """How many of the waiting messages may be sent now."""
        if not self._queue:
            return 0
        head = self._queue[0][1]
        if head is not None and head.qos == 2:
            return 1 if len(self._in_flight) < min(self._most_in_flight, _MOST_QOS_2) else 0
        return min(len(self._queue), max(0, self._most_in_flight - len(self._in_flight)))

    def send(self) -> None:
        """As much as the broker and the wire take now."""
        while self._wire.unsent < _WIRE_BYTES and (room := self.room):
            for _ in range(min(room, _BATCH)):
                self._send(*self._queue.popleft())
            self._machine.loop_write()

    def take_probes(self) -> list[int]:
        probes, self.probes = self.probes, []
        return probes

    def on_answered(self, probes: Sequence[int]) -> None:
        """The broker has taken everything that was written before these probes."""
        for token in probes:
            self._tell(token)

    def on_flushed(self) -> None:
        """Everything that was written has left: messages of QoS 0 are done."""
        if self._written:
            written, self._written = self._written, []
            for token in written:
                self._done(token)

    def on_acknowledged(self, mid: int, reason: int) -> None:
        """PUBACK or PUBCOMP; ``reason`` is always 0 before MQTT 5."""
        found = self._in_flight.pop(mid, None)
        if self._sample is not None and self._sample[0] == mid:
            self._traffic.round_trip_ms = (self._clock.monotonic() - self._sample[1]) * 1000
            self._sample = None
        if found is None:
            return
        token, topic = found
        if reason < REFUSED:
            self._done(token)
        else:
            self._refuse(token, reason, publish_sentence(reason, topic, self._broker))

    def _send(self, token: int, message: Outgoing | None) -> None:
        if message is None:
            self.probes.append(token)
            return
        topic, payload, qos, retain = message
        if (
            self._largest_packet is not None
            and len(topic) + len(payload) + _HEADER_BYTES > self._largest_packet
        ):
            self._refuse(token, 0, size_sentence(topic, len(payload), self._largest_packet, self._broker))
            return
        try:
            info = self._machine.publish(topic, payload, qos, retain)
        except ValueError:
            log.exception("a message to %s cannot be sent", topic)
            self._refuse(token, 0, "")
            return
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return
        if not qos:
            self._written.append(token)
            return
        self._in_flight[info.mid] = (token, topic)
        if self._sample is None:
            self._sample = (info.mid, self._clock.monotonic())

    def _refuse(self, token: int, reason: int, sentence: str) -> None:
        """A message that never arrives is never reported as sent; said once for each reason."""
        self._traffic.refused += 1
        self._farewell.discard(token)
        self.complaint = sentence
        if sentence and reason not in self._complaints:
            self._complaints.add(reason)
            log.warning("%s", sentence)

    def _done(self, token: int) -> None:
        self._traffic.sent += 1
        if token < 0:
            self._farewell.discard(token)
            return
        self._tell(token)

    def _tell(self, token: int) -> None:
        try:
            self._on_sent(token)
        except Exception:
            log.exception("the end of a sending could not be handled")
