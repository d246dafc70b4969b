"""The edge node's end of its MQTT link: nothing of one session is ever said in another."""

import threading
from collections.abc import Callable, Sequence

from drivers.mqtt.base import BrokerSettings, Incoming, Link, LinkHandler, Outgoing
from drivers.sparkplug.bd_seq import BdSeq
from drivers.sparkplug.edge_inbox import Arrived, Inbox, Sent, SessionLost, SessionOpened
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.edge_session import death_certificate
from engine.clock import Clock


class GatedLine:
    """The link's handler and the flow's ``Line``, in one because they share a gate.

    The link begins a new session in its own thread, at a moment when the edge node's thread may be
    about to say something that belongs to the one before. ``prepare`` closes the gate before every
    CONNECT; it opens when the edge node's thread has come to know of the new session.
    """

    def __init__(self, settings: EdgeSettings, bd_seq: BdSeq, inbox: Inbox, clock: Clock) -> None:
        self._settings = settings
        self._numbers = bd_seq
        self._inbox = inbox
        self._clock = clock
        self._gate = threading.Lock()
        self._link: Link | None = None
        self._serial = 0
        self._opened = -1
        self._bd_seq = 0

    def connect(self, make_link: Callable[[LinkHandler], Link]) -> Link:
        self._link = make_link(self)
        return self._link

    def open(self, serial: int) -> None:
        with self._gate:
            self._opened = serial

    def send(self, message: Outgoing) -> bool:
        with self._gate:
            return (
                self._link is not None
                and self._opened == self._serial
                and self._link.publish(message) is not None
            )

    def probe(self) -> int | None:
        with self._gate:
            if self._link is None or self._opened != self._serial:
                return None
            return self._link.probe()

    def leave(self, farewell: Sequence[Outgoing], next_broker: bool) -> None:
        """End the session that the edge node knows, not a newer one: that one needs no end."""
        with self._gate:
            if self._link is not None and self._shut():
                self._link.reconnect(farewell, next_broker=next_broker)

    def stop(self, farewell: Sequence[Outgoing]) -> None:
        """End the link; a newer session than the one of the farewell was never born and just ends."""
        with self._gate:
            last_words = farewell if self._shut() else ()
        # Outside of the gate: the link's thread is waited for, and may be about to pass it.
        if self._link is not None:
            self._link.stop(last_words)

    def prepare(self) -> Outgoing | None:
        with self._gate:
            self._serial += 1
        self._bd_seq = self._numbers.next()
        return death_certificate(self._settings, self._bd_seq, self._clock.utc_us() // 1000)

    def on_connected(self, broker: BrokerSettings) -> None:
        self._inbox.put(SessionOpened(self._serial, self._bd_seq, broker.address))

    def on_disconnected(self, cause: str) -> None:
        self._inbox.put(SessionLost(cause))

    def on_message(self, message: Incoming) -> None:
        self._inbox.put(Arrived(message))

    def on_sent(self, token: int) -> None:
        self._inbox.put(Sent(token))

    def _shut(self) -> bool:
        """Close the gate; whether it was open, so that what the edge node knows is the newest there is."""
        known = self._opened == self._serial
        self._opened = -1
        return known
