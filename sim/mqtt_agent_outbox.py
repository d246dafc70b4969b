"""What the agent still has to get to the broker: bounded, in order, tried again until acknowledged. Pure."""

from collections import deque
from collections.abc import Callable, Iterable

from sim.mqtt_agent_messages import Message

Publish = Callable[[Message], int | None]
"""Hands a message over; its token, or None where that is not possible now."""

_TRIES = 5


class Outbox:
    """At most ``limit`` messages wait or are under way; of more the oldest are given up and counted."""

    def __init__(self, limit: int = 140) -> None:
        self._limit = limit
        self._waiting: deque[tuple[Message, int]] = deque()
        self._under_way: dict[int, tuple[Message, int]] = {}
        self.published = 0
        self.repeated = 0
        self.given_up = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._under_way)

    def add(self, messages: Iterable[Message]) -> None:
        self._waiting.extend((message, 0) for message in messages)
        self._shorten()

    def send(self, publish: Publish) -> bool:
        """Hand over what waits; False when something could not be and has to be tried again."""
        while self._waiting:
            message, tries = self._waiting[0]
            token = publish(message)
            if token is None:
                return False
            self._waiting.popleft()
            self.repeated += tries > 0
            self._under_way[token] = (message, tries)
        return True

    def on_acknowledged(self, token: int) -> None:
        if self._under_way.pop(token, None) is not None:
            self.published += 1

    def on_session_end(self) -> None:
        """What the broker has not acknowledged may be lost: it waits again, before what is newer."""
        again = [(message, tries + 1) for message, tries in self._under_way.values()]
        self._under_way.clear()
        kept = [each for each in again if each[1] < _TRIES]
        self.given_up += len(again) - len(kept)
        self._waiting.extendleft(reversed(kept))
        self._shorten()

    def _shorten(self) -> None:
        while self._waiting and len(self) > self._limit:
            self._waiting.popleft()
            self.given_up += 1
