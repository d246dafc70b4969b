"""When an edge node is asked for its birth certificates again. Pure.

One request per node is outstanding, two are at least ``interval_s`` apart, all together keep a pace, and
what was not answered is asked again later and later, until the birth comes.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)

PER_SECOND = 20.0
LONGEST_S = 300.0
_BURST_S = 0.25
_MOST_DOUBLINGS = 16


@dataclass(slots=True)
class _Wish:
    cause: str
    due_s: float
    asked: int = 0


class Rebirths(Generic[Node]):
    """``request`` may be called for every odd message; ``due`` says whom to ask now."""

    def __init__(self, interval_s: float, per_second: float = PER_SECOND) -> None:
        self._interval_s = interval_s
        self._pause_s = 1.0 / per_second
        self._wishes: dict[Node, _Wish] = {}
        self._asked_s: dict[Node, float] = {}
        self._next_s = float("-inf")
        self._open = False

    def request(self, node: Node, cause: str, now_s: float, delay_s: float = 0.0) -> None:
        """The node is to be asked, after ``delay_s`` at the earliest; once, however often this is called."""
        due_s = max(now_s + delay_s, self._asked_s.get(node, float("-inf")) + self._interval_s)
        wish = self._wishes.get(node)
        if wish is None:
            self._wishes[node] = _Wish(cause, due_s)
        elif not wish.asked and due_s < wish.due_s:
            wish.cause, wish.due_s = cause, due_s

    def settle(self, node: Node) -> None:
        """The birth is there, or the node is dead and will be born by itself."""
        self._wishes.pop(node, None)

    def open(self, now_s: float, grace_s: float) -> None:
        """The broker is there: go on, after a moment in which nodes are born by themselves."""
        self._open = True
        self._next_s = max(self._next_s, now_s + grace_s)

    def close(self) -> None:
        """The broker is gone: nothing is asked, nothing is forgotten, and earlier requests are void."""
        self._open = False
        for wish in self._wishes.values():
            wish.asked = 0

    def due(self, now_s: float) -> list[tuple[Node, str]]:
        """Whom to ask now and why; each counts as asked."""
        if not self._open or not self._wishes or now_s < self._next_s:
            return []
        waiting = [(wish.due_s, node) for node, wish in self._wishes.items() if wish.due_s <= now_s]
        waiting.sort(key=lambda each: each[0])
        chosen: list[tuple[Node, str]] = []
        for _, node in waiting:
            if now_s < self._next_s:
                break
            self._next_s = max(self._next_s, now_s - _BURST_S) + self._pause_s
            chosen.append((node, self._asked(node, now_s)))
        return chosen

    def cause(self, node: Node) -> str:
        """Why the node is to be asked or has been asked; empty where it is not."""
        wish = self._wishes.get(node)
        return wish.cause if wish else ""

    def __len__(self) -> int:
        return len(self._wishes)

    def _asked(self, node: Node, now_s: float) -> str:
        wish = self._wishes[node]
        later_s = self._interval_s * 2 ** min(wish.asked, _MOST_DOUBLINGS)
        wish.due_s = now_s + min(later_s, max(LONGEST_S, self._interval_s))
        wish.asked += 1
        self._asked_s[node] = now_s
        return wish.cause
