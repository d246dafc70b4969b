"""Which wire fields and numbers fit which Sparkplug data type. Pure."""

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload as Wire

VALUE_FIELDS = (
    *("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value"),
    *("bytes_value", "dataset_value", "template_value", "extension_value"),
)

_INT = ("int_value",)
_LONG = ("long_value",)
_FIELDS: dict[MetricType, tuple[str, ...]] = {
    MetricType.INT8: _INT,
    MetricType.INT16: _INT,
    MetricType.INT32: _INT,
    MetricType.INT64: _LONG,
    MetricType.UINT8: _INT,
    MetricType.UINT16: _INT,
    # The field is full of nodes that use the longer field; the value survives it.
    MetricType.UINT32: ("int_value", "long_value"),
    MetricType.UINT64: _LONG,
    MetricType.FLOAT: ("float_value",),
    MetricType.DOUBLE: ("double_value",),
    MetricType.BOOLEAN: ("boolean_value",),
    MetricType.STRING: ("string_value",),
    MetricType.DATETIME: _LONG,
    MetricType.TEXT: ("string_value",),
    MetricType.UUID: ("string_value",),
    MetricType.DATASET: ("dataset_value",),
    MetricType.TEMPLATE: ("template_value",),
}

_BITS = {MetricType.INT8: 8, MetricType.INT16: 16, MetricType.UINT8: 8, MetricType.UINT16: 16}
_SIGNED = frozenset({MetricType.INT8, MetricType.INT16})
METRIC_TYPES = frozenset(
    set(MetricType) - {MetricType.UNKNOWN, MetricType.PROPERTY_SET, MetricType.PROPERTY_SET_LIST}
)
PROPERTY_TYPES = frozenset(
    {t for t in MetricType if MetricType.INT8 <= t <= MetricType.TEXT}
    | {MetricType.UUID, MetricType.PROPERTY_SET, MetricType.PROPERTY_SET_LIST}
)
BASIC_TYPES = frozenset(
    {t for t in MetricType if MetricType.INT8 <= t <= MetricType.TEXT} | {MetricType.UUID}
)

_INTEGERS = frozenset(t for t in MetricType if MetricType.INT8 <= t <= MetricType.UINT64)


def value_fields(metric: Wire.Metric) -> list[str]:
    """Every value field a metric has; a oneof has one at most."""
    which = metric.WhichOneof("value")
    return [which] if which else []


def misfit(metric: Wire.Metric, kind: MetricType) -> str:
    """What is wrong with the value of a metric of this type; empty where it fits or is null."""
    which = metric.WhichOneof("value")
    if which is None:
        return ""
    allowed = _FIELDS.get(kind, ("bytes_value",))
    if which not in allowed:
        return f"{kind.title} in {which}, expected {' or '.join(allowed)}"
    if kind in _BITS and not _fits(metric.int_value, _BITS[kind], kind in _SIGNED):
        return f"{metric.int_value} does not fit into {kind.title}"
    return ""


def _fits(number: int, bits: int, signed: bool) -> bool:
    """Negative numbers travel as two's complement of their own width or of 32 bits."""
    if number < 1 << bits:
        return True
    return signed and number >= (1 << 32) - (1 << (bits - 1))


def integer_of(metric: Wire.Metric) -> int | None:
    """The value of an integer metric, in whichever integer field it came."""
    which = metric.WhichOneof("value")
    if which == "long_value":
        return metric.long_value
    return metric.int_value if which == "int_value" else None


def is_integer(kind: MetricType | None) -> bool:
    return kind in _INTEGERS


def to_kind(number: int) -> MetricType | None:
    """The data type of this number; None where there is none."""
    try:
        return MetricType(number)
    except ValueError:
        return None


def fingerprint(metric: Wire.Metric) -> bytes:
    """Equal for two reports of the same value with the same properties."""
    copy = Wire.Metric()
    copy.CopyFrom(metric)
    for name in ("name", "alias", "timestamp", "datatype", "is_historical", "is_transient", "metadata"):
        copy.ClearField(name)
    return copy.SerializeToString(deterministic=True)
