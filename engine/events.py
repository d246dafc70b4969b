"""The event journal: what happened, when, to what; kept in memory for the panel and handed to the history."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """Which filter of the event log an event belongs to."""

    CONNECTION = "connection"
    COMMAND = "command"
    DATABASE = "database"
    SYSTEM = "system"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal; ``time_us`` in UTC microseconds, ``text`` a sentence for people.

    ``details`` are further facts by name, for the record: who asked, what for, what was read back.
    """

    time_us: int
    kind: EventKind
    source: str
    text: str
    severity: Severity = Severity.INFO
    details: tuple[tuple[str, str], ...] = ()


class EventJournal:
    """The newest events, thread-safe; sinks are called in the thread that records and must only enqueue."""

    def __init__(self, capacity: int = 1000) -> None:
        self._events: deque[Event] = deque(maxlen=capacity)
        self._sinks: list[Callable[[Event], None]] = []
        self._lock = threading.Lock()
        self._recorded = 0

    def add_sink(self, sink: Callable[[Event], None]) -> None:
        self._sinks.append(sink)

    def record(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            self._recorded += 1
        for sink in self._sinks:
            sink(event)

    @property
    def recorded(self) -> int:
        """How many events there have been; a change tells a face to read ``newest`` again."""
        return self._recorded

    def newest(self, limit: int = 200) -> list[Event]:
        """The newest events, newest first."""
        with self._lock:
            events = list(self._events)
        return events[::-1][:limit]
