"""When to try a controller again: exponential back-off with jitter behind a circuit breaker."""

import random

from engine.connections import CircuitState

FAILURES_TO_OPEN = 3
_FIRST_S = 0.25
_OPEN_S = 1.0
_LONGEST_S = 30.0
_JITTER = 0.2


class CircuitBreaker:
    """CLOSED until one timeout or three failures in a row; OPEN waits; HALF_OPEN is one probe.

    A timeout opens it at once because each further try would block the thread for the whole
    timeout. Waiting doubles from 1 s to 30 s, +-20 % so that a hundred controllers behind one
    switch do not come back at the same moment. Pure; times are monotonic seconds.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures = 0
        self._opened = 0
        self.state = CircuitState.CLOSED
        self.retry_at_s: float | None = None

    def on_success(self) -> None:
        self._failures = 0
        self._opened = 0
        self.state = CircuitState.CLOSED
        self.retry_at_s = None

    def on_failure(self, now_s: float, *, timeout: bool) -> None:
        self._failures += 1
        if timeout or self._failures >= FAILURES_TO_OPEN or self.state is CircuitState.HALF_OPEN:
            self.state = CircuitState.OPEN
            delay_s = _OPEN_S * 2.0 ** min(self._opened, 10)
            self._opened += 1
        else:
            delay_s = _FIRST_S * self._failures
        jitter = 1.0 + self._rng.uniform(-_JITTER, _JITTER)
        self.retry_at_s = now_s + min(delay_s, _LONGEST_S / (1.0 + _JITTER)) * jitter

    def on_probe(self) -> None:
        """The waiting is over: let one try through."""
        if self.state is CircuitState.OPEN:
            self.state = CircuitState.HALF_OPEN
        self.retry_at_s = None
