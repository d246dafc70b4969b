"""What a tap saw of the subject's own connections, and rules that bind node and host alike. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paho.mqtt.client import topic_matches_sub

from drivers.mqtt.packets import Connect, Disconnect, Publish, Subscribe
from sim.mqtt_pipe import TappedConnection
from sim.sparkplug_check.ledger import Ledger


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
