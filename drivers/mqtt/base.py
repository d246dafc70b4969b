"""What an MQTT session is to those who use one: settings, messages, events. No I/O in here.

One ``MqttLink`` (``drivers.mqtt.link``) is one client with its own thread and its own reconnects.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from engine.nodes import BrokerStatus


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How the broker is trusted and who we are to it; paths of PEM files, ``pinned_sha256`` 64 hex digits."""

    ca_cert_path: str | None = None
    client_cert_path: str | None = None
    client_key_path: str | None = None
    pinned_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where a broker is and how it is spoken to; ``tls`` None: not encrypted."""

    host: str
    port: int = 1883
    transport: str = "tcp"
    websocket_path: str = "/mqtt"
    protocol: str = "3.1.1"
    tls: TlsSettings | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    keep_alive_s: int = 60
    queue_limit: int = 50_000

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


class Outgoing(NamedTuple):
    """A message to be sent, also used for wills."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Incoming(NamedTuple):
    """A message that arrived; ``received_us`` UTC microseconds."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    received_us: int


class LinkHandler(Protocol):
    """Told by the link, always in the link's own thread; must only enqueue or compute briefly.

    An exception in here is logged and does not end the link.
    """

    def prepare(self) -> Outgoing | None:
        """Called before EVERY CONNECT: the will of the session to come, or None for no will."""

    def on_connected(self, broker: BrokerSettings) -> None:
        """The broker accepted the session and every subscription of ``subscriptions`` was granted."""

    def on_disconnected(self, cause: str) -> None:
        """The session ended, or could not be opened; told once for a row of equal failures."""

    def on_message(self, message: Incoming) -> None: ...

    def on_sent(self, token: int) -> None:
        """This token is done: QoS 0 written to the socket, QoS 1 acknowledged, a probe answered."""


class Link(Protocol):
    """Clean session always; nothing is queued across a disconnect: what was not sent then is not sent."""

    def start(self) -> None: ...

    def stop(self, farewell: Sequence[Outgoing] = ()) -> None:
        """Send ``farewell``, wait for it briefly, DISCONNECT, end the thread. Safe to call twice."""

    def publish(self, message: Outgoing) -> int | None:
        """Hand over a message; its token, or None where there is no session or the queue is full."""

    def probe(self) -> int | None:
        """Ask the broker for a sign of life (PINGREQ); a token, or None where there is no session.

        ``on_sent`` of the token says that the broker has taken everything handed over before it: the
        only proof there is of QoS 0.
        """

    def subscriptions(self, filters: Sequence[tuple[str, int]]) -> None:
        """(topic filter, QoS) to be subscribed in this order after every CONNECT; call before ``start``."""

    def reconnect(self, farewell: Sequence[Outgoing] = (), *, next_broker: bool = False) -> None:
        """Send ``farewell``, DISCONNECT and connect again (``next_broker``: to the next in the list)."""

    def retry_now(self) -> None:
        """Do not wait for the next try."""

    def status(self) -> BrokerStatus: ...


MakeLink = Callable[[Sequence[BrokerSettings], str, LinkHandler, str], Link]
"""(brokers in order, client id, handler, role) -> link, not started."""
