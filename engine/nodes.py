"""What the faces may see of MQTT and Sparkplug: brokers, remote nodes, this installation's own edge node.

Only shapes and protocols live here; ``drivers.sparkplug`` keeps the promises. Times ``*_us`` are
UTC microseconds, None (or 0 for counts) where nothing is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from engine.model import Quality, Value


class BrokerState(StrEnum):
    """State of one MQTT session of ours."""

    OFF = "off"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """One MQTT session: ``role`` is ``host``, ``edge`` or the id of an MQTT connection.

    ``cause`` is a sentence: why it is not CONNECTED. ``received`` and ``sent`` count messages since
    the start; ``queue`` messages wait to be sent, at most ``queue_limit``; ``refused`` did not fit.
    """

    role: str
    address: str
    state: BrokerState
    since_us: int
    cause: str = ""
    encrypted: bool = False
    round_trip_ms: float | None = None
    reconnects: int = 0
    received: int = 0
    sent: int = 0
    received_per_s: float = 0.0
    sent_per_s: float = 0.0
    queue: int = 0
    queue_limit: int = 0
    refused: int = 0
    retry_at_us: int | None = None


class NodeState(StrEnum):
    """UNBORN: heard of, but no birth certificate yet. ONLINE: born. OFFLINE: dead, all its values stale."""

    UNBORN = "unborn"
    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class MetricView:
    """One metric of a node or device, as born and as last heard.

    ``type`` is the Sparkplug name (``Float``); ``tag`` the key of the tag it feeds, empty without
    one. ``time_us`` is the source's own time of the value. ``properties`` are (name, text).
    """

    name: str
    alias: int | None
    type: str
    value: Value | None
    unit: str
    quality: Quality
    time_us: int | None
    received_us: int | None
    tag: str = ""
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device below a node."""

    id: str
    state: NodeState
    since_us: int | None
    metrics: int
    metrics_good: int
    last_data_us: int | None
    messages: int = 0


@dataclass(frozen=True, slots=True)
class NodeFaults:
    """How often something was wrong with a node's messages since the start."""

    gaps: int = 0
    reordered: int = 0
    unknown_alias: int = 0
    before_birth: int = 0
    malformed: int = 0
    stale_deaths: int = 0
    duplicate_ids: int = 0
    rebirths_requested: int = 0


@dataclass(frozen=True, slots=True)
class NodeView:
    """One edge node. ``skew_ms`` is its clock minus ours; ``note`` a sentence about what is odd, or empty."""

    group: str
    id: str
    state: NodeState
    since_us: int | None
    bd_seq: int | None
    seq: int | None
    metrics: int
    metrics_good: int
    last_data_us: int | None
    messages: int
    messages_per_s: float
    skew_ms: float | None
    faults: NodeFaults
    last_error: str = ""
    last_error_us: int | None = None
    rebirth_cause: str = ""
    rebirth_pending: bool = False
    note: str = ""
    devices: tuple[DeviceView, ...] = ()
    own: bool = False
    """Whether it is this installation's own edge node."""


class SeenMessage(NamedTuple):
    """One message as the inspector lists it; ``error`` is empty unless it cannot be decoded."""

    number: int
    time_us: int
    topic: str
    size: int
    seq: int | None
    metrics: int
    error: str
    payload: bytes


class HostView(Protocol):
    """The host application as faces see it; every call is safe from any thread and returns at once."""

    @property
    def host_id(self) -> str: ...

    @property
    def online(self) -> bool:
        """Whether our STATE on the broker says online."""

    @property
    def changes(self) -> int:
        """Grows when a node or device came, went, was born or died; figures change all the time."""

    def brokers(self) -> Sequence[BrokerStatus]: ...

    def nodes(self) -> list[NodeView]:
        """All nodes by group and id."""

    def metrics(self, group: str, node: str, device: str | None) -> list[MetricView]:
        """The metrics of one node (``device`` None) or device, by name; empty if there is no such thing."""

    def request_rebirth(self, group: str, node: str, user: str) -> str:
        """Ask a node for its birth certificates; a sentence if that cannot be done, else empty."""

    def inspect(self, on: bool) -> None:
        """Keep the newest messages for ``messages`` (a bounded ring) from now on, or no more."""

    def messages(self, after: int = 0, limit: int = 200) -> list[SeenMessage]:
        """Messages numbered above ``after``, newest last."""

    def decode(self, topic: str, payload: bytes) -> str:
        """Any payload as text for people (Sparkplug, STATE, JSON, text, hexadecimal); never raises."""


class EdgeState(StrEnum):
    """OFFLINE: no broker. WAITING: connected, the primary host is not online. BORN: publishing."""

    OFFLINE = "offline"
    WAITING = "waiting"
    BORN = "born"


@dataclass(frozen=True, slots=True)
class EdgeStatus:
    """Our own edge node in figures. ``stored`` values wait on disk, the oldest since ``stored_since_us``."""

    group: str
    node: str
    state: EdgeState
    since_us: int
    cause: str = ""
    bd_seq: int | None = None
    seq: int | None = None
    devices: int = 0
    metrics: int = 0
    published: int = 0
    births: int = 0
    commands_refused: int = 0
    stored: int = 0
    stored_bytes: int = 0
    stored_since_us: int | None = None
    stored_lost: int = 0


class EdgeView(Protocol):
    """The edge node as faces see it; safe from any thread."""

    def brokers(self) -> Sequence[BrokerStatus]: ...

    def status(self) -> EdgeStatus: ...
