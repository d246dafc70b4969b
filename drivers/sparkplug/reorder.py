"""Puts the messages of one edge node back into the order of their sequence numbers. Pure.

Source: Eclipse Sparkplug 3.0, chapter 5.4 "reordering": wait ``timeout_s`` for a message that others
overtook, then give it up.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")

HELD_LIMIT = 256
HELD_BYTES = 4_000_000
_RECENT = 32
_HALF = 128
"""A number this far ahead of all others is taken for a late one."""


class _Held(NamedTuple, Generic[Item]):
    seq: int
    item: Item
    data: bytes
    since_s: float
    awaited: int | None


class Reorder(Generic[Item]):
    """``expected`` is the next sequence number, None where any will do. ``held`` messages wait."""

    def __init__(self, timeout_s: float) -> None:
        self.expected: int | None = None
        self.gaps = 0
        self.reordered = 0
        self.duplicates = 0
        self._timeout_s = timeout_s
        self._held: list[_Held[Item]] = []
        self._recent: deque[tuple[int, bytes]] = deque(maxlen=_RECENT)
        self._given_up: set[int] = set()

    @property
    def held(self) -> int:
        return len(self._held)

    @property
    def deadline_s(self) -> float | None:
        """When waiting for what is missing ends; None while nothing is missing."""
        return self._held[0].since_s + self._timeout_s if self._held else None

    def accept(self, seq: int, item: Item, data: bytes, now_s: float) -> Sequence[Item]:
        """What may be handled now, in order; ``data`` tells a repetition from another message."""
        expected = self.expected
        if seq == expected or expected is None:
            self._recent.append((seq, data))
            self.expected = (seq + 1) & 255
            return self._followed_by(item) if self._held else (item,)
        if self._is_late(seq, data):
            return ()
        full = self._is_full(data)
        self._held.append(_Held(seq, item, data, now_s, self.expected))
        return self.give_up() if full else ()

    def hold(self, seq: int, item: Item, data: bytes, now_s: float) -> None:
        """Keep a message that came before its birth; the oldest goes when there are too many."""
        while self._is_full(data):
            del self._held[0]
        self._held.append(_Held(seq, item, data, now_s, self.expected))

    def begin(self, seq: int | None, belongs: Callable[[Item], bool]) -> Sequence[Item]:
        """A birth starts the order anew; held messages that ``belongs`` knows as later ones follow it."""
        self.expected = None if seq is None else (seq + 1) & 255
        self._given_up.clear()
        self._recent.clear()
        self._held = [held for held in self._held if belongs(held.item)]
        return self._drain()

    def expire(self, now_s: float) -> Sequence[Item]:
        """After the deadline: what was held, in order, although something between is missing."""
        deadline_s = self.deadline_s
        if deadline_s is None or now_s < deadline_s:
            return ()
        return self.give_up()

    def give_up(self) -> Sequence[Item]:
        """No more waiting for what is missing: everything held, in order."""
        if not self._held:
            return ()
        self.gaps += 1
        start = self.expected or 0
        went_on = any(each.awaited != self.expected for each in self._held)
        placed = sorted(zip(self._distances(start), self._held, strict=True), key=lambda pair: pair[0])
        self._held.clear()
        ahead = {distance for distance, _ in placed if distance >= 0}
        self._given_up = {(start + n) & 255 for n in range(max(ahead, default=0)) if n not in ahead}
        if ahead or not went_on:
            # What is only behind was late where the sequence went on meanwhile; else it began anew there.
            self.expected = (placed[-1][1].seq + 1) & 255
        return [each.item for _, each in placed]

    def _distances(self, start: int) -> list[int]:
        """How far each held message is ahead of ``start``, or behind it (negative)."""
        front, distances = 0, []
        for each in self._held:
            ahead = (each.seq - start) & 255
            distances.append(ahead if ahead - front < _HALF else ahead - 256)
            front = max(front, distances[-1])
        return distances

    def clear(self) -> None:
        """Nothing is waited for any more."""
        self._held.clear()
        self._given_up.clear()
        self.expected = None

    def _is_full(self, data: bytes) -> bool:
        """Whether one more message would be too much; a single one never is."""
        size = len(data) + sum(len(each.data) for each in self._held)
        return len(self._held) >= HELD_LIMIT or (bool(self._held) and size > HELD_BYTES)

    def _is_late(self, seq: int, data: bytes) -> bool:
        """Delivered twice, or given up before it came: its value is older than what was handled since."""
        if (seq, data) in self._recent or any(seq == each.seq and data == each.data for each in self._held):
            self.duplicates += 1
            return True
        if seq in self._given_up:
            self._given_up.discard(seq)
            return True
        return False

    def _followed_by(self, item: Item) -> Sequence[Item]:
        self.reordered += 1
        return [item, *self._drain()]

    def _drain(self) -> list[Item]:
        ready: list[Item] = []
        while (found := next((each for each in self._held if each.seq == self.expected), None)) is not None:
            self._held.remove(found)
            self._recent.append((found.seq, found.data))
            self.expected = (found.seq + 1) & 255
            ready.append(found.item)
        return ready
