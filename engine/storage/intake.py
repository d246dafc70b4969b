"""The bounded queue between those who record and the one thread that writes."""

import threading
from collections import deque

from engine.events import Event
from engine.model import Sample


class Intake:
    """Takes samples and events from any thread without ever waiting for the disk.

    Beyond ``hard_limit`` rows (waiting here or held by the writer) new samples are counted as lost:
    that happens only when neither the database nor the spool can be written for long.
    """

    def __init__(self, hard_limit: int) -> None:
        self._hard_limit = hard_limit
        self._condition = threading.Condition()
        self._samples: deque[list[Sample]] = deque()
        self._events: list[tuple[int, Event]] = []
        self._event_seq = 0
        self._rows = 0
        self._wanted_rows = 0
        self._closed = False
        self.held_rows = 0
        self.rows_lost = 0

    @property
    def rows(self) -> int:
        return self._rows

    def put_samples(self, samples: list[Sample]) -> None:
        with self._condition:
            if self._closed or self._rows + self.held_rows + len(samples) > self._hard_limit:
                self.rows_lost += len(samples)
                return
            self._samples.append(samples)
            self._rows += len(samples)
            if self._wanted_rows and self._rows >= self._wanted_rows:
                self._condition.notify()

    def put_event(self, event: Event) -> None:
        with self._condition:
            self._event_seq += 1
            self._events.append((self._event_seq, event))

    def wait(self, rows: int, timeout_s: float) -> None:
        """Until that many rows are there, the time is over or the queue is closed."""
        with self._condition:
            if self._rows < rows and not self._closed and timeout_s > 0:
                self._wanted_rows = rows
                self._condition.wait(timeout_s)
                self._wanted_rows = 0

    def take(self, limit: int) -> tuple[list[Sample], list[tuple[int, Event]]]:
        """Up to ``limit`` samples in the order they came, and all events."""
        taken: list[Sample] = []
        with self._condition:
            while self._samples and len(taken) < limit:
                first = self._samples.popleft()
                room = limit - len(taken)
                if len(first) > room:
                    self._samples.appendleft(first[room:])
                    first = first[:room]
                taken.extend(first)
            self._rows -= len(taken)
            self.held_rows += len(taken)
            events, self._events = self._events, []
        return taken, events

    def close(self) -> None:
        """Accept nothing more; what was accepted can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    def is_closed(self) -> bool:
        return self._closed
