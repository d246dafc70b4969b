"""The metrics of one node or device as born, and the short way from a DATA message to samples. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.host_tags import Target
from drivers.sparkplug.model import MetricType, MetricValue, PropertySet
from drivers.sparkplug.payload import metric_type, properties_of, value_of
from drivers.sparkplug.scalars import checked_text
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.types import to_tag_value
from drivers.sparkplug.wire_getters import GETTERS, is_direct, look_closer
from engine.model import Quality, Sample, Value

_GOOD = Quality.GOOD
LATEST_MS = 7_258_118_400_000
"""The year 2200: a later time is none that anybody could show or keep; that of the arrival is taken."""
_MOST_PROPERTIES = 100


class MetricSlot:
    """One metric: what its birth said and what was heard last.

    ``get`` reads the usual value of its type straight from the wire, or says None for whoever looks
    closer. ``append`` takes the sample of the only tag it feeds where nothing has to be converted.
    """

    __slots__ = (
        "alias",
        "append",
        "get",
        "key",
        "name",
        "properties",
        "quality",
        "received_us",
        "targets",
        "time_us",
        "type",
        "unit",
        "value",
    )

    def __init__(self, name: str, alias: int | None, type_: MetricType, targets: Sequence[Target]) -> None:
        self.name = name
        self.alias = alias
        self.type = type_
        self.unit = ""
        self.properties: PropertySet = {}
        self.value: MetricValue | None = None
        self.quality = Quality.STALE
        self.time_us: int | None = None
        self.received_us: int | None = None
        self.targets = tuple(targets)
        self.key = self.targets[0].key if self.targets else ""
        self.get: Callable[[Any], Any] = GETTERS.get(type_, look_closer)
        self.append: Callable[[Sample], None] | None = None
        if len(self.targets) == 1 and is_direct(self.targets[0].type, type_):
            self.append = self.targets[0].outbox.live.append

    def update(self, value: MetricValue | None, quality: Quality, time_us: int, received_us: int) -> None:
        """The source says; every tag hears it."""
        self.value, self.quality, self.time_us, self.received_us = value, quality, time_us, received_us
        for target in self.targets:
            target.outbox.live.append(to_sample(target, self.type, value, quality, time_us))

    def lose(self, time_us: int) -> None:
        """Nothing is known of it from now on; its value is kept as the last one heard."""
        if self.quality is Quality.STALE:
            return
        self.quality = Quality.STALE
        for target in self.targets:
            target.outbox.live.append(Sample(target.key, None, Quality.STALE, time_us))


class MetricTable:
    """Metrics by alias and by name; replaced as a whole by each birth."""

    __slots__ = ("by_alias", "by_name")

    def __init__(self) -> None:
        self.by_alias: dict[int, MetricSlot] = {}
        self.by_name: dict[str, MetricSlot] = {}

    def find(self, metric: PbPayload.Metric) -> MetricSlot | None:
        """By alias, else by name."""
        if metric.HasField("alias"):
            slot = self.by_alias.get(metric.alias)
            if slot is not None:
                return slot
        return self.by_name.get(metric.name) if metric.HasField("name") else None

    def declared_type(self, name: str | None, alias: int | None) -> MetricType | None:
        """The type that the birth gave, for whoever decodes a message of its own."""
        slot = self.by_alias.get(alias) if alias is not None else None
        if slot is None and name is not None:
            slot = self.by_name.get(name)
        return slot.type if slot else None

    def name_of(self, alias: int) -> str | None:
        slot = self.by_alias.get(alias)
        return slot.name if slot else None

    def lose(self, time_us: int) -> None:
        for slot in self.by_name.values():
            slot.lose(time_us)

    def good_count(self) -> int:
        return sum(slot.quality is _GOOD for slot in list(self.by_name.values()))


class Applied:
    """What was wrong with a message's metrics: counts, and the first complaint of each kind."""

    __slots__ = ("complaint", "malformed", "unknown", "unknown_name")

    def __init__(self) -> None:
        self.unknown = 0
        self.unknown_name = ""
        self.malformed = 0
        self.complaint = ""

    def on_unknown(self, metric: PbPayload.Metric) -> None:
        self.unknown += 1
        if not self.unknown_name:
            self.unknown_name = f"alias {metric.alias}" if metric.HasField("alias") else repr(metric.name)

    def on_malformed(self, complaint: str) -> None:
        self.malformed += 1
        self.complaint = self.complaint or complaint


def apply_data(
    metrics: Iterable[PbPayload.Metric],
    table: MetricTable,
    payload_us: int,
    received_us: int,
    new_sample: Callable[[type[Sample], tuple[str, Any, Quality, int]], Sample] = tuple.__new__,
) -> Applied | None:
    """Take the metrics of a DATA message; None when all was well.

    Written for speed: what is usual takes no call that is not needed.
    """
    applied: Applied | None = None
    by_alias, good = table.by_alias.get, _GOOD
    for metric in metrics:
        alias = metric.alias
        slot = by_alias(alias)
        if slot is None or not alias:
            slot = table.find(metric)
            if slot is None:
                applied = applied or Applied()
                applied.on_unknown(metric)
                continue
        stamp = metric.timestamp
        time_us = stamp * 1000 if 0 < stamp < LATEST_MS else payload_us
        value = slot.get(metric)
        if (
            value is None
            or metric.is_historical
            or metric.is_transient
            or metric.HasField("properties")
            or metric.is_null
        ):
            applied = _apply_closely(metric, slot, time_us, received_us, applied)
            continue
        slot.value, slot.quality, slot.time_us, slot.received_us = value, good, time_us, received_us
        append = slot.append
        if append is not None:
            append(new_sample(Sample, (slot.key, value, good, time_us)))
        elif slot.targets:
            slot.update(value, good, time_us, received_us)
    return applied


def apply_birth(
    metrics: Iterable[PbPayload.Metric],
    targets: Mapping[str, Sequence[Target]],
    payload_us: int,
    received_us: int,
    *,
    live: bool = True,
) -> tuple[MetricTable, Applied]:
    """A new table from a birth; its values are announced if ``live``."""
    table, applied = MetricTable(), Applied()
    for metric in metrics:
        name = _name(metric)
        if not name:
            applied.on_malformed("a metric of the birth has no name, or one that is no text")
            continue
        slot = _born(name, metric, targets, applied)
        if slot.name in table.by_name:
            applied.on_malformed(f"the birth has {slot.name!r} twice")
        table.by_name[slot.name] = slot
        if slot.alias is not None:
            if slot.alias in table.by_alias:
                applied.on_malformed(f"the birth has alias {slot.alias} twice")
            table.by_alias[slot.alias] = slot
        stamp = metric.timestamp
        if live:
            time_us = stamp * 1000 if 0 < stamp < LATEST_MS else payload_us
            _apply_closely(metric, slot, time_us, received_us, applied)
    return table, applied


def to_sample(
    target: Target, type_: MetricType, value: MetricValue | None, quality: Quality, time_us: int
) -> Sample:
    """The sample of a tag; a value that the tag's type cannot hold is BAD and an error of its connection."""
    if value is None:
        return Sample(target.key, None, Quality.BAD if quality is _GOOD else quality, time_us)
    try:
        converted = to_tag_value(target.type, value, type_)
    except ValueError as error:
        target.outbox.errors[target.key] = str(error)
        return Sample(target.key, None, Quality.BAD, time_us)
    if target.outbox.errors:
        target.outbox.errors.pop(target.key, None)
    return Sample(target.key, converted, quality, time_us)


def to_quality(code: object) -> Quality:
    """From the Quality property: 192 good, 64 uncertain, 0 bad and 500 stale, and what lies between."""
    if not isinstance(code, int):
        return Quality.UNCERTAIN
    if 192 <= code < 256:
        return Quality.GOOD
    if code < 64:
        return Quality.BAD
    return Quality.STALE if code == Quality.STALE else Quality.UNCERTAIN


def to_view_value(value: MetricValue | None) -> Value | None:
    """A metric's value as faces can show it: what is no plain value becomes a short text."""
    if isinstance(value, bytes):
        return f"{len(value)} bytes {value[:16].hex(' ')}" + (" …" if len(value) > 16 else "")
    if value is None or isinstance(value, (bool, int, float, str, tuple)):
        return value
    return str(value)[:200]


def _name(metric: PbPayload.Metric) -> str:
    try:
        return checked_text(metric.name, "name")
    except PayloadError:
        return ""


def _born(
    name: str, metric: PbPayload.Metric, targets: Mapping[str, Sequence[Target]], applied: Applied
) -> MetricSlot:
    try:
        type_ = metric_type(metric) or MetricType.UNKNOWN
    except PayloadError as error:
        applied.on_malformed(f"{name}: {error}")
        type_ = MetricType.UNKNOWN
    alias = metric.alias if metric.HasField("alias") else None
    slot = MetricSlot(name, alias, type_, targets.get(name, ()) if targets else ())
    try:
        slot.properties = properties_of(metric) or {}
    except PayloadError as error:
        applied.on_malformed(f"{name}: {error}")
    unit = slot.properties.get("engUnit")
    slot.unit = str(unit.value) if unit is not None and unit.value is not None else ""
    return slot


def _apply_closely(
    metric: PbPayload.Metric, slot: MetricSlot, time_us: int, received_us: int, applied: Applied | None
) -> Applied | None:
    """The long way: null, history, properties, values in unusual fields."""
    try:
        value = value_of(metric, slot.type)
        properties = properties_of(metric)
    except PayloadError as error:
        applied = applied or Applied()
        applied.on_malformed(f"{slot.name}: {error}")
        slot.update(None, Quality.BAD, time_us, received_us)
        return applied
    quality = _quality(value, properties)
    if metric.is_historical:
        for target in slot.targets:
            target.outbox.past.append(to_sample(target, slot.type, value, quality, time_us))
        return applied
    if properties:
        merged = {**slot.properties, **properties}
        if len(merged) <= max(len(slot.properties), _MOST_PROPERTIES):
            slot.properties = merged
    begun = [(target.outbox, len(target.outbox.live)) for target in slot.targets]
    slot.update(value, quality, time_us, received_us)
    if metric.is_transient:
        for outbox, first in begun:
            outbox.transient.update(range(first, len(outbox.live)))
    return applied


def _quality(value: MetricValue | None, properties: PropertySet | None) -> Quality:
    said = properties.get("Quality") if properties else None
    if said is not None:
        return to_quality(said.value)
    return Quality.BAD if value is None else _GOOD
