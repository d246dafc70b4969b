"""From the link's thread to the connection's: in order, bounded in number and bytes."""

import threading
from collections import deque
from typing import NamedTuple

from drivers.mqtt.base import BrokerSettings, Incoming, Outgoing

MESSAGES_LIMIT = 5_000
BYTES_LIMIT = 32 * 1024 * 1024
_OVERHEAD = 200


class Opened(NamedTuple):
    """The broker took us and our subscriptions."""

    address: str


class Closed(NamedTuple):
    """The session ended or could not be opened."""

    cause: str


class Confirmed(NamedTuple):
    """The broker has the message of this token."""

    token: int


LinkEvent = Incoming | Opened | Closed | Confirmed


class LinkInbox:
    """A ``LinkHandler``. When it is full the oldest message makes room: the newest values count."""

    def __init__(self) -> None:
        self._events: deque[LinkEvent] = deque()
        self._messages = 0
        self._bytes = 0
        self._changed = threading.Condition()
        self._nudged = False
        self.dropped = 0

    def prepare(self) -> Outgoing | None:
        return None

    def on_connected(self, broker: BrokerSettings) -> None:
        self._put(Opened(broker.address))

    def on_disconnected(self, cause: str) -> None:
        self._put(Closed(cause))

    def on_sent(self, token: int) -> None:
        self._put(Confirmed(token))

    def on_message(self, message: Incoming) -> None:
        with self._changed:
            self._messages += 1
            self._bytes += len(message.payload) + _OVERHEAD
            self._events.append(message)
            while self._messages > MESSAGES_LIMIT or (self._bytes > BYTES_LIMIT and self._messages > 1):
                self._drop_oldest()
            self._changed.notify()

    def nudge(self) -> None:
        """Let ``take`` return although nothing came."""
        with self._changed:
            self._nudged = True
            self._changed.notify()

    def take(self, timeout_s: float) -> list[LinkEvent]:
        """All that waits; waits for something, but no longer than this."""
        with self._changed:
            if not self._events and not self._nudged:
                self._changed.wait(timeout_s)
            self._nudged = False
            events = list(self._events)
            self._events.clear()
            self._messages = self._bytes = 0
            return events

    def __len__(self) -> int:
        return self._messages

    def _put(self, event: LinkEvent) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify()

    def _drop_oldest(self) -> None:
        for number, event in enumerate(self._events):
            if isinstance(event, Incoming):
                del self._events[number]
                self._messages -= 1
                self._bytes -= len(event.payload) + _OVERHEAD
                self.dropped += 1
                return
