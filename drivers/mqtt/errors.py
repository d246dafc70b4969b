"""Sentences about everything that can be wrong between this program and an MQTT broker."""

import errno
import socket

from drivers.mqtt.base import BrokerSettings
from engine.errors import EngineError


class LinkError(EngineError):
    """A session with a broker could not be opened, or ended; the text says why and what to do."""


class LinkCancelledError(LinkError):
    """Somebody stopped the link while it was being opened."""


def closed_sentence(address: str) -> str:
    return f"The broker {address} closed the connection without a reason: look into its log."


def from_os_error(error: OSError, address: str) -> LinkError:
    """What the network said about a connection to ``address``."""
    if isinstance(error, socket.gaierror):
        host = address.rpartition(":")[0]
        return LinkError(
            f"The name {host} of the broker is not known: check broker_host and the name server."
        )
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return LinkError(
            f"The broker {address} does not answer: check address, port, cable and firewall; is it switched on?"
        )
    if error.errno in (errno.ECONNREFUSED, getattr(errno, "WSAECONNREFUSED", errno.ECONNREFUSED)):
        return LinkError(
            f"The connection to {address} was refused: no broker listens on this port; is it running?"
        )
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN):
        return LinkError(
            f"There is no way to the broker {address} in the network: check cable, address and gateway."
        )
    if error.errno in (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE):
        return LinkError(
            f"The connection to the broker {address} was cut by it or by the network in between."
        )
    return LinkError(f"The connection to the broker {address} failed: {error.strerror or error}.")


def mute_sentence(address: str, head: bytes) -> str:
    return f"{address} takes connections but does not answer as an MQTT broker: check the port."


def silent_sentence(address: str, seconds: float) -> str:
    return f"The broker {address} has not answered for {seconds:.0f} s: the network in between is interrupted or it hangs."


_CONNACK = {
    1: 0x84,
    2: 0x85,
    3: 0x88,
    4: 0x86,
    5: 0x87,
}
"""Return codes of MQTT 3.1.1 (clause 3.2.2.3) as the reason codes of MQTT 5 (clause 3.2.2.2)."""


def refusal_sentence(code: int, broker: BrokerSettings, client_id: str) -> str:
    """Why a broker did not accept CONNECT."""
    code = _CONNACK.get(code, code)
    who = f"user {broker.username}" if broker.username else "without a user name"
    where = f"The broker {broker.address}"
    sentences = {
        0x84: f"{where} does not speak MQTT {broker.protocol}: set mqtt.protocol to the other version.",
        0x85: f"{where} does not accept the client id {client_id}: look for a rule about client ids in it.",
        0x86: f"{where} does not accept user name or password ({who}).",
        0x87: f"{where} does not let us in ({who}): check user name, password and its access list.",
        0x88: f"{where} is not ready to serve; tried again by and by.",
        0x89: f"{where} is busy; tried again by and by.",
        0x8A: f"{where} has banned the client id {client_id}: ask those who run it.",
    }
    return sentences.get(code, f"{where} refused the session with the reason code 0x{code:02X}.")


def disconnect_sentence(code: int, broker: BrokerSettings, client_id: str) -> str:
    """Why a broker of MQTT 5 ended a session (clause 3.14.2.1)."""
    where = f"The broker {broker.address}"
    sentences = {
        0x87: f"{where} no longer lets us in: check user name and access list.",
        0x89: f"{where} is busy and ended the session.",
        0x8B: f"{where} is shutting down.",
        0x8D: f"{where} heard nothing from us within the keep-alive time and ended the session.",
        0x8E: f"Another client took over the client id {client_id} at the broker {broker.address}.",
        0x95: f"{where} ended the session: a message was larger than it allows.",
        0x97: f"{where} ended the session: a quota was used up.",
    }
    return sentences.get(code, f"{where} ended the session with the reason code 0x{code:02X}.")


def subscription_sentence(filters: list[str], code: int, broker: BrokerSettings) -> str:
    return (
        f"The broker {broker.address} refused a subscription of {', '.join(filters)} (reason code 0x{code:02X}): "
        "check its access list."
    )


def publish_sentence(code: int, broker: BrokerSettings) -> str:
    return f"The broker {broker.address} refused a message (reason code 0x{code:02X}): check its access list."


def from_first_bytes(head: bytes, broker: BrokerSettings, client_id: str) -> LinkError | None:
    """What answered instead of accepting the session, by its first bytes; None if they do not tell."""
    if len(head) >= 4 and head[0] == 0x20 and head[3]:
        return LinkError(refusal_sentence(head[3], broker, client_id))
    if head[:2] == b"\x15\x03":
        return LinkError(
            f"The port {broker.address} expects an encrypted connection: set mqtt.use_tls to true."
        )
    if head[:5] == b"HTTP/":
        return LinkError(
            f"A web server answers at {broker.address}: check the port, or set mqtt.transport to websockets."
        )
    if head and head[0] != 0x20:
        return LinkError(f"What answers at {broker.address} is no MQTT broker: check the port.")
    return None
