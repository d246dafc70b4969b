"""Judges what only a tap shows of an edge node: CONNECT, subscriptions, farewells. Pure."""

from collections.abc import Sequence

from drivers.mqtt.packets import Publish
from drivers.sparkplug.payload import PayloadError, parse
from sim.sparkplug_check import edge_ids
from sim.sparkplug_check.edge_topics import EdgeTopicRules
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.messages import topic_of
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.tap_view import SessionView, judge_clean_session
from sim.sparkplug_check.values import integer_of

_CLEAN_311 = tck("principles-persistence-clean-session-311")
_CLEAN_50 = tck("principles-persistence-clean-session-50")
_NCMD = tck("message-flow-edge-node-ncmd-subscribe")
_DCMD = tck("message-flow-device-dcmd-subscribe")
_STATE = tck("operational-behavior-primary-application-state-with-multiple-servers-state-subs")
_FAREWELL = tck(
    "operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher"
)
_FAREWELL_311 = tck("payloads-ndeath-will-message-publisher-disconnect-mqtt311")
_FAREWELL_50 = tck("payloads-ndeath-will-message-publisher-disconnect-mqtt50")
_WITH_WILL = 0x04


class EdgeTapRules:
    """Judges every session of the node once."""

    def __init__(self, group: str, node: str, host_id: str | None, ledger: Ledger) -> None:
        self._group = group
        self._node = node
        self._host_id = host_id
        self._ledger = ledger
        self._topics = EdgeTopicRules(group, node, ledger)

    def judge(self, sessions: Sequence[SessionView]) -> None:
        judge_clean_session(self._ledger, sessions, _CLEAN_311, _CLEAN_50)
        for session in sessions:
            self._judge_will(session)
            self._judge_publishes(session)
            self._judge_farewell(session)

    def _judge_will(self, session: SessionView) -> None:
        judge, will = self._ledger.judge, session.connect.will
        if not judge(will is not None, edge_ids.WILL, "CONNECT: no will"):
            return
        assert will is not None
        topic = topic_of(self._group, "NDEATH", self._node)
        judge(
            will.topic == topic,
            edge_ids.EDGE_IDS["NDEATH"].topic,
            f"CONNECT: the will's topic is {will.topic}",
        )
        judge(will.qos == 1, edge_ids.WILL_QOS, f"CONNECT: the will has QoS {will.qos}, expected 1")
        judge(not will.retain, edge_ids.EDGE_IDS["NDEATH"].retain, "CONNECT: the will is retained")
        try:
            payload = parse(will.payload)
        except PayloadError as error:
            self._ledger.failed(edge_ids.EDGE_IDS["NDEATH"].payload, f"CONNECT, will: {error}")
            return
        judge(not payload.HasField("seq"), edge_ids.DEATH_NO_SEQ, "CONNECT: the will has a seq")
        names = [metric.name for metric in payload.metrics]
        if judge(names == ["bdSeq"], edge_ids.DEATH_BDSEQ, f"CONNECT: the will has the metrics {names}"):
            self._judge_bdseq(session, integer_of(payload.metrics[0]))

    def _judge_bdseq(self, session: SessionView, expected: int | None) -> None:
        """Every NBIRTH of the session carries the bdSeq of its will."""
        for publish in session.publishes:
            if publish.topic == topic_of(self._group, "NBIRTH", self._node):
                number = _bdseq_of(publish)
                told = f"bdSeq {number} in the NBIRTH, {expected} in the will"
                if number is not None:
                    self._ledger.judge(number == expected, edge_ids.BDSEQ_MATCHING, told)

    def _judge_publishes(self, session: SessionView) -> None:
        own = session.publishes
        if [p.topic for p in own] == [topic_of(self._group, "NDEATH", self._node)]:
            # Left before its birth, in search of the primary host: the farewell is all it owes.
            return
        if own:
            first = own[0]
            kept = first.topic.startswith(topic_of(self._group, "NBIRTH", self._node))
            self._ledger.judge(kept, edge_ids.BIRTH_FIRST, f"the first PUBLISH of a session is {first.topic}")
        for publish in own:
            self._judge_subscribed(session, publish)
            self._topics.judge(publish.topic)

    def _judge_subscribed(self, session: SessionView, publish: Publish) -> None:
        """Commands are subscribed to before the birth whose commands they are."""
        levels = publish.topic.split("/")
        if levels[2:3] == ["NBIRTH"]:
            self._judge_filter(session, publish, topic_of(self._group, "NCMD", self._node), _NCMD)
            if self._host_id is not None:
                self._judge_filter(session, publish, f"spBv1.0/STATE/{self._host_id}", _STATE)
        elif levels[2:3] == ["DBIRTH"] and len(levels) == 5:
            self._judge_filter(session, publish, topic_of(self._group, "DCMD", self._node, levels[4]), _DCMD)

    def _judge_filter(self, session: SessionView, publish: Publish, wanted: str, ids: Sequence[str]) -> None:
        qos = session.granted_before(wanted, publish)
        told = (
            f"{publish.topic} before a subscription to {wanted}" if qos is None else f"{wanted} at QoS {qos}"
        )
        self._ledger.judge(qos == 1, ids, f"{told}, expected QoS 1")

    def _judge_farewell(self, session: SessionView) -> None:
        """Only a node that was born owes a farewell."""
        goodbye = session.disconnect
        births = topic_of(self._group, "NBIRTH", self._node)
        if goodbye is None or not any(p.topic == births for p in session.publishes):
            return
        said = any(p.topic == topic_of(self._group, "NDEATH", self._node) for p in session.publishes)
        if session.connect.version == 5:
            with_will = goodbye.reason == _WITH_WILL
            told = f"DISCONNECT with reason 0x{goodbye.reason:02X}, expected 0x04"
            self._ledger.judge(with_will, _FAREWELL_50, told)
            self._ledger.judge(said or with_will, _FAREWELL, "DISCONNECT without an NDEATH")
            self._ledger.not_tested(_FAREWELL_311, "the subject speaks MQTT 5")
        else:
            self._ledger.judge(said, _FAREWELL + _FAREWELL_311, "DISCONNECT without an NDEATH before it")
            self._ledger.not_tested(_FAREWELL_50, "the subject speaks MQTT 3.1.1")


def _bdseq_of(publish: Publish) -> int | None:
    try:
        payload = parse(publish.payload)
    except PayloadError:
        return None
    return next((integer_of(metric) for metric in payload.metrics if metric.name == "bdSeq"), None)
