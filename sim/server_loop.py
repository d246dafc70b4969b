"""One thread that serves any number of sockets of simulated devices."""

import heapq
import itertools
import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Self

from engine.clock import Clock, SystemClock

_log = logging.getLogger(__name__)

OnReady = Callable[[int], None]


class ServerLoop:
    """Runs callbacks of watched sockets and timers on its thread.

    ``post`` and ``call`` may be used from any thread; ``watch``, ``unwatch`` and ``call_later``
    only from callbacks. A callback that raises is logged with its trace and, if it was a socket's,
    loses that socket; all others are served on.
    """

    def __init__(self, name: str = "sim-servers", clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_receiver.setblocking(False)
        self._wake_sender.setblocking(False)
        self._selector.register(self._wake_receiver, selectors.EVENT_READ, self._on_wake)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread; what was posted before is still done. A second call does nothing."""
        if self._thread.is_alive():
            self.post(self._on_stop)
            self._thread.join()
        self._close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def post(self, action: Callable[[], None]) -> None:
        """Have ``action`` done soon, on the loop's thread."""
        self._posted.append(action)
        try:
            self._wake_sender.send(b"\x00")
        except OSError:
            # full: the loop is about to wake anyway; closed: it has ended and nothing is served
            return

    def call(self, action: Callable[[], None]) -> None:
        """Have ``action`` done on the loop's thread and wait for it; not while holding a lock it takes."""
        if threading.current_thread() is self._thread:
            action()
            return
        done = threading.Event()

        def act() -> None:
            try:
                action()
            finally:
                done.set()

        self.post(act)
        while not done.wait(0.1):
            if not self._thread.is_alive():
                return

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Have ``action`` done ``delay_s`` seconds from now."""
        due = self._clock.monotonic() + delay_s
        heapq.heappush(self._timers, (due, next(self._order), action))

    def watch(self, sock: socket.socket, on_ready: OnReady, *, write: bool = False) -> None:
        """Call ``on_ready(events)`` whenever ``sock`` is readable, with ``write`` also when writable."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        if sock in self._selector.get_map():
            self._selector.modify(sock, events, on_ready)
        else:
            self._selector.register(sock, events, on_ready)

    def unwatch(self, sock: socket.socket) -> None:
        """Forget a socket; before it is closed."""
        if sock.fileno() >= 0 and sock in self._selector.get_map():
            self._selector.unregister(sock)

    def _run(self) -> None:
        while not self._stopping:
            for key, events in self._selector.select(self._wait_s()):
                on_ready: OnReady = key.data
                sock = key.fileobj
                if isinstance(sock, socket.socket) and sock.fileno() >= 0:
                    self._serve(sock, on_ready, events)
            self._run_posted()
            self._run_timers()

    def _serve(self, sock: socket.socket, on_ready: OnReady, events: int) -> None:
        try:
            on_ready(events)
        except Exception:
            _log.exception("a socket of a simulated device failed and is closed")
            self.unwatch(sock)
            sock.close()

    def _wait_s(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - self._clock.monotonic())

    def _run_posted(self) -> None:
        while self._posted:
            self._guard(self._posted.popleft())

    def _run_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self._clock.monotonic():
            self._guard(heapq.heappop(self._timers)[2])

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            _log.exception("an action of a simulated device failed")

    def _on_wake(self, _events: int) -> None:
        try:
            self._wake_receiver.recv(4096)
        except BlockingIOError:
            return

    def _on_stop(self) -> None:
        self._stopping = True

    def _close(self) -> None:
        self._selector.close()
        self._wake_receiver.close()
        self._wake_sender.close()
