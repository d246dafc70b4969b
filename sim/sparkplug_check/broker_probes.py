"""Looks whether a broker has what Sparkplug needs, with two clients of the checker's own."""

import contextlib
import uuid
from collections.abc import Callable
from functools import partial

from drivers.mqtt.base import Outgoing
from sim.sparkplug_check.host_nodes import PlayedNode
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.observed import Observed
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.session import CannotCheckError, CheckSession
from sim.sparkplug_check.setting import Setting

_CERTIFICATES = "$sparkplug/certificates"
_BASIC = ("qos0", "qos1", "will-messages", "retained")


class BrokerProbes:
    """Every topic is one that nobody else uses."""

    def __init__(self, setting: Setting, ledger: Ledger) -> None:
        self._setting = setting
        self._ledger = ledger
        self._root = f"brimline-check/{uuid.uuid4().hex[:8]}"

    def run(self) -> None:
        for probe in (self._pass_on, self._retain, self._speak_the_will, self._keep_births):
            probe()

    def _pass_on(self) -> None:
        with self._session(f"{self._root}/+") as session:
            for qos in (0, 1):
                topic = f"{self._root}/qos{qos}"
                session.publish(Outgoing(topic, b"x", qos))
                came = self._wait(session, partial(_is_on, topic))
                kept = came is not None and came.qos == qos
                self._ledger.judge(
                    kept, tck(f"conformance-mqtt-qos{qos}"), f"a message at QoS {qos} did not arrive"
                )

    def _retain(self) -> None:
        topic = f"{self._root}/retained"
        ids = tck("conformance-mqtt-retained")
        with self._session() as session:
            for text in (b"first", b"second"):
                session.publish(Outgoing(topic, text, 1, True))
            with self._session(topic) as fresh:
                came = self._wait(fresh, lambda m: m.retain is True)
                kept = came is not None and came.payload == b"second"
                self._ledger.judge(kept, ids, "a new subscriber does not get the last retained message")
            session.publish(Outgoing(topic, b"", 1, True))
            with self._session(topic) as fresh:
                gone = fresh.next(self._setting.patience.silence_s / 3) is None
                self._ledger.judge(gone, ids, "a retained message was not cleared by an empty one")

    def _speak_the_will(self) -> None:
        topic = f"{self._root}/will"
        with self._session(topic) as session:
            CheckSession(self._setting.broker, (), will=Outgoing(topic, b"dead", 1, True)).abandon()
            came = self._wait(session, lambda m: m.payload == b"dead")
            told = "no will at QoS 1 after a client lost its network"
            kept = came is not None and came.qos == 1
            self._ledger.judge(kept, tck("conformance-mqtt-will-messages"), told)
            session.publish(Outgoing(topic, b"", 1, True))

    def _keep_births(self) -> None:
        """A Sparkplug aware broker keeps births retained; plain brokers, which suffice, do not."""
        node = PlayedNode("BrimlineCheck", f"broker-{uuid.uuid4().hex[:6]}")
        with self._session() as session:
            births = {"nbirth": node.nbirth(), "dbirth": node.dbirth("d1")}
            for birth in births.values():
                session.publish(birth)
            found = self._certificates(node.name)
            session.publish(node.ndeath())
        if not found:
            why = "the broker is not Sparkplug aware, which it need not be"
            self._ledger.not_tested(tck("conformance-mqtt-aware-basic conformance-mqtt-aware-store"), why)
            for name in births:
                ids = f"conformance-mqtt-aware-{name}-mqtt-topic conformance-mqtt-aware-{name}-mqtt-retain"
                self._ledger.not_tested(tck(ids), why)
            return
        for name, birth in births.items():
            kept = found.get(f"{_CERTIFICATES}/{birth.topic}")
            told = f"no {_CERTIFICATES}/{birth.topic}"
            self._ledger.judge(kept is not None, tck(f"conformance-mqtt-aware-{name}-mqtt-topic"), told)
            self._ledger.judge(
                kept is True, tck(f"conformance-mqtt-aware-{name}-mqtt-retain"), f"{told} retained"
            )
        self._ledger.judge(len(found) >= 2, tck("conformance-mqtt-aware-store"), "not both births are kept")
        basic = tck(" ".join(f"conformance-mqtt-{name}" for name in _BASIC))
        broken = self._ledger.failures().keys() & set(basic)
        self._ledger.judge(not broken, tck("conformance-mqtt-aware-basic"), "one of the basic probes failed")

    def _certificates(self, node: str) -> dict[str, bool | None]:
        with contextlib.suppress(CannotCheckError), self._session(f"{_CERTIFICATES}/#") as fresh:
            found = {}
            while (message := fresh.next(self._setting.patience.silence_s / 3)) is not None:
                if node in message.topic:
                    found[message.topic] = message.retain
            return found
        return {}

    def _session(self, *filters: str) -> CheckSession:
        return CheckSession(self._setting.broker, filters, as_published=False)

    def _wait(self, session: CheckSession, wanted: Callable[[Observed], bool]) -> Observed | None:
        while (message := session.next(self._setting.patience.answer_s)) is not None:
            if wanted(message):
                return message
        return None


def _is_on(topic: str, message: Observed) -> bool:
    return message.topic == topic
