"""What a load test has seen: lost, doubled and overtaken messages, latency. Pure."""

from array import array
from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class _Stream:
    seen: set[int] = field(default_factory=set)
    highest: int = 0
    below: int = 0
    """Every number up to this one was seen; the set holds only what lies beyond."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of messages; times in milliseconds, NaN where nothing arrived; ``seconds`` of publishing."""

    sent: int
    received: int
    lost: int
    duplicated: int
    out_of_order: int
    malformed: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float

    @property
    def success(self) -> float:
        """Share of the messages sent that arrived, 0 to 1."""
        return (self.sent - self.lost) / self.sent if self.sent else 0.0

    @property
    def per_s(self) -> float:
        return self.received / self.seconds if self.seconds > 0 else 0.0


class Tally:
    """Each stream numbers its messages from 1. Not thread-safe: one thread counts."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._latency_ms = array("f")
        self.received = 0
        self.duplicated = 0
        self.out_of_order = 0
        self.malformed = 0

    def on_message(self, stream: str, number: int, latency_ms: float) -> None:
        state = self._streams.get(stream)
        if state is None:
            state = self._streams[stream] = _Stream()
        if number <= state.below or number in state.seen:
            self.duplicated += 1
            return
        if number < state.highest:
            self.out_of_order += 1
        state.highest = max(state.highest, number)
        state.seen.add(number)
        while state.below + 1 in state.seen:
            state.below += 1
            state.seen.remove(state.below)
        self.received += 1
        self._latency_ms.append(latency_ms)

    def figures(self, sent: int, seconds: float) -> Figures:
        """``sent`` messages by all streams together."""
        latency = np.asarray(self._latency_ms, dtype=np.float64)
        parts = [float("nan")] * 4
        if len(latency):
            parts = [float(value) for value in np.percentile(latency, (50, 95, 99, 100))]
        return Figures(
            sent,
            self.received,
            max(0, sent - self.received),
            self.duplicated,
            self.out_of_order,
            self.malformed,
            seconds,
            *parts,
        )
