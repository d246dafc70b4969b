"""The newest messages for people to look into, and any payload as text."""

import threading
from collections import deque

from drivers.mqtt.base import Incoming
from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.payload import parse
from drivers.sparkplug.topic import NAMESPACE, Verb, parse_topic
from engine.nodes import SeenMessage

CAPACITY = 2000
BYTES_LIMIT = 16_000_000
"""Large births push older messages out earlier."""


class Inspector:
    """A bounded ring; ``see`` is called by one thread, everything else by any."""

    def __init__(self) -> None:
        self.on = False
        self._lock = threading.Lock()
        self._ring: deque[SeenMessage] = deque()
        self._bytes = 0
        self._number = 0

    def switch(self, on: bool) -> None:
        with self._lock:
            self.on = on
            if not on:
                self._ring.clear()
                self._bytes = 0

    def see(self, message: Incoming) -> None:
        """Keep a message; it is looked into here, so that the list can say what it is."""
        seq, metrics, error = _summary(message.topic, message.payload)
        with self._lock:
            self._number += 1
            size = len(message.payload)
            seen = SeenMessage(
                self._number, message.received_us, message.topic, size, seq, metrics, error, message.payload
            )
            self._ring.append(seen)
            self._bytes += size
            while len(self._ring) > CAPACITY or self._bytes > BYTES_LIMIT:
                self._bytes -= self._ring.popleft().size

    def messages(self, after: int, limit: int) -> list[SeenMessage]:
        with self._lock:
            if not self._ring or self._ring[-1].number <= after:
                return []
            found = [seen for seen in self._ring if seen.number > after]
        return found[-limit:] if limit > 0 else []


def _summary(topic: str, payload: bytes) -> tuple[int | None, int, str]:
    if not topic.startswith(f"{NAMESPACE}/"):
        return None, 0, ""
    try:
        if parse_topic(topic).verb is Verb.STATE:
            return None, 0, ""
        parsed = parse(payload)
    except (TopicError, PayloadError) as error:
        return None, 0, str(error)
    return parsed.seq if parsed.HasField("seq") else None, len(parsed.metrics), ""
