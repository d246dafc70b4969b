"""Judges the metrics of a node's births and data: names, aliases, types, values, changes. Pure."""

from collections import Counter
from dataclasses import dataclass

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload as Wire
from sim.sparkplug_check import edge_ids
from sim.sparkplug_check.edge_topics import EdgeTopic
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.observed import CLOCK_TOLERANCE_MS, describe_time, is_now
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.structures import TemplateRules, judge_data_set, judge_properties
from sim.sparkplug_check.values import METRIC_TYPES, fingerprint, misfit, to_kind

_NAMED = tck("payloads-name-requirement")
_ALIAS_UNIQUE = tck("payloads-alias-uniqueness")
_ALIAS_BIRTH = tck("payloads-alias-birth-requirement")
_ALIAS_DATA = tck("payloads-alias-data-cmd-requirement")
_TIMESTAMP = tck("payloads-metric-timestamp-in-UTC")
_TIMED = tck("payloads-name-birth-data-requirement")
_TYPE_PRESENT = tck("payloads-metric-datatype-req")
_TYPE_VALUE = tck("payloads-metric-datatype-value payloads-metric-datatype-value-type")
_NO_TYPE = tck("payloads-metric-datatype-not-req")
_DECLARED_NODE = tck("topics-nbirth-metric-reqs operational-behavior-data-publish-nbirth")
_DECLARED_DEVICE = tck("topics-dbirth-metric-reqs operational-behavior-data-publish-dbirth")
_BIRTH_NODE = tck("topics-nbirth-metrics")
_BIRTH_DEVICE = tck("topics-dbirth-metrics")
_VALUES_NODE = tck("operational-behavior-data-publish-nbirth-values")
_VALUES_DEVICE = tck("operational-behavior-data-publish-dbirth-values")
_CHANGED_NODE = tck("topics-ndata-payload operational-behavior-data-publish-nbirth-change")
_CHANGED_DEVICE = tck("topics-ddata-payload operational-behavior-data-publish-dbirth-change")
_REPORT_BY_EXCEPTION = tck("principles-rbe-recommended")
_TIME_ORDER_NODE = tck("operational-behavior-data-publish-nbirth-order")
_TIME_ORDER_DEVICE = tck("operational-behavior-data-publish-dbirth-order")

_EARLIEST_MS = 946_684_800_000
"""The year 2000; whatever is before it is no UTC milliseconds."""

_REPEATS = 3
_REPEAT_SHARE = 0.1
"""Unchanged values that are still taken for chance: a value may change and change back within a batch."""


@dataclass(slots=True)
class Declared:
    """A metric as its birth declared it."""

    name: str
    kind: MetricType | None
    alias: int | None
    last: bytes


class Scope:
    """The metrics of the node (device None) or of one device since its last birth."""

    def __init__(self, device: str | None) -> None:
        self.device = device
        self.by_name: dict[str, Declared] = {}
        self.by_alias: dict[int, Declared] = {}


class MetricRules:
    """Knows the births of the node and its devices; judges every metric against them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._scopes: dict[str | None, Scope] = {}
        self._templates = TemplateRules(ledger)
        self._judged: Counter[bool] = Counter()
        self._repeated: Counter[bool] = Counter()
        self._example: dict[bool, str] = {}

    def scope(self, device: str | None) -> Scope | None:
        return self._scopes.get(device)

    def forget(self) -> None:
        """The node has died: none of its births counts any more."""
        self._scopes.clear()

    def on_death(self, device: str) -> None:
        self._scopes.pop(device, None)

    def on_birth(self, topic: EdgeTopic, payload: Wire, where: str, received_ms: int) -> None:
        """An NBIRTH makes every earlier birth void, a DBIRTH that of its device."""
        if topic.device is None:
            self._scopes.clear()
            self._templates.on_nbirth(payload)
        self._scopes.pop(topic.device, None)
        scope = Scope(topic.device)
        taken = {alias: other for other in self._scopes.values() for alias in other.by_alias}
        for metric in payload.metrics:
            self._judge_any(metric, topic, f"{where} {metric.name}", received_ms)
            self._declare(scope, metric, taken, where)
        self._scopes[topic.device] = scope

    def on_data(self, topic: EdgeTopic, payload: Wire, where: str, received_ms: int) -> None:
        scope = self._scopes.get(topic.device)
        if scope is None:
            return
        latest: dict[str, int] = {}
        for metric in payload.metrics:
            declared = self._find(scope, metric, where)
            if declared is None:
                continue
            told = f"{where} {declared.name}"
            self._judge_any(metric, topic, told, received_ms)
            self._judge_data(metric, declared, scope, told)
            ordered = _TIME_ORDER_NODE if topic.device is None else _TIME_ORDER_DEVICE
            before = latest.get(declared.name, 0)
            self._ledger.judge(
                metric.timestamp >= before, ordered, f"{told}: an older value after a newer one"
            )
            latest[declared.name] = max(before, metric.timestamp)

    def finish(self) -> None:
        """Judges what needs the whole of the observation: whether only changes are reported."""
        for is_device, judged in self._judged.items():
            repeated = self._repeated[is_device]
            kept = repeated < _REPEATS or repeated <= judged * _REPEAT_SHARE
            ids = (_CHANGED_DEVICE if is_device else _CHANGED_NODE) + _REPORT_BY_EXCEPTION
            told = f"{repeated} of {judged} values had not changed, such as {self._example.get(is_device)}"
            self._ledger.judge(kept, ids, told)

    def _declare(self, scope: Scope, metric: Wire.Metric, taken: dict[int, Scope], where: str) -> None:
        told = f"{where} {metric.name or '(no name)'}"
        node = scope.device is None
        named = self._ledger.judge(bool(metric.name), _NAMED, f"{told}: a birth metric without a name")
        typed = self._ledger.judge(
            metric.HasField("datatype"), _TYPE_PRESENT, f"{told}: no datatype in a birth"
        )
        valued = metric.is_null or metric.WhichOneof("value") is not None
        complete = named and typed and valued
        self._ledger.judge(
            complete,
            _BIRTH_NODE if node else _BIRTH_DEVICE,
            f"{told}: needs name, datatype, and value or null",
        )
        clear = valued and not (metric.is_null and metric.WhichOneof("value") is not None)
        self._ledger.judge(
            clear, _VALUES_NODE if node else _VALUES_DEVICE, f"{told}: neither or both of a value and is_null"
        )
        kind = to_kind(metric.datatype) if typed else None
        alias = metric.alias if metric.HasField("alias") else None
        declared = Declared(metric.name, kind, alias, fingerprint(metric))
        if alias is not None:
            self._ledger.judge(named, _ALIAS_BIRTH, f"{told}: alias {alias} without a name in a birth")
            owner = scope.by_alias.get(alias) or (taken[alias].by_alias[alias] if alias in taken else None)
            self._ledger.judge(
                owner is None,
                _ALIAS_UNIQUE,
                f"{told}: alias {alias} is that of {owner.name if owner else ''}, too",
            )
            scope.by_alias[alias] = declared
        if named:
            self._judge_case(scope, metric.name, told)
            scope.by_name[metric.name] = declared

    def _judge_case(self, scope: Scope, name: str, told: str) -> None:
        twin = next((n for n in (name.lower(), name.upper()) if n != name and n in scope.by_name), None)
        lowered = (
            {other.lower(): other for other in scope.by_name}
            if twin is None and name not in scope.by_name
            else {}
        )
        twin = twin or lowered.get(name.lower())
        self._ledger.judge(twin is None, edge_ids.NAME_CASE, f"{told}: differs only by case from {twin}")

    def _find(self, scope: Scope, metric: Wire.Metric, where: str) -> Declared | None:
        """The declaration of a metric of data; noted where there is none."""
        has_name, has_alias = metric.HasField("name"), metric.HasField("alias")
        if not self._ledger.judge(has_name or has_alias, _NAMED, f"{where}: a metric without name and alias"):
            return None
        declared = scope.by_alias.get(metric.alias) if has_alias else scope.by_name.get(metric.name)
        ids = _DECLARED_NODE if scope.device is None else _DECLARED_DEVICE
        what = f"alias {metric.alias}" if has_alias else metric.name
        self._ledger.judge(declared is not None, ids, f"{where}: {what} was not in the last birth")
        return declared

    def _judge_data(self, metric: Wire.Metric, declared: Declared, scope: Scope, told: str) -> None:
        if declared.alias is not None:
            alone = metric.HasField("alias") and not metric.HasField("name")
            self._ledger.judge(
                alone, _ALIAS_DATA, f"{told}: declared with alias {declared.alias}, sent with its name"
            )
        self._ledger.judge(not metric.HasField("datatype"), _NO_TYPE, f"{told}: datatype in data")
        if declared.kind is not None and not metric.HasField("datatype"):
            self._judge_fit(metric, declared.kind, scope.device is None, birth=False, told=told)
        if metric.is_historical:
            return
        is_device = scope.device is not None
        now = fingerprint(metric)
        self._judged[is_device] += 1
        if now == declared.last:
            self._repeated[is_device] += 1
            self._example.setdefault(is_device, told)
        declared.last = now

    def _judge_any(self, metric: Wire.Metric, topic: EdgeTopic, told: str, received_ms: int) -> None:
        """What holds for every metric, whatever the message."""
        birth = topic.verb in ("NBIRTH", "DBIRTH")
        self._judge_time(metric, birth or metric.is_historical, told, received_ms)
        if metric.HasField("datatype"):
            kind = to_kind(metric.datatype)
            typed = self._ledger.judge(
                kind in METRIC_TYPES, _TYPE_VALUE, f"{told}: datatype {metric.datatype}"
            )
            if kind is not None and typed:
                self._judge_fit(metric, kind, topic.device is None, birth=birth, told=told)
        if metric.HasField("properties"):
            judge_properties(self._ledger, metric.properties, told, birth)
        which = metric.WhichOneof("value")
        if which == "dataset_value":
            judge_data_set(self._ledger, metric.dataset_value, told)
        elif which == "template_value":
            self._templates.judge(metric.template_value, told, topic.verb)

    def _judge_fit(
        self, metric: Wire.Metric, kind: MetricType, node: bool, *, birth: bool, told: str
    ) -> None:
        wrong = misfit(metric, kind)
        if birth:
            ids = _BIRTH_NODE if node else _BIRTH_DEVICE
        else:
            ids = tck("topics-ndata-payload") if node else tck("topics-ddata-payload")
        self._ledger.judge(not wrong, ids, f"{told}: {wrong}")

    def _judge_time(self, metric: Wire.Metric, may_be_old: bool, told: str, received_ms: int) -> None:
        if not self._ledger.judge(metric.HasField("timestamp"), _TIMED, f"{told}: no timestamp"):
            return
        when = metric.timestamp
        old_enough = _EARLIEST_MS <= when <= received_ms + CLOCK_TOLERANCE_MS
        kept = old_enough if may_be_old else is_now(when, received_ms)
        self._ledger.judge(kept, _TIMESTAMP, f"{told}: {describe_time(when, received_ms)}")
