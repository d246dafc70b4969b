"""The edge node's metrics: aliases, types, properties, and what births and data say of them. Pure.

Every tag has one alias, unique over the node and all its devices, for as long as the program runs.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from drivers.sparkplug.edge_model import EdgeDevice, EdgeSettings
from drivers.sparkplug.model import Metric, MetricType, MetricValue, Property, PropertySet
from drivers.sparkplug.types import to_metric_type, to_metric_value
from engine.model import NUMERIC_TYPES, DataType, Quality, Sample, TagDef, TypeSpec

REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"
WAITING = "Store and Forward/Values Waiting"
LOST = "Store and Forward/Values Lost"

_QUALITY_CODES = {
    Quality.GOOD: 192,
    Quality.BAD: 0,
    Quality.STALE: 500,
    # The specification knows three qualities. A doubtful value is kept, and said to be not current.
    Quality.UNCERTAIN: 500,
}


class EdgeMetric(NamedTuple):
    """A tag as a metric; ``spec`` is the type of its value in engineering units."""

    tag: TagDef
    device: str
    alias: int
    spec: TypeSpec
    type: MetricType
    properties: PropertySet


class Catalogue:
    """All metrics of the node and its devices."""

    def __init__(self, devices: Iterable[EdgeDevice]) -> None:
        # 0 is left out: there are hosts which take it for "no alias".
        self.node_aliases: Mapping[str, int] = {WAITING: 1, LOST: 2}
        self._aliases: dict[str, int] = {}
        self._devices = {device.id: self._metrics(device) for device in devices}
        self._index()

    def replace(self, device: EdgeDevice) -> None:
        """Other metrics for a device, or a new one. What had an alias keeps it; other threads may read."""
        self._devices = {**self._devices, device.id: self._metrics(device)}
        self._index()

    def remove(self, device: str) -> None:
        self._devices = {name: metrics for name, metrics in self._devices.items() if name != device}
        self._index()

    def _metrics(self, device: EdgeDevice) -> tuple[EdgeMetric, ...]:
        first = len(self.node_aliases) + 1
        aliases = self._aliases
        return tuple(
            _edge_metric(device.id, tag, aliases.setdefault(tag.key, first + len(aliases)))
            for tag in device.tags
        )

    def _index(self) -> None:
        metrics = [each for metrics in self._devices.values() for each in metrics]
        self._by_key = {metric.tag.key: metric for metric in metrics}
        self._by_alias = {metric.alias: metric for metric in metrics}
        self._by_name = {(metric.device, metric.tag.name): metric for metric in metrics}

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(self._devices)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def of_device(self, device: str) -> tuple[EdgeMetric, ...]:
        return self._devices[device]

    def of_key(self, key: str) -> EdgeMetric | None:
        return self._by_key.get(key)

    def of_alias(self, alias: int) -> EdgeMetric | None:
        return self._by_alias.get(alias)

    def of_name(self, device: str, name: str) -> EdgeMetric | None:
        return self._by_name.get((device, name))


def quality_code(quality: Quality) -> int:
    """The Quality property: 192 good, 0 bad, 500 stale."""
    return _QUALITY_CODES[quality]


def node_birth_metrics(
    settings: EdgeSettings, catalogue: Catalogue, bd_seq: int, figures: Mapping[str, int], now_ms: int
) -> tuple[Metric, ...]:
    """The metrics of an NBIRTH; ``figures`` are the values of ``Catalogue.node_aliases``."""
    facts = {
        "Properties/Software": "Brimline",
        "Properties/Version": settings.version,
        "Properties/Site": settings.site,
    }
    return (
        bd_seq_metric(bd_seq, now_ms),
        Metric(REBIRTH, False, MetricType.BOOLEAN, timestamp_ms=now_ms),
        *(Metric(name, text, MetricType.STRING, timestamp_ms=now_ms) for name, text in facts.items() if text),
        *(
            Metric(name, figures.get(name, 0), MetricType.INT64, alias, now_ms)
            for name, alias in catalogue.node_aliases.items()
        ),
    )


def bd_seq_metric(bd_seq: int, now_ms: int) -> Metric:
    return Metric(BD_SEQ, bd_seq, MetricType.INT64, timestamp_ms=now_ms)


def node_data_metric(alias: int, value: int, now_ms: int) -> Metric:
    return Metric(None, value, MetricType.INT64, alias, now_ms)


def birth_metric(metric: EdgeMetric, sample: Sample | None, now_ms: int) -> Metric:
    """A tag in a DBIRTH: everything there is to know of it, and its value now or null."""
    value, code, time_ms = _content(metric, sample, now_ms)
    properties = {**_quality_property(code), **metric.properties}
    return Metric(metric.tag.name, value, metric.type, metric.alias, time_ms, properties=properties)


def data_metric(metric: EdgeMetric, sample: Sample, known_code: int | None, historical: bool) -> Metric:
    """A tag in a DDATA: alias, value and time; its quality where it is not good or not ``known_code``.

    The type only tells how the value is written.
    """
    value, code, time_ms = _content(metric, sample, 0)
    properties = None if code == known_code == 192 else _quality_property(code)
    return Metric(None, value, metric.type, metric.alias, time_ms, historical, properties=properties)


def sent_code(metric: Metric) -> int | None:
    """The quality a metric carries, None if it carries none."""
    quality = (metric.properties or {}).get("Quality")
    return quality.value if quality is not None and isinstance(quality.value, int) else None


def _content(metric: EdgeMetric, sample: Sample | None, now_ms: int) -> tuple[MetricValue | None, int, int]:
    if sample is None or not sample.source_time_us:
        return None, 0, now_ms
    time_ms = sample.source_time_us // 1000
    if sample.quality is Quality.BAD:
        return None, 0, time_ms
    value = sample.value
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")
    try:
        return to_metric_value(metric.spec, value), quality_code(sample.quality), time_ms
    except ValueError:
        # Such as a REAL that is not a number: there is no value that could be shown.
        return None, 0, time_ms


def _edge_metric(device: str, tag: TagDef, alias: int) -> EdgeMetric:
    spec = tag.type
    if tag.scaling is not None and spec.base in NUMERIC_TYPES:
        spec = TypeSpec(DataType.LREAL, spec.length)
    return EdgeMetric(tag, device, alias, spec, to_metric_type(spec), _properties(tag))


def _properties(tag: TagDef) -> PropertySet:
    properties: PropertySet = {}
    if tag.unit:
        properties["engUnit"] = Property(MetricType.STRING, tag.unit)
    if tag.range is not None:
        properties["engLow"] = Property(MetricType.DOUBLE, float(tag.range[0]))
        properties["engHigh"] = Property(MetricType.DOUBLE, float(tag.range[1]))
    properties["writable"] = Property(MetricType.BOOLEAN, tag.writable)
    if tag.description:
        properties["description"] = Property(MetricType.STRING, tag.description)
    return properties


def _quality_property(code: int) -> PropertySet:
    return {"Quality": Property(MetricType.INT32, code)}
