"""Judges everything an edge node publishes, message by message. Pure."""

from enum import Enum, auto

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.payload import PayloadError, parse
from drivers.sparkplug.sparkplug_b_pb2 import Payload as Wire
from sim.sparkplug_check import edge_ids
from sim.sparkplug_check.edge_ids import EDGE_IDS
from sim.sparkplug_check.edge_metrics import MetricRules
from sim.sparkplug_check.edge_topics import EdgeTopic, EdgeTopicRules
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.observed import Observed, describe_time, is_now
from sim.sparkplug_check.values import integer_of

REBIRTH = "Node Control/Rebirth"
_BIRTHS = ("NBIRTH", "DBIRTH")
_DATA = ("NDATA", "DDATA")


class Expecting(Enum):
    """Why the next NBIRTH will come, where the checker knows."""

    NOTHING = auto()
    REBIRTH = auto()
    NEW_SESSION = auto()
    NEW_PROCESS = auto()


class EdgeObserver:
    """Feed it every message of the node in the order of receipt; evidence goes to the ledger."""

    def __init__(self, group: str, node: str, ledger: Ledger) -> None:
        self._ledger = ledger
        self._topics = EdgeTopicRules(group, node, ledger)
        self._metrics = MetricRules(ledger)
        self._expected_seq: int | None = None
        self._expecting = Expecting.NOTHING
        self._awaited: set[str] = set()
        self._unborn: set[str] = set()
        self._data_since_birth: str = ""
        self._had_death = False
        self._earlier_bdseqs: list[int] = []
        self.bdseq: int | None = None
        self.alive = False
        self.devices: set[str] = set()
        self.births = 0
        self.deaths = 0
        self.device_births = 0
        self.device_deaths = 0
        self.data = 0
        self.messages = 0
        self.last_death_was_live = False

    def expect(self, expecting: Expecting) -> None:
        """Tells why the next NBIRTH will come."""
        self._expecting = expecting

    def forget_bdseq(self) -> None:
        """Sessions nobody watched lie between the last birth and the next."""
        self.bdseq = None

    def reborn(self) -> bool:
        """Whether every device that was alive at the last NBIRTH of a rebirth has been born again."""
        return self.alive and not self._awaited

    def on_message(self, message: Observed) -> None:
        topic = self._topics.judge(message.topic)
        if topic is None:
            return
        self.messages += 1
        self._judge_delivery(topic.verb, message)
        ids = EDGE_IDS[topic.verb]
        try:
            payload = parse(message.payload)
        except PayloadError as error:
            self._ledger.failed(ids.payload or ids.topic, f"{message.topic}: {error}")
            self._expected_seq = None
            return
        self._ledger.passed(ids.payload)
        if topic.verb == "NDEATH":
            self._on_ndeath(payload, message)
        else:
            self._judge_timestamp(topic.verb, payload, message)
            self._on_living(topic, payload, message)

    def finish(self) -> None:
        """At the end of the observation."""
        self._metrics.finish()

    def _judge_delivery(self, verb: str, message: Observed) -> None:
        ids = EDGE_IDS[verb]
        self._ledger.judge(message.qos == 0, ids.qos, f"{message.topic}: QoS {message.qos}, expected 0")
        if message.retain is not None:
            self._ledger.judge(not message.retain, ids.retain, f"{message.topic}: retained")

    def _judge_timestamp(self, verb: str, payload: Wire, message: Observed) -> None:
        ids = EDGE_IDS[verb].timestamp
        if self._ledger.judge(payload.HasField("timestamp"), ids, f"{message.topic}: no timestamp"):
            kept = is_now(payload.timestamp, message.received_ms)
            told = describe_time(payload.timestamp, message.received_ms)
            self._ledger.judge(kept, ids, f"{message.topic}: {told}")

    def _on_living(self, topic: EdgeTopic, payload: Wire, message: Observed) -> None:
        where = message.topic
        self._judge_seq(topic.verb, payload, where)
        if topic.verb == "NBIRTH":
            self._on_nbirth(topic, payload, message)
        elif topic.verb == "DBIRTH" and topic.device is not None:
            self._on_dbirth(topic, topic.device, payload, message)
        elif topic.verb == "DDEATH" and topic.device is not None:
            self.device_deaths += 1
            self.devices.discard(topic.device)
            self._awaited.discard(topic.device)
            self._unborn.discard(topic.device)
            self._metrics.on_death(topic.device)
        elif topic.verb in _DATA:
            self._on_data(topic, payload, message)

    def _judge_seq(self, verb: str, payload: Wire, where: str) -> None:
        ids = EDGE_IDS[verb]
        present = payload.HasField("seq") and 0 <= payload.seq <= 255
        told = f"seq {payload.seq}" if payload.HasField("seq") else "no seq"
        self._ledger.judge(
            present, ids.seq_present + edge_ids.SEQ_PRESENT, f"{where}: {told}, expected 0..255"
        )
        if not present:
            return
        if verb == "NBIRTH":
            self._ledger.judge(payload.seq == 0, edge_ids.SEQ_ZERO, f"{where}: {told}, expected 0")
        elif self._expected_seq is not None:
            kept = payload.seq == self._expected_seq
            self._ledger.judge(
                kept, ids.seq_next + edge_ids.SEQ_NEXT, f"{where}: {told}, expected {self._expected_seq}"
            )
        self._expected_seq = (payload.seq + 1) % 256

    def _on_nbirth(self, topic: EdgeTopic, payload: Wire, message: Observed) -> None:
        where = message.topic
        self._judge_bdseq(payload, where)
        self._judge_rebirth_metric(payload, where)
        self._metrics.on_birth(topic, payload, where, message.received_ms)
        self._awaited = self.devices | self._unborn if self._expecting is Expecting.REBIRTH else set()
        self._unborn = set()
        if self._had_death:
            self._ledger.passed(edge_ids.BIRTH_FIRST)
        self._expecting = Expecting.NOTHING
        self._had_death = False
        self._data_since_birth = ""
        self.devices = set()
        self.alive = True
        self.births += 1

    def _on_dbirth(self, topic: EdgeTopic, device: str, payload: Wire, message: Observed) -> None:
        where = message.topic
        if self._had_death:
            self._ledger.failed(edge_ids.DBIRTH_ORDER + edge_ids.BIRTH_FIRST, f"{where}: before the NBIRTH")
        elif self.alive:
            self._ledger.passed(edge_ids.DBIRTH_ORDER)
        if device in self._awaited:
            self._judge_no_data_yet(where)
        once = device not in self.devices or bool(self._data_since_birth)
        self._ledger.judge(once, edge_ids.DEVICE_ONCE, f"{where}: born twice in one birth sequence")
        self._awaited.discard(device)
        self.devices.add(device)
        self.device_births += 1
        self._metrics.on_birth(topic, payload, where, message.received_ms)

    def _judge_no_data_yet(self, where: str) -> None:
        """A device that was alive before a rebirth must be born again before any data."""
        early = self._data_since_birth
        ids = edge_ids.REBIRTH_NO_DATA
        if early:
            ids += edge_ids.DATA_ORDER[early]
        self._ledger.judge(not early, ids, f"{where}: {early} between the NBIRTH and this DBIRTH")

    def _on_data(self, topic: EdgeTopic, payload: Wire, message: Observed) -> None:
        self.data += 1
        where = message.topic
        ids = edge_ids.DATA_ORDER[topic.verb]
        if self._had_death:
            self._ledger.failed(
                ids + edge_ids.BIRTH_FIRST, f"{where}: data after the NDEATH, before an NBIRTH"
            )
        elif self.alive:
            self._judge_born(topic, where)
        self._data_since_birth = self._data_since_birth or topic.verb
        self._metrics.on_data(topic, payload, where, message.received_ms)

    def _judge_born(self, topic: EdgeTopic, where: str) -> None:
        born = topic.device is None or topic.device in self.devices
        self._ledger.judge(
            born, edge_ids.DATA_ORDER[topic.verb], f"{where}: data of a device that has not been born"
        )
        if not born and topic.device is not None:
            self._unborn.add(topic.device)

    def _on_ndeath(self, payload: Wire, message: Observed) -> None:
        where = message.topic
        self.deaths += 1
        self._ledger.judge(not payload.HasField("seq"), edge_ids.DEATH_NO_SEQ, f"{where}: seq {payload.seq}")
        names = [metric.name for metric in payload.metrics]
        self._ledger.judge(names == ["bdSeq"], edge_ids.DEATH_BDSEQ, f"{where}: metrics {names}")
        if "bdSeq" in names and self.bdseq is not None:
            self._judge_death(integer_of(payload.metrics[names.index("bdSeq")]), self.bdseq, where)

    def _judge_death(self, number: int | None, live: int, where: str) -> None:
        """Of this session, of an earlier one (late or doubled), or of none."""
        self.last_death_was_live = number == live
        if self.last_death_was_live:
            self._ledger.passed(edge_ids.BDSEQ_MATCHING)
            self._end_session()
        elif self._had_death:
            # A session that ended before its birth, in search of the primary host.
            self._earlier_bdseqs = [*self._earlier_bdseqs, live][-8:]
            self.bdseq = number
        elif number not in self._earlier_bdseqs:
            told = f"{where}: bdSeq {number}, the NBIRTH of this session had {live}"
            self._ledger.failed(edge_ids.BDSEQ_MATCHING, told)
            self._end_session()

    def _end_session(self) -> None:
        self.alive = False
        self._had_death = True
        self._metrics.forget()
        self._awaited = set()
        self._expected_seq = None

    def _judge_bdseq(self, payload: Wire, where: str) -> None:
        found = [metric for metric in payload.metrics if metric.name == "bdSeq"]
        number = integer_of(found[0]) if found else None
        known = number is not None and 0 <= number <= 255
        told = f"bdSeq {number}" if found else "no bdSeq"
        self._ledger.judge(known, edge_ids.BDSEQ_INCLUDED, f"{where}: {told}, expected an integer of 0..255")
        if number is None:
            return
        kind = found[0].datatype
        self._ledger.judge(
            kind == MetricType.INT64, edge_ids.BDSEQ_TYPE, f"{where}: bdSeq has datatype {kind}"
        )
        if self.bdseq is not None:
            self._judge_next_bdseq(self.bdseq, number, where)
            if self.bdseq != number:
                self._earlier_bdseqs = [*self._earlier_bdseqs, self.bdseq][-8:]
        self.bdseq = number

    def _judge_next_bdseq(self, before: int, now: int, where: str) -> None:
        told = f"{where}: bdSeq {now} after {before}"
        if self._expecting is Expecting.REBIRTH:
            self._ledger.judge(now == before, edge_ids.REBIRTH_BDSEQ, f"{told}, expected {before} again")
            return
        new = self._had_death or self._expecting is not Expecting.NOTHING
        if new:
            expected = (before + 1) % 256
            restarted = self._expecting is Expecting.NEW_PROCESS and now == 0
            self._ledger.judge(
                now == expected or restarted, edge_ids.BDSEQ_INCREMENT, f"{told}, expected {expected}"
            )

    def _judge_rebirth_metric(self, payload: Wire, where: str) -> None:
        found = [metric for metric in payload.metrics if metric.name == REBIRTH]
        self._ledger.judge(
            len(found) == 1, edge_ids.REBIRTH_METRIC, f"{where}: {len(found)} metrics {REBIRTH}"
        )
        for metric in found[:1]:
            judge = self._ledger.judge
            judge(not metric.HasField("alias"), edge_ids.REBIRTH_NO_ALIAS, f"{where}: {REBIRTH} has an alias")
            typed = metric.datatype == MetricType.BOOLEAN
            judge(typed, edge_ids.REBIRTH_TYPE, f"{where}: {REBIRTH} has datatype {metric.datatype}")
            no = metric.WhichOneof("value") == "boolean_value" and not metric.boolean_value
            judge(no, edge_ids.REBIRTH_VALUE, f"{where}: {REBIRTH} is not false")
