"""One controller as a row of the table: words, order, and how its latency went; pure, no widgets."""

import re
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.connections import CircuitState, ConnectionState, ConnectionStatus, stop_word
from hmi.panel.display import DASH, format_number
from hmi.panel.scale import Scale

TRACE_POINTS = 120
"""Seconds of latency that are kept for the small curve."""
_SCAN_SPAN, _SCAN_FINE = 1.6, 1.1
_WORDS = {
    ConnectionState.DISABLED: "Not in use",
    ConnectionState.CONNECTING: "Connecting",
    ConnectionState.CONNECTED: "Connected",
    ConnectionState.DISCONNECTED: "Disconnected",
}
_URGENCY = {
    ConnectionState.DISCONNECTED: 0,
    ConnectionState.STOPPED: 1,
    ConnectionState.CONNECTING: 2,
    ConnectionState.CONNECTED: 4,
    ConnectionState.DISABLED: 5,
}
_PARTLY_READ = 3


@dataclass(frozen=True, slots=True)
class ControllerRow:
    """A status with the name people use and the latencies seen so far (ms, None: no answer then)."""

    status: ConnectionStatus
    name: str
    now_us: int
    trace: tuple[float | None, ...] = ()

    @property
    def live(self) -> bool:
        return self.status.state is ConnectionState.CONNECTED

    @property
    def lost(self) -> bool:
        """Is there nothing to be believed of it just now, although there should be?"""
        return self.status.state in (ConnectionState.DISCONNECTED, ConnectionState.STOPPED)

    @property
    def unreadable(self) -> bool:
        """Does it answer, but not for every tag?"""
        return self.live and self.status.tags_good < self.status.tags_total

    @property
    def by_exception(self) -> bool:
        """Does the source report when something changes, instead of being polled?"""
        return self.status.scan_ms == 0

    @property
    def state_text(self) -> str:
        return state_word(self.status)

    @property
    def cause(self) -> str:
        """Why there is no contact; a CPU in STOP needs no cause, its state is one."""
        silent = self.status.state in (ConnectionState.DISCONNECTED, ConnectionState.CONNECTING)
        return self.status.cause if silent else ""

    @property
    def scan_text(self) -> str:
        return _milliseconds(self.status.achieved_ms) if self.live else DASH

    @property
    def scan_scale(self) -> Scale:
        """Achieved against configured: the band ends a little above what was configured."""
        configured = max(1.0, self.status.scan_ms)
        return Scale(0.0, configured * _SCAN_SPAN, (0.0, configured * _SCAN_FINE))

    @property
    def latency_text(self) -> str:
        return _milliseconds(self.status.latency_p95_ms) if self.live else DASH

    @property
    def tags_text(self) -> str:
        return f"{self.status.tags_good} / {self.status.tags_total}"

    @property
    def circuit_text(self) -> str:
        return circuit_word(self.status, self.now_us)


class LatencyTrace:
    """The last ``TRACE_POINTS`` latencies of one connection, one a second."""

    def __init__(self) -> None:
        self._points: deque[float | None] = deque(maxlen=TRACE_POINTS)

    def add(self, status: ConnectionStatus) -> None:
        live = status.state is ConnectionState.CONNECTED
        self._points.append(status.latency_p95_ms if live else None)

    def points(self) -> tuple[float | None, ...]:
        return tuple(self._points)


def state_word(status: ConnectionStatus) -> str:
    """STOPPED is called what the controller's own programming tool calls it."""
    stopped = status.state is ConnectionState.STOPPED
    word = stop_word(status.type) if stopped else _WORDS[status.state]
    return QCoreApplication.translate("Diagnostics", word)


def circuit_word(status: ConnectionStatus, now_us: int) -> str:
    """``Closed``, ``Half open``, ``Retry in 31 s``; a dash where the connection is not in use."""
    translate = QCoreApplication.translate
    if status.state is ConnectionState.DISABLED:
        return DASH
    if status.circuit is CircuitState.CLOSED:
        return translate("Diagnostics", "Closed")
    if status.circuit is CircuitState.HALF_OPEN:
        return translate("Diagnostics", "Half open")
    left_s = retry_left_s(status, now_us)
    if left_s is None:
        return translate("Diagnostics", "Open")
    return translate("Diagnostics", "Retry in {0} s").format(left_s)


def retry_left_s(status: ConnectionStatus, now_us: int) -> int | None:
    """Whole seconds until the next try, None if none is due."""
    if status.retry_at_us is None:
        return None
    return max(0, round((status.retry_at_us - now_us) / 1e6))


def urgency(row: ControllerRow) -> tuple[int, list[tuple[int, str]]]:
    """Worst state first, then names as people count them: line 2 before line 10."""
    rank = _PARTLY_READ if row.unreadable else _URGENCY[row.status.state]
    return rank, natural_key(row.name)


def natural_key(text: str) -> list[tuple[int, str]]:
    """Sorts the figures in a name by size."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def spoken_row(row: ControllerRow) -> str:
    """The whole row in one sentence, for those who cannot see it."""
    status = row.status
    parts = [row.name, status.family, status.address, row.state_text]
    if status.cause:
        parts.append(status.cause)
    if row.live and row.by_exception:
        parts.append(QCoreApplication.translate("Diagnostics", "reports changes"))
    elif row.live:
        translate = QCoreApplication.translate
        parts.append(
            translate("Diagnostics", "scan {0} of {1} ms").format(
                row.scan_text, format_number(status.scan_ms)
            )
        )
        parts.append(translate("Diagnostics", "latency {0} ms").format(row.latency_text))
    parts.append(QCoreApplication.translate("Diagnostics", "circuit {0}").format(row.circuit_text.lower()))
    parts.append(QCoreApplication.translate("Diagnostics", "tags good {0}").format(row.tags_text))
    return ", ".join(part for part in parts if part)


def _milliseconds(value: float | None) -> str:
    if value is None:
        return DASH
    return format_number(value, 1 if value < 9.95 else 0)
