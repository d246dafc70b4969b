"""What is said of MQTT sessions and of our own edge node; pure, no widgets."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from engine.nodes import BrokerState, BrokerStatus, EdgeState, EdgeStatus, NodeState, NodeView
from hmi.panel.diagnostics.node_text import moment_text, translate
from hmi.panel.display import format_duration, format_number

_ICONS = {
    BrokerState.OFF: "minus",
    BrokerState.CONNECTING: "refresh-cw",
    BrokerState.CONNECTED: "check",
    BrokerState.DISCONNECTED: "unlink",
}
_EDGE_ICONS = {EdgeState.OFFLINE: "unlink", EdgeState.WAITING: "clock", EdgeState.BORN: "check"}


class Words(NamedTuple):
    """A headline and one sentence of fact."""

    title: str
    fact: str


class ChipState(NamedTuple):
    """What the header's chip says: short text (none while all is well), cause, sign."""

    text: str = ""
    cause: str = ""
    glyph: str = "unlink"


def broker_icon(state: BrokerState) -> str:
    return _ICONS[state]


def edge_icon(state: EdgeState) -> str:
    return _EDGE_ICONS[state]


def broker_word(status: BrokerStatus, now_us: int) -> str:
    """``Connected 4 h 41 min``, ``Disconnected 31 s``."""
    words = {
        BrokerState.OFF: translate("Off"),
        BrokerState.CONNECTING: translate("Connecting"),
        BrokerState.CONNECTED: translate("Connected"),
        BrokerState.DISCONNECTED: translate("Disconnected"),
    }
    if status.state is BrokerState.OFF:
        return words[status.state]
    return f"{words[status.state]} {format_duration((now_us - status.since_us) / 1e6)}"


def broker_cause(status: BrokerStatus, now_us: int) -> str:
    """Why there is no session, and when the next try is; empty while there is one."""
    if status.state in (BrokerState.CONNECTED, BrokerState.OFF):
        return status.cause
    parts = [_sentence(status.cause)] if status.cause else []
    if status.retry_at_us is not None and status.state is BrokerState.DISCONNECTED:
        left_s = max(0, round((status.retry_at_us - now_us) / 1e6))
        if left_s:
            parts.append(translate("Next try in {0} s.").format(left_s))
        else:
            parts.append(translate("Trying now."))
    return " ".join(parts)


def security_text(status: BrokerStatus) -> str:
    return translate("TLS") if status.encrypted else translate("plain")


def role_name(role: str, names: dict[str, str]) -> str:
    """What a session is for; ``names`` are those of connections by id."""
    own = {"host": translate("Host"), "edge": translate("Edge node")}
    return own.get(role) or names.get(role) or role


def queue_text(status: BrokerStatus) -> str:
    """``12 of 1000 wait to be sent, 3 did not fit``; empty while nothing waits."""
    parts = []
    if status.queue:
        limit = translate("{0} of {1} wait to be sent")
        parts.append(limit.format(format_number(status.queue), format_number(status.queue_limit)))
    if status.refused:
        parts.append(translate("{0} did not fit").format(format_number(status.refused)))
    return ", ".join(parts)


def edge_state_text(status: EdgeStatus, now_us: int, zone: tzinfo) -> str:
    """``Born 05:58:12``, ``Waits for the primary host``, ``Offline``."""
    if status.state is EdgeState.BORN:
        return translate("Born {0}").format(moment_text(status.since_us, now_us, zone))
    if status.state is EdgeState.WAITING:
        return translate("Waits for the primary host")
    return translate("Offline since {0}").format(moment_text(status.since_us, now_us, zone))


def edge_store_text(status: EdgeStatus, now_us: int, zone: tzinfo) -> str:
    """How much waits on disk and since when, and what was lost for want of room."""
    if status.stored:
        text = translate("{0} values wait on disk").format(format_number(status.stored))
        if status.stored_since_us is not None:
            since = moment_text(status.stored_since_us, now_us, zone)
            text = translate("{0} since {1}").format(text, since)
    else:
        text = translate("nothing waits on disk")
    if status.stored_lost:
        lost = translate("{0} lost").format(format_number(status.stored_lost))
        return f"{text}, {lost}"
    return text


def edge_births_text(status: EdgeStatus) -> str:
    births = translate("1 birth") if status.births == 1 else translate("{0} births").format(status.births)
    metrics = translate("{0} metrics").format(format_number(status.metrics))
    return f"{births}, {metrics}"


def first_session(brokers: Sequence[BrokerStatus]) -> BrokerStatus | None:
    """The session to speak of: one that is connected, else the first."""
    connected = (status for status in brokers if status.state is BrokerState.CONNECTED)
    return next(connected, brokers[0] if brokers else None)


def no_nodes_words(brokers: Sequence[BrokerStatus], now_us: int) -> Words:
    """Am I connected, and does anything arrive? Said where there is no node to show."""
    status = first_session(brokers)
    if status is None:
        return Words(translate("No broker"), translate("The plant file names no MQTT broker."))
    if status.state is BrokerState.CONNECTED:
        since = format_duration((now_us - status.since_us) / 1e6)
        if status.received:
            count = format_number(status.received)
            fact = translate("{0} messages came from {1} in {2}, none of a Sparkplug node.")
            return Words(translate("No nodes yet"), fact.format(count, status.address, since))
        fact = translate("Connected to {0} for {1}. No message came yet.")
        return Words(translate("Connected, nothing has arrived"), fact.format(status.address, since))
    if status.state is BrokerState.CONNECTING:
        fact = broker_cause(status, now_us) or translate("The broker has not answered yet.")
        return Words(translate("Connecting to {0}").format(status.address), fact)
    if status.state is BrokerState.OFF:
        return Words(translate("MQTT is off"), status.cause or translate("No session was begun."))
    fact = broker_cause(status, now_us)
    return Words(translate("No connection to {0}").format(status.address), fact)


def lost_words(brokers: Sequence[BrokerStatus], now_us: int) -> Words | None:
    """What stands above the tree while no broker is connected: nothing in it is to be believed."""
    status = first_session(brokers)
    if status is None or status.state is BrokerState.CONNECTED:
        return None
    since = format_duration((now_us - status.since_us) / 1e6)
    title = translate("No broker for {0}, what follows is old.").format(since)
    return Words(title, broker_cause(status, now_us))


def nodes_state(brokers: Sequence[BrokerStatus], nodes: Sequence[NodeView]) -> ChipState:
    """Nothing while all nodes are online, else ``5 / 6`` and who is not."""
    status = first_session(brokers)
    if status is None:
        return ChipState(translate("No broker"), translate("The plant file names no MQTT broker."))
    if status.state is BrokerState.CONNECTING:
        return ChipState(translate("Connecting"), status.cause, "clock")
    if status.state is not BrokerState.CONNECTED:
        return ChipState(translate("No broker"), status.cause)
    missing = [node for node in nodes if node.state is not NodeState.ONLINE]
    if not nodes:
        return ChipState(translate("None yet"), translate("No Sparkplug node was heard of."), "clock")
    if not missing:
        return ChipState()
    names = ", ".join(f"{node.group} / {node.id}" for node in missing[:5])
    more = translate(" and {0} more").format(len(missing) - 5) if len(missing) > 5 else ""
    fact = translate("Not online: {0}").format(names + more)
    return ChipState(f"{len(nodes) - len(missing)} / {len(nodes)}", fact)


def edge_state(status: EdgeStatus) -> ChipState:
    """Where there is an edge node but no host application."""
    if status.state is EdgeState.BORN:
        return ChipState()
    if status.state is EdgeState.WAITING:
        return ChipState(translate("Waiting"), status.cause, "clock")
    return ChipState(translate("Offline"), status.cause)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
