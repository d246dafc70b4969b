"""Judges what only a tap shows of a host: CONNECT, subscriptions, the order of its messages. Pure."""

from collections.abc import Sequence

from drivers.mqtt.packets import Publish
from drivers.sparkplug.payload import PayloadError
from drivers.sparkplug.state import HostState, parse_state
from sim.sparkplug_check import host_ids
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.tap_view import SessionView, judge_clean_session


class HostTapRules:
    """Judges every session of the host once; the checker's group stands for the namespace."""

    def __init__(self, host_id: str, group: str, ledger: Ledger) -> None:
        self._topic = f"spBv1.0/STATE/{host_id}"
        self._data = tuple(f"spBv1.0/{group}/{verb}/node" for verb in ("NBIRTH", "NDATA", "NDEATH"))
        self._ledger = ledger

    def judge(self, sessions: Sequence[SessionView]) -> None:
        judge_clean_session(self._ledger, sessions, host_ids.CLEAN_311, host_ids.CLEAN_50)
        for session in sessions:
            will = self._judge_will(session)
            self._judge_birth(session, will)
            self._judge_farewell(session)

    def _judge_will(self, session: SessionView) -> HostState | None:
        ids, judge, will = host_ids.WILL, self._ledger.judge, session.connect.will
        if not judge(will is not None, ids.published, "CONNECT: no will"):
            return None
        assert will is not None
        judge(will.topic == self._topic, ids.topic, f"CONNECT: will on {will.topic}, expected {self._topic}")
        judge(will.qos == 1, ids.qos, f"CONNECT: the will has QoS {will.qos}, expected 1")
        judge(will.retain, ids.retain, "CONNECT: the will is not retained")
        state = _state(will.payload)
        json = will.payload.lstrip().startswith(b"{")
        kept = state is not None and json and not state.online
        judge(kept, ids.payload, f"CONNECT: the will is {will.payload[:60]!r}")
        return state

    def _judge_birth(self, session: SessionView, will: HostState | None) -> None:
        publishes = session.publishes
        if not publishes:
            return
        first = publishes[0]
        state = _state(first.payload) if first.topic == self._topic else None
        kept = state is not None and state.online
        told = f"the first PUBLISH of a session is {first.topic}, expected STATE online"
        self._ledger.judge(kept, host_ids.STATE_FIRST + host_ids.BIRTH_FIRST, told)
        birth = next((p for p in publishes if p.topic == self._topic), None)
        if birth is not None:
            self._judge_subscribed(session, birth)
            self._judge_timestamp(birth, will)

    def _judge_subscribed(self, session: SessionView, birth: Publish) -> None:
        for wanted in (self._topic, *self._data):
            told = f"STATE published before a subscription that covers {wanted}"
            self._ledger.judge(session.granted_before(wanted, birth) is not None, host_ids.SUBSCRIBED, told)

    def _judge_timestamp(self, birth: Publish, will: HostState | None) -> None:
        state = _state(birth.payload)
        if state is not None and will is not None and state.online:
            told = f"STATE online has timestamp {state.timestamp_ms}, the will {will.timestamp_ms}"
            kept = state.timestamp_ms == will.timestamp_ms
            self._ledger.judge(kept, host_ids.BIRTH.timestamp + host_ids.WILL.timestamp, told)

    def _judge_farewell(self, session: SessionView) -> None:
        states = [_state(p.payload) for p in session.publishes if p.topic == self._topic]
        if session.disconnect is None or not states:
            return
        last = states[-1]
        kept = last is not None and not last.online
        self._ledger.judge(kept, host_ids.FAREWELL.published, "DISCONNECT without STATE offline before it")


def _state(payload: bytes) -> HostState | None:
    try:
        return parse_state(payload)
    except PayloadError:
        return None
