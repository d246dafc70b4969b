"""Asks many TCP endpoints the same thing at a time, from one thread, without waiting for the silent ones."""

import contextlib
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from engine.clock import Clock

Endpoint = tuple[str, int]
"""IPv4 address and TCP port."""

_AT_A_TIME = 128
_TICK_S = 0.05
_CHUNK = 4096


class Question(NamedTuple):
    """``request`` is sent once connected; ``is_whole(received)`` says when the answer is all there.

    An empty request asks only whether the port is open.
    """

    request: bytes
    is_whole: Callable[[bytes], bool]


OPEN_PORT = Question(b"", lambda _received: True)


def ask_all(
    endpoints: Sequence[Endpoint], question: Question, timeout_s: float, clock: Clock
) -> Iterator[tuple[Endpoint, bytes] | int]:
    """Yield each endpoint that answered, with its answer, as they come.

    ``timeout_s`` bounds each endpoint as a whole. Many times a second comes the number of those that
    are done with instead. Whoever stops listening leaves no socket open.
    """
    waiting = deque(endpoints)
    done = 0
    with contextlib.closing(_Pending(question, clock)) as pending:
        while waiting or pending.count:
            while waiting and pending.count < _AT_A_TIME:
                done += not pending.start(waiting.popleft(), timeout_s)
            for endpoint, answer in pending.wait(_TICK_S):
                done += 1
                if answer is not None:
                    yield endpoint, answer
            yield done


class _Pending:
    """Sockets on their way; each ends with an answer or None."""

    def __init__(self, question: Question, clock: Clock) -> None:
        self._question = question
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._asked: dict[socket.socket, _Asked] = {}

    @property
    def count(self) -> int:
        return len(self._asked)

    def start(self, endpoint: Endpoint, timeout_s: float) -> bool:
        """Begin to connect; False where that failed at once."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            with contextlib.suppress(BlockingIOError):
                sock.connect(endpoint)
            self._selector.register(sock, selectors.EVENT_WRITE)
        except OSError:
            sock.close()
            return False
        self._asked[sock] = _Asked(endpoint, self._clock.monotonic() + timeout_s)
        return True

    def wait(self, timeout_s: float) -> Iterator[tuple[Endpoint, bytes | None]]:
        """What ended within the next ``timeout_s``: answers, refusals and those whose time is over."""
        for key, events in self._selector.select(timeout_s):
            sock = key.fileobj
            if isinstance(sock, socket.socket):
                asked = self._asked[sock]
                if self._go_on(sock, asked, events):
                    self._forget(sock)
                    yield asked.endpoint, bytes(asked.received) if asked.whole else None
        now = self._clock.monotonic()
        for sock, asked in list(self._asked.items()):
            if now >= asked.deadline_s:
                self._forget(sock)
                yield asked.endpoint, None

    def close(self) -> None:
        for sock in list(self._asked):
            self._forget(sock)
        self._selector.close()

    def _go_on(self, sock: socket.socket, asked: "_Asked", events: int) -> bool:
        """Whether this endpoint is done with."""
        try:
            if events & selectors.EVENT_WRITE:
                return self._on_connected(sock, asked)
            chunk = sock.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        asked.received += chunk
        asked.whole = self._question.is_whole(bytes(asked.received)) and bool(chunk)
        return asked.whole or not chunk

    def _on_connected(self, sock: socket.socket, asked: "_Asked") -> bool:
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return True
        if not self._question.request:
            asked.whole = True
            return True
        sock.send(self._question.request)
        self._selector.modify(sock, selectors.EVENT_READ)
        return False

    def _forget(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        del self._asked[sock]
        sock.close()


class _Asked:
    """How far one endpoint has come."""

    __slots__ = ("deadline_s", "endpoint", "received", "whole")

    def __init__(self, endpoint: Endpoint, deadline_s: float) -> None:
        self.endpoint = endpoint
        self.deadline_s = deadline_s
        self.received = bytearray()
        self.whole = False
