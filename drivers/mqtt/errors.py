"""Sentences about everything that can be wrong between this program and an MQTT broker."""

import errno
import socket
from collections.abc import Sequence

from drivers.mqtt.base import BrokerSettings
from drivers.tcp import NameTimeoutError
from engine.errors import EngineError

_REFUSED = {errno.ECONNREFUSED, getattr(errno, "WSAECONNREFUSED", errno.ECONNREFUSED)}
_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_CUT = {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE}

_MQTT_5_CODES = {1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87}
"""Return codes of CONNACK in MQTT 3.1.1 (table 3.1) as reason codes of MQTT 5 (clause 3.2.2.2)."""

_CONNACK, _TLS_ALERT, _LEAST_CONNACK = 0x20, b"\x15\x03", 4


class LinkError(EngineError):
    """A session with a broker could not be opened, or ended; the text says why and what to do."""


class LinkCancelledError(LinkError):
    """Somebody stopped the link while it was being opened."""


def from_os_error(error: OSError, address: str) -> LinkError:
    """What the network said about a connection to ``address``."""
    host = address.rpartition(":")[0]
    if isinstance(error, NameTimeoutError):
        return LinkError(
            f"The address of the broker {host} was not found in time: check the name server (DNS), "
            "or put the address itself into mqtt.broker_host."
        )
    if isinstance(error, socket.gaierror):
        return LinkError(f"The name {host} of the broker is not known: check mqtt.broker_host and the DNS.")
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return LinkError(f"The broker {address} does not answer: check address, port, cable and firewall.")
    if error.errno in _REFUSED:
        return LinkError(f"{address} refused the connection: no broker listens there; is it running?")
    if error.errno in _NO_ROUTE:
        return LinkError(f"No way leads to the broker {address}: check cable, address and gateway.")
    if error.errno in _CUT:
        return LinkError(
            f"The connection to the broker {address} was cut by it or by the network in between."
        )
    return LinkError(f"The connection to the broker {address} failed: {error.strerror or error}.")


def from_first_bytes(head: bytes, broker: BrokerSettings, client_id: str) -> LinkError | None:
    """Why no session was accepted, by the first bytes that came before the end; None if they do not tell."""
    if not head:
        return LinkError(unanswered_sentence(broker))
    if head[0] == _CONNACK:
        refused = len(head) >= _LEAST_CONNACK and head[3]
        return LinkError(refusal_sentence(head[3], broker, client_id)) if refused else None
    if head.startswith(_TLS_ALERT):
        return LinkError(
            f"The port {broker.address} wants an encrypted connection: set mqtt.use_tls to true."
        )
    if head.startswith(b"HTTP/"):
        return LinkError(f"A web server answers at {broker.address}: is mqtt.transport: websockets meant?")
    return LinkError(f"What answers at {broker.address} is no MQTT broker: check the port.")


def refusal_sentence(code: int, broker: BrokerSettings, client_id: str) -> str:
    """Why a broker did not accept CONNECT."""
    code = _MQTT_5_CODES.get(code, code)
    where = f"The broker {broker.address}"
    who = f"the user {broker.username}" if broker.username else "us without a user name"
    other = "3.1.1" if broker.protocol == "5" else "5"
    sentences = {
        0x84: f'{where} does not speak MQTT {broker.protocol}: set mqtt.protocol to "{other}".',
        0x85: f"{where} does not accept the client id {client_id}: it has a rule about client ids.",
        0x86: f"{where} does not let {who} in: the name or the password is wrong.",
        0x87: f"{where} does not let {who} in: check name, password and the broker's access list.",
        0x88: f"{where} is not available at present; tried again by and by.",
        0x89: f"{where} is busy; tried again by and by.",
        0x8A: f"{where} has banned us (client id {client_id}): ask those who run it.",
        0x95: f"{where} finds our CONNECT too large: its limit for packets is too low.",
        0x9C: f"{where} says that another server is to be used: ask those who run it.",
        0x9D: f"{where} has moved for good: ask those who run it for the new address.",
        0x9F: f"{where} takes no more connections for the moment; tried again by and by.",
    }
    return sentences.get(code, f"{where} refused the session with the reason code 0x{code:02X}.")


def disconnect_sentence(code: int, broker: BrokerSettings, client_id: str) -> str:
    """Why a broker of MQTT 5 ended a session (clause 3.14.2.1)."""
    where = f"The broker {broker.address}"
    sentences = {
        0x87: f"{where} no longer lets us in: check user name and access list.",
        0x89: f"{where} is too busy and ended the session.",
        0x8B: f"{where} is shutting down.",
        0x8D: f"{where} heard nothing from us for longer than the keep-alive time.",
        0x8E: f"Another client with the client id {client_id} took our place at the broker {broker.address}.",
        0x95: f"{where} ended the session: a message of ours is larger than its limit for packets.",
        0x97: f"{where} ended the session: a quota is used up.",
        0x98: f"{where} ended the session by a decision of those who run it.",
    }
    return sentences.get(code, f"{where} ended the session with the reason code 0x{code:02X}.")


def closed_sentence(address: str) -> str:
    return f"The broker {address} closed the connection without saying why: its log may tell."


def unanswered_sentence(broker: BrokerSettings) -> str:
    """The connection was closed before the broker said anything."""
    if broker.tls is None:
        hint = "it may want an encrypted connection (set mqtt.use_tls to true), or be no port for MQTT"
    else:
        hint = "it may refuse our certificate, or be no port for MQTT"
    return f"{broker.address} closed the connection without an answer: {hint}."


def mute_sentence(address: str) -> str:
    return f"{address} takes connections but does not answer as an MQTT broker: is it the right port?"


def silent_sentence(address: str, seconds: float) -> str:
    return (
        f"The broker {address} has not answered for {seconds:.0f} s: it hangs, or the network is interrupted."
    )


def rivals_sentence(cause: str, times: int, client_id: str) -> str:
    return (
        f"{cause} That happened {times} times in a row soon after connecting: probably another client uses "
        f"the client id {client_id}, too."
    )


def subscription_sentence(filters: Sequence[str], code: int, broker: BrokerSettings) -> str:
    return (
        f"The broker {broker.address} does not let us subscribe to {', '.join(filters)} "
        f"(reason code 0x{code:02X}): check its access list."
    )


def publish_sentence(code: int, topic: str, broker: BrokerSettings) -> str:
    """Why a broker of MQTT 5 did not take a message (clause 3.4.2.1)."""
    reasons = {
        0x87: "check its access list",
        0x90: "it does not accept the topic",
        0x95: "the message is larger than its limit",
        0x97: "a quota is used up",
    }
    reason = reasons.get(code, f"reason code 0x{code:02X}")
    return f"The broker {broker.address} refused a message to {topic}: {reason}."


def complaint_sentence(refusal: str) -> str:
    """Some brokers hang up after they refused a message."""
    return f"{refusal} It ended the session then."


def size_sentence(topic: str, size: int, limit: int, broker: BrokerSettings) -> str:
    return (
        f"A message to {topic} of {size} bytes was not sent: the broker {broker.address} takes packets "
        f"of {limit} bytes at most."
    )
