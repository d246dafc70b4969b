"""Judges everything a host application publishes, message by message. Pure."""

from collections import defaultdict
from dataclasses import dataclass

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.payload import PayloadError, parse
from drivers.sparkplug.sparkplug_b_pb2 import Payload as Wire
from drivers.sparkplug.state import HostState, parse_state
from sim.sparkplug_check import host_ids
from sim.sparkplug_check.host_ids import CommandIds, StateIds
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.messages import REBIRTH
from sim.sparkplug_check.observed import Observed, describe_time, is_now
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.values import METRIC_TYPES, misfit, to_kind

_NAMED = tck("payloads-name-requirement")
_ALIAS = tck("payloads-alias-data-cmd-requirement")
_TIMESTAMP = tck("payloads-metric-timestamp-in-UTC")
_TYPE_VALUE = tck("payloads-metric-datatype-value payloads-metric-datatype-value-type")
_NO_TYPE = tck("payloads-metric-datatype-not-req")


@dataclass(frozen=True, slots=True)
class Writable:
    """A metric that a simulated node declared."""

    name: str
    kind: MetricType
    alias: int | None = None


class HostObserver:
    """Feed it every STATE of the host and every command to the simulated nodes, in the order of receipt."""

    def __init__(self, host_id: str, ledger: Ledger) -> None:
        self._topic = f"spBv1.0/STATE/{host_id}"
        self._legacy_topic = f"STATE/{host_id}"
        self._ledger = ledger
        self._forged: set[bytes] = set()
        self._declared: dict[tuple[str, str | None], tuple[Writable, ...]] = {}
        self.online: HostState | None = None
        self.last_online: HostState | None = None
        self._ended = False
        self.births = 0
        self.deaths = 0
        self.legacy = False
        self.rebirths: dict[str, list[int]] = defaultdict(list)
        self.writes: list[Observed] = []
        self._ending: StateIds = host_ids.WILL

    def declare(self, node: str, device: str | None, metrics: tuple[Writable, ...]) -> None:
        """What the birth of a simulated node or device contains."""
        self._declared[node, device] = metrics

    def expect_end(self, ending: StateIds) -> None:
        """The session is about to end; ``ending`` are the ids of a will or of a farewell."""
        self._ending = ending
        self._ended = True

    def forged(self, payload: bytes) -> None:
        """The checker is about to publish this on the host's STATE topic."""
        self._forged.add(payload)

    def on_message(self, message: Observed) -> None:
        if message.topic == self._topic:
            self._on_state(message)
        elif message.topic == self._legacy_topic:
            self.legacy = True
        else:
            self._on_command(message)

    def _on_state(self, message: Observed) -> None:
        if message.payload in self._forged or not message.payload:
            return
        try:
            state = parse_state(message.payload)
        except PayloadError as error:
            self._ledger.failed(host_ids.BIRTH.payload, f"{message.topic}: {error}")
            return
        ids = host_ids.BIRTH if state.online else self._ending
        if not message.payload.lstrip().startswith(b"{"):
            told = f"{message.topic}: {message.payload[:20]!r} is the text of version 2, expected JSON"
            self._ledger.failed(ids.payload, told)
        self._judge_state(ids, state, message)
        if state.online:
            self._on_online(state, message)
        else:
            self._on_offline(state, message)

    def _judge_state(self, ids: StateIds, state: HostState, message: Observed) -> None:
        judge, where = self._ledger.judge, message.topic
        self._ledger.passed(ids.published + ids.topic)
        judge(message.qos == 1, ids.qos, f"{where}: QoS {message.qos}, expected 1")
        if message.retain is not None:
            judge(message.retain, ids.retain, f"{where}: not retained")
        millis = state.timestamp_ms > 100_000_000_000
        told = f"{where}: timestamp {state.timestamp_ms} is no UTC milliseconds"
        judge(millis, ids.payload, told)

    def _on_online(self, state: HostState, message: Observed) -> None:
        self._ledger.passed(host_ids.TOPIC_SHAPE + host_ids.NO_DEVICE_LEVEL)
        self.births += 1
        self.last_online = state
        if self.online is None or self._ended:
            self.online = state
        self._ended = False

    def _on_offline(self, state: HostState, message: Observed) -> None:
        self.deaths += 1
        self._ended = True
        if self.online is None or not state.timestamp_ms:
            return
        started = self.online.timestamp_ms
        if self._ending is host_ids.WILL:
            ids = host_ids.WILL.timestamp + host_ids.BIRTH.timestamp
            told = f"{message.topic}: online has timestamp {started}, the will {state.timestamp_ms}"
            self._ledger.judge(state.timestamp_ms == started, ids, told)
        else:
            current = is_now(state.timestamp_ms, message.received_ms) and state.timestamp_ms != started
            told = f"{message.topic}: the farewell has timestamp {state.timestamp_ms}, not that of now"
            self._ledger.judge(current, host_ids.FAREWELL.timestamp, told)

    def _on_command(self, message: Observed) -> None:
        levels = message.topic.split("/")
        verb = levels[2] if len(levels) > 2 else ""
        known = levels[0] == "spBv1.0" and {"NCMD": 4, "DCMD": 5}.get(verb) == len(levels)
        if not self._ledger.judge(known, host_ids.TOPIC_SHAPE, f"published on {message.topic}"):
            return
        device = levels[4] if verb == "DCMD" else None
        ids = host_ids.NCMD if device is None else host_ids.DCMD
        self._ledger.passed(host_ids.NO_DEVICE_LEVEL if device is None else host_ids.DEVICE_LEVEL)
        self._judge_delivery(ids, message)
        try:
            payload = parse(message.payload)
        except PayloadError as error:
            self._ledger.failed(ids.payload, f"{message.topic}: {error}")
            return
        self._judge_payload(ids, payload, message)
        for metric in payload.metrics:
            self._on_metric(levels[3], device, metric, message)

    def _judge_delivery(self, ids: CommandIds, message: Observed) -> None:
        judge, where = self._ledger.judge, message.topic
        self._ledger.passed(ids.topic)
        judge(message.qos == 0, ids.qos, f"{where}: QoS {message.qos}, expected 0")
        if message.retain is not None:
            judge(not message.retain, ids.retain, f"{where}: retained")

    def _judge_payload(self, ids: CommandIds, payload: Wire, message: Observed) -> None:
        judge, where = self._ledger.judge, message.topic
        judge(not payload.HasField("seq"), ids.no_seq, f"{where}: seq {payload.seq} in a command")
        judge(len(payload.metrics) > 0, ids.payload, f"{where}: a command without metrics")
        if judge(payload.HasField("timestamp"), ids.timestamp, f"{where}: no timestamp"):
            told = f"{where}: {describe_time(payload.timestamp, message.received_ms)}"
            judge(is_now(payload.timestamp, message.received_ms), ids.timestamp, told)

    def _on_metric(self, node: str, device: str | None, metric: Wire.Metric, message: Observed) -> None:
        where = f"{message.topic} {metric.name or f'alias {metric.alias}'}"
        judge = self._ledger.judge
        judge(metric.HasField("name") or metric.HasField("alias"), _NAMED, f"{where}: neither name nor alias")
        if metric.HasField("timestamp"):
            told = f"{where}: {describe_time(metric.timestamp, message.received_ms)}"
            judge(is_now(metric.timestamp, message.received_ms), _TIMESTAMP, told)
        judge(not metric.HasField("datatype"), _NO_TYPE, f"{where}: datatype in a command")
        if metric.HasField("datatype"):
            judge(
                to_kind(metric.datatype) in METRIC_TYPES, _TYPE_VALUE, f"{where}: datatype {metric.datatype}"
            )
        if device is None and metric.name == REBIRTH:
            self._on_rebirth(node, metric, message)
        else:
            self.writes.append(message)
            self._judge_write(node, device, metric, where)

    def _on_rebirth(self, node: str, metric: Wire.Metric, message: Observed) -> None:
        self._ledger.passed(host_ids.REBIRTH)
        asked = metric.WhichOneof("value") == "boolean_value" and metric.boolean_value
        self._ledger.judge(asked, host_ids.REBIRTH_VALUE, f"{message.topic}: {REBIRTH} is not true")
        self.rebirths[node].append(message.received_ms)

    def _judge_write(self, node: str, device: str | None, metric: Wire.Metric, where: str) -> None:
        ids = host_ids.NCMD if device is None else host_ids.DCMD
        declared = self._declared.get((node, device), ())
        found = next((each for each in declared if _names(metric, each)), None)
        if (
            not self._ledger.judge(found is not None, ids.name, f"{where}: was not in the birth")
            or found is None
        ):
            return
        wrong = misfit(metric, found.kind) or ("" if metric.WhichOneof("value") else "no value")
        self._ledger.judge(not wrong, ids.value, f"{where}: {wrong}")
        if found.alias is not None:
            alone = metric.HasField("alias") and not metric.HasField("name")
            self._ledger.judge(
                alone, _ALIAS, f"{where}: declared with alias {found.alias}, sent with its name"
            )


def _names(metric: Wire.Metric, declared: Writable) -> bool:
    if metric.HasField("name"):
        return metric.name == declared.name
    return metric.HasField("alias") and metric.alias == declared.alias
