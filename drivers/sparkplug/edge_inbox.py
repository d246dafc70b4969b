"""What waits for the edge node's thread. Nobody who puts something in is ever made to wait."""

import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drivers.mqtt.base import Incoming
from drivers.sparkplug.edge_model import EdgeDevice
from engine.model import Sample

_MOST_MESSAGES = 5_000


class Changes(NamedTuple):
    """Tags have changed."""

    samples: Sequence[Sample]


class DeviceState(NamedTuple):
    """A connection came or went."""

    device: str
    present: bool


class DeviceReplaced(NamedTuple):
    """A connection has other tags, is new, or (``device`` None) is gone."""

    id: str
    device: EdgeDevice | None


class SessionOpened(NamedTuple):
    """``serial`` counts CONNECTs; ``bd_seq`` is in this one's will."""

    serial: int
    bd_seq: int
    broker: str


class SessionLost(NamedTuple):
    cause: str


class Arrived(NamedTuple):
    message: Incoming


class Sent(NamedTuple):
    token: int


class End(NamedTuple):
    """The last one."""


EdgeEvent = Changes | DeviceReplaced | DeviceState | SessionOpened | SessionLost | Arrived | Sent | End


class Inbox:
    """``limit`` changed values at most: beyond it the newest of each tag is kept, and ``dropped`` counts."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped = 0
        self.messages_dropped = 0
        self._events: list[EdgeEvent] = []
        self._values = 0
        self._messages = 0
        self._in_hand = 0
        self._change = threading.Condition()

    @property
    def values(self) -> int:
        """Changed values that wait or are being handled."""
        return self._values + self._in_hand

    def put(self, event: EdgeEvent) -> None:
        with self._change:
            if isinstance(event, Arrived):
                if self._messages >= _MOST_MESSAGES:
                    self.messages_dropped += 1
                    return
                self._messages += 1
            elif isinstance(event, Changes):
                self._values += len(event.samples)
                if self._values > self.limit:
                    self._conflate(event)
                    return
            self._events.append(event)
            self._change.notify()

    def take(self, timeout_s: float) -> list[EdgeEvent]:
        """Everything that waits, in order; waits for something at most so long.

        To take again means that what was taken before has been handled.
        """
        with self._change:
            self._in_hand = 0
            if not self._events and timeout_s > 0:
                self._change.wait(timeout_s)
            events, self._events = self._events, []
            self._in_hand, self._values, self._messages = self._values, 0, 0
            return events

    def _conflate(self, event: Changes) -> None:
        changes = [each for each in self._events if isinstance(each, Changes)]
        newest = {sample.tag: sample for each in (*changes, event) for sample in each.samples}
        self.dropped += self._values - len(newest)
        self._values = len(newest)
        self._events = [each for each in self._events if not isinstance(each, Changes)]
        self._events.insert(0, Changes(tuple(newest.values())))
        self._change.notify()


def merged(events: Sequence[EdgeEvent]) -> Iterator[EdgeEvent]:
    """The same events, neighbouring changes in one: what waited together is kept on disk together."""
    changes: list[Sample] = []
    for event in events:
        if isinstance(event, Changes):
            changes += event.samples
            continue
        if changes:
            yield Changes(changes)
            changes = []
        yield event
    if changes:
        yield Changes(changes)
