"""A second session with a controller, for commands alone: a long scan then delays none of them."""

import logging
import random
import threading
from collections.abc import Callable, Sequence

from drivers.base import (
    ConnectError,
    ConnectionSettings,
    Driver,
    DriverError,
    DriverFactory,
    ReplyTimeoutError,
)
from drivers.circuit import CircuitBreaker
from drivers.writes import WriteDesk
from engine.clock import Clock
from engine.commands import WriteOrder, WriteOutcome
from engine.events import Severity
from engine.model import TagDef

_log = logging.getLogger(__name__)

_READBACK_S = 0.1
_ALIVE_S = 5.0
_POLITE_S = 0.5

Journal = Callable[[str, str, Severity], None]
"""Source, text, severity."""


class WriteSession:
    """One thread with a driver and a write desk of its own, beside the worker that polls.

    It follows that worker: a session is opened while the other one reads, and nothing is written unless
    both work. A controller that grants no second session is not asked again before the first one was
    opened anew; until then, as always while there is no session here, the worker writes.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        tags: Sequence[TagDef],
        make_driver: DriverFactory,
        finish: Callable[[WriteOutcome], None],
        journal: Journal,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._settings = settings
        self._tags = [tag for tag in tags if tag.writable]
        self._journal = journal
        self._clock = clock
        self._driver: Driver = make_driver(settings, self._tags, clock)
        self._desk = WriteDesk(settings.title, clock, finish)
        self._breaker = CircuitBreaker(rng)
        self._wake = threading.Condition()
        self._linked = self._stopping = self._refused = self._told = False
        self._cause = self._refusal = ""
        self._ready = False
        self._stop_at_s = 0.0
        self._thread = threading.Thread(target=self._run, name=f"writes to {settings.id}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._stop_at_s = self._clock.monotonic()
            self._wake.notify_all()

    def join(self, timeout_s: float) -> bool:
        """A thread that waits for a mute controller is freed by closing its session under it."""
        if self._thread.ident is None:
            return True
        self._thread.join(min(timeout_s, max(0.0, self._stop_at_s + _POLITE_S - self._clock.monotonic())))
        if self._thread.is_alive():
            self._driver.close()
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def __len__(self) -> int:
        return len(self._desk)

    def put(self, order: WriteOrder) -> str | None:
        """As ``WriteDesk.put``; None where there is no session and somebody else has to write."""
        if not self._ready:
            return None
        reason = self._desk.put(order)
        with self._wake:
            self._wake.notify_all()
        return reason

    def on_link(self, up: bool, cause: str = "") -> None:
        """The worker has just read, or does not any more; ``cause`` begins a sentence why."""
        with self._wake:
            refusal, self._refusal = self._refusal, ""
            if up is not self._linked:
                self._linked, self._cause, self._refused = up, cause, False
                self._ready = self._ready and up
                self._wake.notify_all()
        if refusal and up and not self._told:
            self._told = True
            text = f"No second session for commands, they share the one that reads: {refusal}"
            self._journal(self._settings.id, text, Severity.WARNING)

    def _run(self) -> None:
        while self._wait_until_wanted():
            try:
                self._hold_session()
            except ConnectError as error:
                self._on_refused(error)
            except DriverError as error:
                self._on_failure(timeout=isinstance(error, ReplyTimeoutError))
            except Exception:
                _log.exception("fault in the write session of %s; it is opened again", self._settings.id)
                self._on_failure(timeout=False)
            finally:
                self._ready = False
                self._desk.close(self._cause)
                self._driver.close()

    def _hold_session(self) -> None:
        self._driver.connect()
        self._breaker.on_success()
        with self._wake:
            self._desk.open()
            self._ready = self._linked
        alive_at_s = self._clock.monotonic() + _ALIVE_S
        while self._ready and not self._stopping:
            now_s = self._clock.monotonic()
            self._desk.carry_out(self._driver, now_s)
            if self._desk.awaiting_readback:
                self._desk.read_back(self._driver, now_s)
            if now_s >= alive_at_s and self._tags:
                # Who is silent for long is forgotten by small controllers and by firewalls.
                alive_at_s = now_s + _ALIVE_S
                self._driver.read_one(self._tags[0])
            self._pause(alive_at_s)

    def _pause(self, until_s: float) -> None:
        wait_s = until_s - self._clock.monotonic()
        if self._desk.awaiting_readback:
            wait_s = min(wait_s, _READBACK_S)
        with self._wake:
            if self._ready and not self._stopping and not len(self._desk) and wait_s > 0:
                self._wake.wait(wait_s)

    def _wait_until_wanted(self) -> bool:
        """False when it is over."""
        with self._wake:
            while not self._stopping:
                due_s = self._breaker.retry_at_s
                left_s = 0.0 if due_s is None else due_s - self._clock.monotonic()
                if self._linked and not self._refused and left_s <= 0:
                    self._breaker.on_probe()
                    return True
                self._wake.wait(left_s if self._linked and not self._refused else None)
        return False

    def _on_refused(self, error: ConnectError) -> None:
        """A refusal if the worker goes on reading; else the controller is gone, and the worker says so."""
        with self._wake:
            self._refused, self._refusal = True, str(error)

    def _on_failure(self, *, timeout: bool) -> None:
        with self._wake:
            self._breaker.on_failure(self._clock.monotonic(), timeout=timeout)
