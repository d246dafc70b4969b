"""What is known about each connection to a controller, for people and for diagnostics."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ConnectionState(StrEnum):
    """State of one connection.

    DISABLED: not enabled in the plant file. CONNECTING: first try, nothing known yet.
    CONNECTED: reads succeed. STOPPED: the link is up but the CPU is in STOP, so its values are
    not followed. DISCONNECTED: lost; retried with back-off.
    """

    DISABLED = "disabled"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    STOPPED = "stopped"
    DISCONNECTED = "disconnected"


class CircuitState(StrEnum):
    """Circuit breaker: CLOSED works, OPEN waits, HALF_OPEN lets one probe through."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


CONTROLLER_TYPES = frozenset({"SIEMENS_S7", "ALLEN_BRADLEY"})
"""Types of connection that lead to a controller; the others lead to a broker."""


def stop_text(connection_type: str) -> str:
    """Why values are not followed while STOPPED, in the words of the controller's own programming tool."""
    if connection_type == "ALLEN_BRADLEY":
        return "The controller is in program mode"
    return "The CPU is in STOP"


def stop_word(connection_type: str) -> str:
    """``stop_text`` where there is room for a word or two."""
    return "Program mode" if connection_type == "ALLEN_BRADLEY" else "CPU in STOP"


def titled_stop_text(title: str, connection_type: str) -> str:
    """``Line 1: the CPU is in STOP``."""
    text = stop_text(connection_type)
    return f"{title}: {text[0].lower()}{text[1:]}"


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """A snapshot that a driver's thread publishes after each scan and each change of state.

    Times ``*_us`` are UTC microseconds, ``*_ms`` are milliseconds; None where nothing is known.
    ``retry_at_us`` is when the next try is due while DISCONNECTED. ``cause`` is a sentence for
    people: why it is not CONNECTED, empty while it is. ``tag_errors`` pairs the key of a tag that
    cannot be read with the reason (the first twenty).
    """

    connection: str
    type: str
    family: str
    address: str
    state: ConnectionState
    since_us: int
    circuit: CircuitState = CircuitState.CLOSED
    cause: str = ""
    identity: str = ""
    scan_ms: float = 0.0
    achieved_ms: float | None = None
    latency_ms: float | None = None
    latency_p95_ms: float | None = None
    retries_per_hour: int = 0
    timeouts_per_hour: int = 0
    retry_at_us: int | None = None
    last_read_us: int | None = None
    tags_total: int = 0
    tags_good: int = 0
    reads: int = 0
    write_queue: int = 0
    tag_errors: tuple[tuple[str, str], ...] = ()
    name: str = ""

    @property
    def stop_text(self) -> str:
        """``stop_text`` of its type."""
        return stop_text(self.type)

    @property
    def is_controller(self) -> bool:
        """Is a controller at its other end, and not a broker?"""
        return self.type in CONTROLLER_TYPES

    @property
    def title(self) -> str:
        """What people call the connection."""
        return self.name or self.connection


@dataclass(frozen=True, slots=True)
class PollProcessStatus:
    """A process that polls controllers for the plant.

    ``pid`` is None while it does not run. ``cpu`` is its share of one core, ``rss_mb`` its resident
    memory in MiB. ``restarts`` counts how often it ended without being asked to. ``queue`` is how many
    messages wait in it; when it is full, controllers are read more slowly and nothing is dropped.
    """

    name: str
    pid: int | None
    connections: int
    cpu: float
    rss_mb: float
    restarts: int
    queue: int


@dataclass(frozen=True, slots=True)
class PollingStatus:
    """Where controllers are polled: in ``processes``, or in this one if there are none.

    ``reason`` is a sentence that says why: ``auto`` decided, or the plant file says so.
    """

    processes: tuple[PollProcessStatus, ...]
    reason: str


class PollingView(Protocol):
    """What a face may see of where controllers are polled."""

    def status(self) -> PollingStatus:
        """May be called from any thread."""
