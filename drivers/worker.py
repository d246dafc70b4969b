"""One supervised thread per controller: polls, writes first, backs off, and never lets bad data look good."""

import logging
import random
import threading
from collections.abc import Sequence

from drivers.base import (
    ConnectionSettings,
    Driver,
    DriverError,
    DriverFactory,
    Interruptible,
    ReplyTimeoutError,
    ScanResult,
)
from drivers.circuit import CircuitBreaker
from drivers.scan_statistics import ScanStatistics
from drivers.tag_errors import tell_tag_errors
from drivers.write_session import WriteSession
from drivers.writes import WriteDesk
from engine.clock import Clock
from engine.commands import WriteOrder
from engine.connections import ConnectionState, ConnectionStatus, stop_text, titled_stop_text
from engine.events import Event, EventKind, Severity
from engine.messages import Batch, LinkLost, Post
from engine.model import Quality, Sample, TagDef

_log = logging.getLogger(__name__)

_STATUS_S = 0.5
_READBACK_S = 0.1
_ERRORS_SHOWN = 20
_POLITE_S = 0.5


class Worker:
    """``phase_s`` staggers connections with the same period, so that their requests do not bunch.

    The scan grid is fixed: a late scan does not shift the following ones, a missed one is skipped.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        tags: Sequence[TagDef],
        make_driver: DriverFactory,
        post: Post,
        clock: Clock,
        rng: random.Random,
        phase_s: float = 0.0,
    ) -> None:
        self.id = settings.id
        self.scan_s = settings.scan_ms / 1e3
        self._settings = settings
        self._tags = list(tags)
        self._keys = [tag.key for tag in tags]
        self._post = post
        self._clock = clock
        self._phase_s = phase_s
        self._driver: Driver = make_driver(settings, self._tags, clock)
        if isinstance(self._driver, Interruptible):
            self._driver.between_requests = self._on_between_requests
        self._breaker = CircuitBreaker(rng)
        self._statistics = ScanStatistics()
        self._desk = WriteDesk(settings.title, clock, post)
        self._readback_due_s = 0.0
        self._writes: WriteSession | None = None
        if settings.max_connections > 1:
            self._writes = WriteSession(settings, tags, make_driver, post, self._journal, clock, rng)
        self._wake = threading.Condition()
        self._stop_asked = threading.Event()
        self._stop_at_s = 0.0
        self._retry_asked = False
        self._state = ConnectionState.CONNECTING
        self._since_us = clock.utc_us()
        self._cause = ""
        self._identity = ""
        self._last_read_us: int | None = None
        self._errors: dict[str, str] = {}
        self._next_status_s = 0.0
        self._thread = threading.Thread(target=self._run, name=f"connection {settings.id}")

    def start(self) -> None:
        self._thread.start()
        if self._writes is not None:
            self._writes.start()

    def stop(self) -> None:
        if self._writes is not None:
            self._writes.stop()
        with self._wake:
            self._stop_at_s = self._clock.monotonic()
            self._stop_asked.set()
            self._wake.notify_all()

    def join(self, timeout_s: float) -> bool:
        """A thread that waits for a mute controller is freed by closing its session under it."""
        if self._thread.ident is None:
            return True
        alone = self._writes is None or self._writes.join(timeout_s)
        # Counted from the request, so that a hundred mute controllers take no longer than one.
        polite_s = max(0.0, self._stop_at_s + _POLITE_S - self._clock.monotonic())
        self._thread.join(min(timeout_s, polite_s))
        if self._thread.is_alive():
            self._driver.close()
            self._thread.join(timeout_s)
        return alone and not self._thread.is_alive()

    def put(self, order: WriteOrder) -> str:
        # What came first is written first: nothing overtakes what still waits here.
        if self._writes is not None and not len(self._desk) and not self._desk.awaiting_readback:
            taken = self._writes.put(order)
            if taken is not None:
                return taken
        reason = self._desk.put(order)
        with self._wake:
            self._wake.notify_all()
        return reason

    def retry_now(self) -> None:
        with self._wake:
            self._retry_asked = True
            self._wake.notify_all()

    def status(self) -> ConnectionStatus:
        now_s, now_us = self._clock.monotonic(), self._clock.utc_us()
        retry_at_s = self._breaker.retry_at_s
        return ConnectionStatus(
            connection=self.id,
            type=self._settings.type,
            family=self._settings.family,
            address=f"{self._settings.host}:{self._settings.port}",
            state=self._state,
            since_us=self._since_us,
            circuit=self._breaker.state,
            cause=self._cause,
            identity=self._identity,
            scan_ms=self._settings.scan_ms,
            achieved_ms=self._statistics.achieved_ms(),
            latency_ms=self._statistics.latency_ms(),
            latency_p95_ms=self._statistics.latency_p95_ms(),
            retries_per_hour=self._statistics.retries_per_hour(now_s),
            timeouts_per_hour=self._statistics.timeouts_per_hour(now_s),
            retry_at_us=None if retry_at_s is None else now_us + int((retry_at_s - now_s) * 1e6),
            last_read_us=self._last_read_us,
            tags_total=len(self._tags),
            reads=self._statistics.reads,
            write_queue=len(self._desk) + (0 if self._writes is None else len(self._writes)),
            tag_errors=tuple(self._errors.items())[:_ERRORS_SHOWN],
            name=self._settings.name,
        )

    def _run(self) -> None:
        self._post(self.status())
        while not self._stop_asked.is_set():
            try:
                self._hold_session()
            except DriverError as error:
                self._on_failure(str(error), timeout=isinstance(error, ReplyTimeoutError))
            except Exception as error:
                _log.exception("fault in the connection %s; its session is started again", self.id)
                self._on_failure(f"Internal fault ({type(error).__name__}), see the log", timeout=False)
            finally:
                self._driver.close()
            self._wait_for_retry()
        self._desk.close()

    def _hold_session(self) -> None:
        """Connect, then read and write until something fails or somebody says stop."""
        self._identity = self._driver.connect()
        while not self._stop_asked.is_set():
            started_s = self._clock.monotonic()
            self._on_scan(self._driver.read(), started_s)
            self._serve_writes_until(self._next_scan_s())

    def _on_scan(self, result: ScanResult, started_s: float) -> None:
        self._statistics.on_scan(started_s, self._clock.monotonic())
        if self._stop_asked.is_set():
            return
        self._breaker.on_success()
        self._last_read_us = result.source_time_us
        if result.running is False:
            self._post(LinkLost(self.id, result.source_time_us))
            self._become(ConnectionState.STOPPED, stop_text(self._settings.type))
            self._close_desks(titled_stop_text(self._settings.title, self._settings.type))
        else:
            self._post(Batch(self.id, self._samples(result)))
            self._become(ConnectionState.CONNECTED, "")
            self._desk.open()
            if self._writes is not None:
                self._writes.on_link(up=True)
        self._post_status_if_due()

    def _samples(self, result: ScanResult) -> list[Sample]:
        time_us, good, bad = result.source_time_us, Quality.GOOD, Quality.BAD
        samples = [
            Sample(key, value, bad if error else good, time_us)
            for key, (value, error) in zip(self._keys, result.readings, strict=True)
        ]
        errors = {
            key: reading.error
            for key, reading in zip(self._keys, result.readings, strict=True)
            if reading.error
        }
        if errors != self._errors:
            self._journal_tag_errors(errors)
        return samples

    def _journal_tag_errors(self, errors: dict[str, str]) -> None:
        old, self._errors = self._errors, errors
        for source, text, severity in tell_tag_errors(self.id, old, errors):
            self._journal(source, text, severity)

    def _serve_writes_until(self, next_scan_s: float) -> None:
        while not self._stop_asked.is_set():
            if self._state is ConnectionState.CONNECTED:
                self._desk.carry_out(self._driver, next_scan_s)
                if self._desk.awaiting_readback:
                    self._desk.read_back(self._driver, next_scan_s)
            wait_s = next_scan_s - self._clock.monotonic()
            if wait_s <= 0:
                return
            if self._desk.awaiting_readback:
                wait_s = min(wait_s, _READBACK_S)
            with self._wake:
                if not self._stop_asked.is_set() and not len(self._desk):
                    self._wake.wait(wait_s)

    def _on_between_requests(self) -> None:
        """In the middle of a long scan: a command waits for one request at most."""
        if self._state is not ConnectionState.CONNECTED:
            return
        now_s = self._clock.monotonic()
        if len(self._desk):
            self._desk.carry_out(self._driver, now_s)
        elif self._desk.awaiting_readback and now_s >= self._readback_due_s:
            self._readback_due_s = now_s + _READBACK_S
            self._desk.read_back(self._driver, now_s)

    def _close_desks(self, cause: str = "") -> None:
        self._desk.close(cause)
        if self._writes is not None:
            self._writes.on_link(up=False, cause=cause)

    def _next_scan_s(self) -> float:
        """The next point of this connection's grid that lies in the future."""
        elapsed = self._clock.monotonic() - self._phase_s
        return (elapsed // self.scan_s + 1) * self.scan_s + self._phase_s

    def _on_failure(self, cause: str, *, timeout: bool) -> None:
        if self._stop_asked.is_set():
            return
        now_s = self._clock.monotonic()
        self._breaker.on_failure(now_s, timeout=timeout)
        self._statistics.on_failure(now_s, timeout=timeout)
        self._post(LinkLost(self.id, self._clock.utc_us()))
        self._become(ConnectionState.DISCONNECTED, cause)
        self._close_desks()
        self._post(self.status())

    def _wait_for_retry(self) -> None:
        with self._wake:
            while (
                not self._stop_asked.is_set() and not self._retry_asked and (left := self._retry_left_s()) > 0
            ):
                self._wake.wait(left)
            self._retry_asked = False
        if not self._stop_asked.is_set():
            self._breaker.on_probe()
            self._statistics.on_retry(self._clock.monotonic())
            self._post(self.status())

    def _retry_left_s(self) -> float:
        due = self._breaker.retry_at_s
        return 0.0 if due is None else due - self._clock.monotonic()

    def _become(self, state: ConnectionState, cause: str) -> None:
        self._cause = cause
        if state is not self._state:
            self._state = state
            self._since_us = self._clock.utc_us()
            self._post(self.status())

    def _post_status_if_due(self) -> None:
        now_s = self._clock.monotonic()
        if now_s >= self._next_status_s:
            self._next_status_s = now_s + _STATUS_S
            self._post(self.status())

    def _journal(self, source: str, text: str, severity: Severity) -> None:
        self._post(Event(self._clock.utc_us(), EventKind.CONNECTION, source, text, severity))
