"""Waits for a socket under one deadline, and stops waiting when the link is stopped."""

import selectors
import time
from collections.abc import Callable

from drivers.mqtt.errors import LinkCancelledError
from drivers.mqtt.wake import HasFileno, Wake


class Opener:
    """One try to open a connection; ``cancelled`` is asked after each wait."""

    def __init__(self, wake: Wake, cancelled: Callable[[], bool], timeout_s: float) -> None:
        self._wake = wake
        self._cancelled = cancelled
        self._deadline = time.monotonic() + timeout_s

    def go_on(self) -> None:
        """LinkCancelledError when stopped."""
        if self._cancelled():
            raise LinkCancelledError("The link was stopped.")

    def left_s(self) -> float:
        return self._deadline - time.monotonic()

    def wait_readable(self, sock: HasFileno) -> None:
        self._wait(sock, selectors.EVENT_READ, self._deadline)

    def wait_writable(self, sock: HasFileno, most_s: float | None = None) -> None:
        until = self._deadline if most_s is None else min(self._deadline, time.monotonic() + most_s)
        self._wait(sock, selectors.EVENT_WRITE, until)

    def _wait(self, sock: HasFileno, events: int, deadline: float) -> None:
        """TimeoutError after the deadline, LinkCancelledError when stopped."""
        while not self._wake.wait_for(sock, events, deadline - time.monotonic()):
            self.go_on()
            if time.monotonic() >= deadline:
                raise TimeoutError
