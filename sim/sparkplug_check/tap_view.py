"""What a tap saw of the subject's own connections, and rules that bind node and host alike. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paho.mqtt.client import topic_matches_sub

from drivers.mqtt.packets import Connect, Disconnect, Publish, Subscribe
from drivers.sparkplug.topic import NAMESPACE, Verb
from sim.mqtt_pipe import TappedConnection
from sim.sparkplug_check.ledger import Ledger

_EDGE_VERBS = frozenset({Verb.NBIRTH, Verb.NDEATH, Verb.DBIRTH, Verb.DDEATH, Verb.NDATA, Verb.DDATA})


@dataclass(frozen=True, slots=True)
class SessionView:
    """One MQTT session as the client spoke it; ``steps`` in the order they were sent."""

    connect: Connect
    steps: tuple[Subscribe | Publish | Disconnect, ...]

    @property
    def publishes(self) -> tuple[Publish, ...]:
        return tuple(step for step in self.steps if isinstance(step, Publish))

    @property
    def disconnect(self) -> Disconnect | None:
        return next((step for step in self.steps if isinstance(step, Disconnect)), None)

    @property
    def speaks_as_host(self) -> bool:
        """Is there a STATE in its will or among what it published?"""
        return any(topic.startswith((f"{NAMESPACE}/STATE/", "STATE/")) for topic in self._topics)

    @property
    def speaks_as_edge(self) -> bool:
        """Is there a birth, death or data in its will or among what it published?"""
        parts = (topic.split("/") for topic in self._topics)
        return any(len(each) > 2 and each[0] == NAMESPACE and each[2] in _EDGE_VERBS for each in parts)

    @property
    def _topics(self) -> tuple[str, ...]:
        will = self.connect.will
        return (*([will.topic] if will is not None else []), *(step.topic for step in self.publishes))

    def granted_before(self, topic: str, before: Publish) -> int | None:
        """QoS asked for on a filter that covers ``topic``, in what was sent before ``before``."""
        best: int | None = None
        for step in self.steps:
            if step is before:
                break
            if isinstance(step, Subscribe):
                fitting = [qos for text, qos in step.filters if topic_matches_sub(text, topic)]
                best = max([*fitting, *([] if best is None else [best])], default=None)
        return best


def sessions_of(connections: Iterable[TappedConnection]) -> list[SessionView]:
    """Every connection that sent a CONNECT."""
    views = []
    for connection in list(connections):
        connect = connection.connect
        if connect is not None:
            sent = [seen.packet for seen in list(connection.from_client)]
            steps = tuple(step for step in sent if isinstance(step, Subscribe | Publish | Disconnect))
            views.append(SessionView(connect, steps))
    return views


def edge_sessions(sessions: Iterable[SessionView]) -> list[SessionView]:
    """Without those of a host application that goes the same way, as in a program that is both."""
    return [each for each in sessions if each.speaks_as_edge or not each.speaks_as_host]


def host_sessions(sessions: Iterable[SessionView]) -> list[SessionView]:
    """Without those of an edge node that goes the same way."""
    return [each for each in sessions if each.speaks_as_host or not each.speaks_as_edge]


def judge_clean_session(
    ledger: Ledger, sessions: Sequence[SessionView], ids_311: Sequence[str], ids_50: Sequence[str]
) -> None:
    """A session that the broker forgets; the ids of the version that is not spoken stay untested."""
    for session in sessions:
        connect = session.connect
        if connect.version == 5:
            kept = connect.clean and connect.session_expiry_s == 0
            told = f"CONNECT: clean start {connect.clean}, session expiry {connect.session_expiry_s} s"
            ledger.judge(kept, ids_50, told)
            ledger.not_tested(ids_311, "the subject speaks MQTT 5")
        else:
            ledger.judge(connect.clean, ids_311, "CONNECT: clean session 0")
            ledger.not_tested(ids_50, "the subject speaks MQTT 3.1.1")
