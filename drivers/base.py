"""What a driver is: a session with one controller that reads and writes planned sets of tags.

A driver is used by one thread only (its worker's), knows addresses and not plants, and never
retries or sleeps on its own account: it says what failed and the worker decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from engine.clock import Clock
from engine.errors import EngineError
from engine.model import TagDef, Value


class DriverError(EngineError):
    """A controller or its network failed; the session cannot be used any more until reconnected."""


class ConnectError(DriverError):
    """No session could be opened: refused, no route, wrong rack or slot, no free connection."""


class ReplyTimeoutError(DriverError):
    """The controller did not answer in time; a late answer is never taken for another one."""


class LinkLostError(DriverError):
    """The connection ended in the middle of the session."""


class ProtocolError(DriverError):
    """The peer answered something that is not the protocol."""


class WriteRejectedError(EngineError):
    """The controller refused this write (address, type, protection); the session goes on."""


class AddressError(EngineError):
    """An address in the plant file cannot be read as one; known before any connection."""


class Reading(NamedTuple):
    """What the wire said of one tag: ``error`` is empty and ``value`` raw, or ``value`` is None."""

    value: Value | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """One pass over all tags.

    ``readings[i]`` belongs to the i-th tag given to the driver. ``source_time_us`` is the time of
    the read (UTC microseconds). ``running`` is False while the CPU is seen in STOP, None where the
    controller does not tell.
    """

    readings: Sequence[Reading]
    source_time_us: int
    running: bool | None = None


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What a driver is told about its controller; ``timeout_s`` bounds each single exchange."""

    id: str
    type: str
    family: str
    host: str
    port: int
    rack: int = 0
    slot: int = 1
    timeout_s: float = 10.0
    scan_ms: int = 500
    local_tsap: int | None = None
    remote_tsap: int | None = None
    name: str = ""
    route: str = ""
    """Allen-Bradley: what follows the host, ``1`` or ``bp/2/enet/10.1.0.7/bp/0``; empty: the slot."""
    max_connections: int = 1
    """2 or more: writes have a session of their own where the controller grants one."""

    @property
    def title(self) -> str:
        """What people call the connection."""
        return self.name or self.id


class Driver(Protocol):
    """One session with one controller. Constructed with settings, tags and a clock; no I/O in there.

    Constructing raises nothing for a bad address: a tag whose address cannot be read gets a
    ``Reading`` with that error on every scan, the others work.
    """

    def connect(self) -> str:
        """Open the session; returns the controller's identity for people. Raises ``DriverError``."""

    def read(self) -> ScanResult:
        """Read every tag once, in as few requests as the protocol allows. Raises ``DriverError``."""

    def write(self, tag: TagDef, value: Value) -> None:
        """Write one raw value. Raises ``WriteRejectedError`` (session lives) or ``DriverError``."""

    def read_one(self, tag: TagDef) -> Reading:
        """Read one tag now, for the readback of a write. Raises ``DriverError``."""

    def close(self) -> None:
        """End the session; never raises, may be called at any time and twice."""


@runtime_checkable
class Interruptible(Protocol):
    """Optional for a driver: the worker gets a turn in the middle of a long ``read``.

    ``between_requests`` is None or is called before each request of a scan but the first, while nothing
    is under way: it may call ``write`` and ``read_one`` of the same driver, and what it raises ends the
    scan.
    """

    between_requests: Callable[[], None] | None


@runtime_checkable
class Cuttable(Protocol):
    """Optional for a driver: its session can be ended while another thread waits in it."""

    def cut(self) -> None:
        """From any thread, at any time; never raises, does not block. Whoever waits gets a ``DriverError``.

        It is for good: connecting again fails at once.
        """


class DriverFactory(Protocol):
    """How the registry makes a driver."""

    def __call__(self, settings: ConnectionSettings, tags: Sequence[TagDef], clock: Clock) -> Driver: ...
