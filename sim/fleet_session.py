"""The MQTT session of one simulated edge node, on a loop that it shares with all others."""

import logging
import random
import socket
from collections.abc import Callable, Iterable

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from engine.clock import Clock
from sim.fleet_node import FleetNode, Message, Moment
from sim.server_loop import ServerLoop

_log = logging.getLogger(__name__)

KEEPALIVE_S = 30
_CONNECT_TIMEOUT_S = 2.0
_HOUSEKEEPING_S = 5.0
_FIRST_RETRY_S, _LAST_RETRY_S = 1.0, 15.0

MessagesAt = Callable[[Moment], list[Message]]


class FleetSession:
    """Connects, gives birth, reports by exception every ``interval_s``; all on the loop's thread."""

    def __init__(
        self,
        node: FleetNode,
        broker: tuple[str, int],
        loop: ServerLoop,
        clock: Clock,
        rng: random.Random,
        interval_s: float,
    ) -> None:
        self.node = node
        self.state = "stopped"
        self.published = 0
        self.clock_offset_ms = 0
        self.trouble = ""
        self._broker = broker
        self._loop = loop
        self._clock = clock
        self._rng = rng
        self._interval_s = interval_s
        self._started_s = clock.monotonic()
        self._silent_until_s = 0.0
        self._retry_s = _FIRST_RETRY_S
        self._client: mqtt.Client | None = None
        self._watched: socket.socket | None = None
        self._writing = False
        self._connect_sent = False
        # Timers cannot be taken back: those of an earlier life find another number and do nothing.
        self._life = 0

    @property
    def muted(self) -> bool:
        return self._clock.monotonic() < self._silent_until_s

    def start(self, delay_s: float = 0.0) -> None:
        """Connect after a while, and again whenever the connection is lost."""
        self._life += 1
        self.state = "connecting"
        self._later(delay_s, self._connect)

    def stop(self) -> None:
        """Say NDEATH and DISCONNECT."""
        self._life += 1
        if self.state == "born":
            self._publish([self.node.death(self._now())])
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
        self._unwatch()
        self.state = "stopped"

    def cut(self) -> None:
        """Pull the cable: the connection is gone without a word, and stays away."""
        self._life += 1
        self._forget_socket()
        self.state = "cut"

    def mute(self, seconds: float) -> None:
        """Say nothing for a while; the connection stays."""
        self._silent_until_s = self._clock.monotonic() + seconds

    def say(self, messages_at: MessagesAt) -> None:
        """Publish what the node has to say now; lost where nobody hears it."""
        messages = messages_at(self._now())
        if self.state == "born":
            self._publish(messages)

    def _connect(self) -> None:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = _CONNECT_TIMEOUT_S
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        client.on_socket_close = lambda _client, _data, _sock: self._unwatch()
        # bdSeq and will are of one CONNECT only; one that never left was none
        if self._connect_sent:
            self.node.next_session()
        self._connect_sent = False
        will = self.node.death(None)
        client.will_set(will.topic, will.payload, will.qos, retain=False)
        self._client = client
        try:
            client.connect(*self._broker, keepalive=KEEPALIVE_S)
        except OSError as error:
            self._on_failure(str(error))
            return
        self._connect_sent = True
        self._watch()
        self._later(_HOUSEKEEPING_S, self._on_housekeeping)

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if not reason.is_failure:
            client.subscribe([(topic, 1) for topic in self.node.command_topics])

    def _on_subscribe(self, *_: object) -> None:
        if self.state == "connecting":
            self.state = "born"
            self.trouble = ""
            self._retry_s = _FIRST_RETRY_S
            self._publish(self.node.births(self._now()))
            self._later(self._interval_s * self._rng.uniform(0.5, 1.5), self._on_interval)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if not self.muted:
            self.say(lambda now: self.node.on_command(message.topic, bytes(message.payload), now))

    def _on_disconnect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if client is self._client:
            self._on_failure(str(reason))

    def _on_failure(self, reason: str) -> None:
        if not self.trouble:
            _log.info("%s lost its connection: %s", self.node.name, reason)
        self.trouble = reason
        self._forget_socket()
        self.start(self._retry_s * self._rng.uniform(0.8, 1.2))
        self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)

    def _on_interval(self) -> None:
        if not self.muted:
            self.say(self.node.data)
        self._later(self._interval_s, self._on_interval)

    def _on_housekeeping(self) -> None:
        if self._client is not None:
            self._client.loop_misc()
            self._watch()
        self._later(_HOUSEKEEPING_S, self._on_housekeeping)

    def _on_ready(self, _events: int) -> None:
        client = self._client
        if client is None:
            return
        client.loop_read()
        if client.want_write():
            client.loop_write()
        self._watch()

    def _publish(self, messages: Iterable[Message]) -> None:
        if self._client is None:
            return
        for each in messages:
            self._client.publish(each.topic, each.payload, each.qos)
            self.published += 1
        self._watch()

    def _watch(self) -> None:
        """Have the loop call for what arrives, and for room to write where something waits."""
        sock = self._client.socket() if self._client is not None else None
        if self._client is None or not isinstance(sock, socket.socket):
            return
        writing = self._client.want_write()
        if sock is not self._watched or writing != self._writing:
            self._loop.watch(sock, self._on_ready, write=writing)
            self._watched, self._writing = sock, writing

    def _forget_socket(self) -> None:
        """Close without a word; nothing more is heard of this connection."""
        client, self._client = self._client, None
        self._unwatch()
        sock = client.socket() if client is not None else None
        if sock is not None:
            sock.close()

    def _unwatch(self) -> None:
        watched, self._watched = self._watched, None
        if watched is not None:
            self._loop.unwatch(watched)

    def _now(self) -> Moment:
        utc_ms = self._clock.utc_us() // 1000 + self.clock_offset_ms
        return Moment(self._clock.monotonic() - self._started_s, utc_ms)

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        life = self._life

        def act() -> None:
            if life == self._life:
                action()

        self._loop.call_later(delay_s, act)
