"""Metrics and templates, which hold metrics again, from and to the wire. Pure."""

from collections.abc import Callable, Mapping

from drivers.sparkplug import arrays, datasets, scalars
from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import (
    DataSet,
    MetaData,
    Metric,
    MetricType,
    MetricValue,
    PropertySet,
    Template,
)
from drivers.sparkplug.properties import MAX_DEPTH, read_properties, write_properties
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.templates import read_template, write_template

Declared = Callable[[str | None, int | None], MetricType | None]
"""The type a birth declared for (name, alias); either may be absent."""


def metric_type(pb: PbPayload.Metric) -> MetricType | None:
    """The data type that a metric carries; None where it carries none."""
    number = pb.datatype
    if not number:
        return None
    try:
        return _TYPES[number]
    except KeyError:
        raise PayloadError(f"datatype {number} is unknown") from None


def value_of(pb: PbPayload.Metric, type_: MetricType | None) -> MetricValue | None:
    """The value of a metric of this type; None is null. ``PayloadError`` names the field.

    Without a type the field on the wire decides, and integers are unsigned. A metric without any value
    counts as null, too.
    """
    if pb.is_null:
        return None
    return _READERS[type_](pb)


def read_metric(pb: PbPayload.Metric, declared: Declared | None = None, depth: int = 0) -> Metric:
    """One metric; ``PayloadError`` names the field but not the metric."""
    name = scalars.checked_text(pb.name, "name") if pb.HasField("name") else None
    alias = pb.alias if pb.HasField("alias") else None
    type_ = metric_type(pb)
    if type_ is None and declared is not None:
        type_ = declared(name, alias)
    return Metric(
        name,
        _read_template(pb, depth) if _holds_template(pb, type_) else value_of(pb, type_),
        type_,
        alias,
        pb.timestamp if pb.HasField("timestamp") else None,
        pb.is_historical,
        pb.is_transient,
        _read_metadata(pb.metadata) if pb.HasField("metadata") else None,
        properties_of(pb),
    )


def properties_of(pb: PbPayload.Metric) -> PropertySet | None:
    """The properties of a metric; None where it has none."""
    if not pb.HasField("properties"):
        return None
    return read_properties(pb.properties)


def write_metric(pb: PbPayload.Metric, metric: Metric, datatypes: bool = True, depth: int = 0) -> None:
    """Fill a metric; without ``datatypes`` the type shapes the value but is not written."""
    if metric.type in _PROPERTY_TYPES:
        raise PayloadError(f"datatype {metric.type.title} is for properties, not for metrics")
    _write_head(pb, metric)
    if metric.type is not None and datatypes:
        pb.datatype = metric.type
    if metric.metadata is not None:
        _write_metadata(pb.metadata, metric.metadata)
    if metric.properties is not None:
        pb.properties.SetInParent()
        write_properties(pb.properties, metric.properties)
    if metric.value is None:
        pb.is_null = True
    else:
        _write_value(pb, metric.type, metric.value, depth)


def _write_head(pb: PbPayload.Metric, metric: Metric) -> None:
    if metric.name is not None:
        pb.name = metric.name
    if metric.alias is not None:
        pb.alias = metric.alias
    if metric.timestamp_ms is not None:
        pb.timestamp = metric.timestamp_ms
    if metric.is_historical:
        pb.is_historical = True
    if metric.is_transient:
        pb.is_transient = True


def _write_value(pb: PbPayload.Metric, type_: MetricType | None, value: MetricValue, depth: int) -> None:
    if isinstance(value, Template):
        _require(type_, _TEMPLATES)
        _write_template(pb, value, depth)
    elif isinstance(value, DataSet):
        _require(type_, _DATASETS)
        pb.dataset_value.SetInParent()
        datasets.write_dataset(pb.dataset_value, value)
    elif isinstance(value, bytes):
        _require(type_, _BYTES)
        pb.bytes_value = value
    elif isinstance(value, tuple):
        _require(type_, arrays.ARRAY_TYPES)
        pb.bytes_value = arrays.pack(type_ or MetricType.UNKNOWN, value)
    else:
        scalars.write(pb, type_ or MetricType.UNKNOWN, value)


def _require(type_: MetricType | None, allowed: frozenset[MetricType | None] | frozenset[MetricType]) -> None:
    if type_ not in allowed:
        title = "without a type" if type_ is None else f"of type {type_.title}"
        raise PayloadError(f"the value does not suit a metric {title}")


def _read_by_field(pb: PbPayload.Metric) -> MetricValue | None:
    field = pb.WhichOneof("value")
    reader = _FIELD_READERS.get(field or "")
    return scalars.read_wire(pb) if reader is None else reader(pb)


def _read_bytes(pb: PbPayload.Metric) -> bytes | None:
    field = pb.WhichOneof("value")
    if field == "bytes_value":
        return pb.bytes_value
    if field is None:
        return None
    raise PayloadError(f"bytes are expected in bytes_value, not in {field}")


def _array_reader(type_: MetricType) -> Callable[[PbPayload.Metric], MetricValue | None]:
    def read(pb: PbPayload.Metric) -> MetricValue | None:
        data = _read_bytes(pb)
        return None if data is None else arrays.unpack(type_, data)

    return read


def _read_dataset(pb: PbPayload.Metric) -> DataSet | None:
    field = pb.WhichOneof("value")
    if field is None:
        return None
    if field != "dataset_value":
        raise scalars.other_field(pb, MetricType.DATASET, "dataset_value")
    return datasets.read_dataset(pb.dataset_value)


def _no_value_type(type_: MetricType) -> Callable[[PbPayload.Metric], MetricValue | None]:
    def read(pb: PbPayload.Metric) -> MetricValue | None:
        raise PayloadError(f"datatype {type_.title} is for properties, not for metrics")

    return read


def _holds_template(pb: PbPayload.Metric, type_: MetricType | None) -> bool:
    return type_ in _TEMPLATES and not pb.is_null and pb.HasField("template_value")


def _read_template(pb: PbPayload.Metric, depth: int = 0) -> Template | None:
    field = pb.WhichOneof("value")
    if field is None:
        return None
    if field != "template_value":
        raise scalars.other_field(pb, MetricType.TEMPLATE, "template_value")
    if depth >= MAX_DEPTH:
        raise PayloadError(f"templates are nested more than {MAX_DEPTH} deep")
    return read_template(pb.template_value, lambda member: read_metric(member, None, depth + 1))


def _write_template(pb: PbPayload.Metric, value: Template, depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise PayloadError(f"templates are nested more than {MAX_DEPTH} deep")
    pb.template_value.SetInParent()
    write_template(
        pb.template_value, value, lambda holder, member: write_metric(holder, member, depth=depth + 1)
    )


def _read_metadata(pb: PbPayload.MetaData) -> MetaData:
    fields = {field.name: value for field, value in pb.ListFields() if not field.is_extension}
    for name, value in fields.items():
        if isinstance(value, bytes):
            raise PayloadError(f"metadata.{name} is not valid UTF-8")
    return MetaData(**fields)


def _write_metadata(pb: PbPayload.MetaData, value: MetaData) -> None:
    pb.SetInParent()
    for name in MetaData.__slots__:
        content = getattr(value, name)
        if content is not None:
            setattr(pb, name, content)


_TYPES: Mapping[int, MetricType] = {type_.value: type_ for type_ in MetricType}
_PROPERTY_TYPES = (MetricType.PROPERTY_SET, MetricType.PROPERTY_SET_LIST)
_TEMPLATES: frozenset[MetricType | None] = frozenset({None, MetricType.UNKNOWN, MetricType.TEMPLATE})
_DATASETS: frozenset[MetricType | None] = frozenset({None, MetricType.UNKNOWN, MetricType.DATASET})
_BYTES: frozenset[MetricType | None] = frozenset(
    {None, MetricType.UNKNOWN, MetricType.BYTES, MetricType.FILE}
)

_FIELD_READERS: Mapping[str, Callable[[PbPayload.Metric], MetricValue | None]] = {
    "bytes_value": _read_bytes,
    "dataset_value": _read_dataset,
    "template_value": _read_template,
}
_BASIC_READERS: Mapping[MetricType | None, Callable[[PbPayload.Metric], MetricValue | None]] = dict(
    scalars.READERS.items()
)
_READERS: Mapping[MetricType | None, Callable[[PbPayload.Metric], MetricValue | None]] = {
    **_BASIC_READERS,
    **{type_: _array_reader(type_) for type_ in arrays.ARRAY_TYPES},
    None: _read_by_field,
    MetricType.UNKNOWN: _read_by_field,
    MetricType.BYTES: _read_bytes,
    MetricType.FILE: _read_bytes,
    MetricType.DATASET: _read_dataset,
    MetricType.TEMPLATE: _read_template,
    **{type_: _no_value_type(type_) for type_ in _PROPERTY_TYPES},
}
