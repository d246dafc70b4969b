"""How old what a topic said is: by exception nothing fails, so silence has to be noticed. Pure.

Times ``*_s`` are monotonic seconds. A topic is silent when it has not delivered for three of its
expected publish intervals.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

SILENT_INTERVALS = 3.0
_NOT_LOOKING_S = 1.0
"""Looked at more seldom than this, silence may be ours: the whole program or machine stood still."""
_WINDOW = 20


class Order(StrEnum):
    """How a message stands to the one before it on its topic."""

    NEXT = "next"
    GAP = "gap"
    DUPLICATE = "duplicate"
    LATE = "late"
    RESTART = "restart"


class _Topic:
    __slots__ = ("intervals_s", "last_s", "sequence", "silent", "since_s", "time_us")

    def __init__(self) -> None:
        self.since_s = 0.0
        self.last_s: float | None = None
        self.silent = False
        self.sequence: int | None = None
        self.time_us: int | None = None
        self.intervals_s: deque[float] = deque(maxlen=_WINDOW)


class TopicAges:
    """``interval_s`` is the expected publish interval of every topic."""

    def __init__(self, topics: Iterable[str], interval_s: float) -> None:
        self._topics = {topic: _Topic() for topic in topics}
        self.limit_s = SILENT_INTERVALS * interval_s
        self._looked_s: float | None = None
        self._watching = False

    def on_session(self, now_s: float) -> None:
        """Subscribed: from now on every topic has its time to deliver."""
        self._watching = True
        self._looked_s = now_s
        for topic in self._topics.values():
            topic.since_s, topic.last_s, topic.silent = now_s, None, False

    def on_session_end(self) -> None:
        """Nothing can be heard, and nobody is to blame for the silence."""
        self._watching = False
        for topic in self._topics.values():
            topic.last_s = topic.sequence = topic.time_us = None
            topic.intervals_s.clear()

    def on_delivery(self, topic: str, now_s: float) -> bool:
        """A message came; True when the topic was silent before."""
        state = self._topics[topic]
        if state.last_s is not None:
            state.intervals_s.append(now_s - state.last_s)
        was_silent, state.silent = state.silent, False
        state.last_s = state.since_s = now_s
        return was_silent

    def order(self, topic: str, sequence: int | None, time_us: int | None) -> Order:
        """How a message with this head stands to the last one; it becomes the last unless it is older.

        Only a sequence number together with a time tells: a lower number with a later time is a
        publisher that started anew, and a number alone may mean something else.
        """
        state = self._topics[topic]
        old, old_us = state.sequence, state.time_us
        if sequence is None or time_us is None:
            return Order.NEXT
        if old is not None and old_us is not None and time_us <= old_us and sequence <= old:
            return Order.DUPLICATE if (sequence, time_us) == (old, old_us) else Order.LATE
        state.sequence, state.time_us = sequence, time_us
        if old is None or sequence == old + 1:
            return Order.NEXT
        return Order.GAP if sequence > old else Order.RESTART

    def silent(self, now_s: float) -> list[str]:
        """The topics that have just become silent; each is told once."""
        self._forgive_standstill(now_s)
        if not self._watching:
            return []
        silent = [
            name
            for name, topic in self._topics.items()
            if not topic.silent and now_s - topic.since_s >= self.limit_s
        ]
        for name in silent:
            self._topics[name].silent = True
        return silent

    def interval_ms(self) -> float | None:
        """The observed publish interval: the mean of each topic's, of these the middle one."""
        means = sorted(
            sum(topic.intervals_s) / len(topic.intervals_s)
            for topic in self._topics.values()
            if topic.intervals_s
        )
        return 1e3 * means[len(means) // 2] if means else None

    def _forgive_standstill(self, now_s: float) -> None:
        missed_s = 0.0 if self._looked_s is None else now_s - self._looked_s - _NOT_LOOKING_S
        self._looked_s = now_s
        if missed_s > 0:
            for topic in self._topics.values():
                topic.since_s = min(topic.since_s + missed_s, now_s)
