"""The events of the log, newest first: those of the journal, followed by older ones from the history."""

from collections.abc import Sequence

from engine.events import Event, EventKind

MOST_EVENTS = 5000


class EventList:
    """Pure; ``kind`` None shows all. The oldest are let go beyond ``MOST_EVENTS``."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self.kind: EventKind | None = None

    @property
    def oldest_us(self) -> int | None:
        """Where older events end; of all kinds, not only of those shown."""
        return self._events[-1].time_us if self._events else None

    def shown(self) -> list[Event]:
        return [event for event in self._events if self.kind in (None, event.kind)]

    def add_newest(self, newest: Sequence[Event]) -> list[Event]:
        """Put what is new in the journal's ``newest`` before the others; returns what of it is shown."""
        head = self._events[0] if self._events else None
        fresh: list[Event] = []
        for event in newest:
            if event is head:
                break
            fresh.append(event)
        self._events[:0] = fresh
        del self._events[MOST_EVENTS:]
        return [event for event in fresh if self.kind in (None, event.kind)]

    def add_older(self, older: Sequence[Event]) -> list[Event]:
        """Put behind the others what the history knows; returns those that are shown."""
        limit_us = self.oldest_us
        taken = [event for event in older if limit_us is None or event.time_us < limit_us]
        self._events += taken
        return [event for event in taken if self.kind in (None, event.kind)]
