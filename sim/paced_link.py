"""One client's TCP connection to a simulated device: paced, ordered, bounded; what is said is a subclass."""

import logging
import selectors
import socket
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar, Generic, Protocol, TypeVar

from engine.clock import Clock
from sim.server_loop import ServerLoop

_log = logging.getLogger(__name__)

_RECEIVE = 65536
_MOST_WAITING = 256
_MOST_UNSENT = 262_144

MessageT = TypeVar("MessageT")


class Behaviour(Protocol):
    """What a connection asks before it answers."""

    delay_s: float
    mute: bool


class LinkOverloadError(Exception):
    """The client asks faster than it can be answered, or takes no answers."""


class PacedLink(ABC, Generic[MessageT]):
    """Reads, answers in order and after the delay, and closes on the first byte that makes no sense.

    Lives on the loop's thread. ``valid`` False means that the link is cut: nothing more is answered.
    ``protocol`` names it in the log; ``violations`` are the errors of a client that does not speak it.
    """

    protocol: ClassVar[str]
    violations: ClassVar[tuple[type[Exception], ...]]

    def __init__(
        self,
        sock: socket.socket,
        peer: str,
        behaviour: Behaviour,
        loop: ServerLoop,
        clock: Clock,
        on_closed: Callable[[], None],
    ) -> None:
        self.valid = True
        self.peer = peer
        self._sock = sock
        self._behaviour = behaviour
        self._loop = loop
        self._clock = clock
        self._on_closed = on_closed
        self._waiting: deque[tuple[float, MessageT]] = deque()
        self._unsent = bytearray()
        self._closed = False
        loop.watch(sock, self._on_ready)

    @abstractmethod
    def parse(self, received: bytes) -> Iterable[MessageT]:
        """Messages complete with what was received; one of the ``violations`` disconnects."""

    @abstractmethod
    def answer(self, message: MessageT) -> None:
        """Carry out one message and ``send`` what it calls for."""

    def is_farewell(self, message: MessageT) -> bool:
        """Whether it ends the connection; a mute device carries that out too."""
        return False

    def close(self) -> None:
        """Cut the connection; nothing that waits is answered."""
        if self._closed:
            return
        self._closed = True
        self.valid = False
        self._waiting.clear()
        self._loop.unwatch(self._sock)
        self._on_closed()
        self._sock.close()

    def send(self, frame: bytes) -> None:
        """Send, now or as soon as the client takes it."""
        if not self.valid:
            self.close()
            return
        waited = bool(self._unsent)
        self._unsent += frame
        try:
            sent = self._sock.send(self._unsent)
        except BlockingIOError:
            sent = 0
        del self._unsent[:sent]
        if len(self._unsent) > _MOST_UNSENT:
            raise LinkOverloadError("the client does not read its answers")
        if bool(self._unsent) != waited:
            self._loop.watch(self._sock, self._on_ready, write=bool(self._unsent))

    def _on_ready(self, events: int) -> None:
        self._guard(lambda: self._transfer(events))

    def _transfer(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self.send(b"")
        if events & selectors.EVENT_READ and not self._closed:
            self._receive()

    def _guard(self, action: Callable[[], None]) -> None:
        """Whatever goes wrong costs the client its connection, and only this one."""
        client_errors: tuple[type[Exception], ...] = (LinkOverloadError, *self.violations)
        try:
            action()
        except client_errors as error:
            _log.info("%s client %s is disconnected: %s", self.protocol, self.peer, error)
            self.close()
        except OSError:
            self.close()
        except Exception:
            self.close()
            raise

    def _receive(self) -> None:
        try:
            received = self._sock.recv(_RECEIVE)
        except BlockingIOError:
            return
        if not received:
            self.close()
            return
        for message in self.parse(received):
            self._on_message(message)
            if self._closed:
                return

    def _on_message(self, message: MessageT) -> None:
        delay_s = self._behaviour.delay_s
        if delay_s <= 0 and not self._waiting:
            self._answer(message)
        elif len(self._waiting) >= _MOST_WAITING:
            raise LinkOverloadError("too many requests wait for their answer")
        else:
            self._waiting.append((self._clock.monotonic() + delay_s, message))
            if len(self._waiting) == 1:
                self._loop.call_later(delay_s, self._on_due)

    def _on_due(self) -> None:
        """Answer what is due, in the order of the requests, and come back for the next."""
        self._guard(self._answer_due)
        if self._waiting:
            self._loop.call_later(self._waiting[0][0] - self._clock.monotonic(), self._on_due)

    def _answer_due(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._clock.monotonic():
            self._answer(self._waiting.popleft()[1])

    def _answer(self, message: MessageT) -> None:
        if not self.valid:
            self.close()
        elif not self._behaviour.mute or self.is_farewell(message):
            self.answer(message)
