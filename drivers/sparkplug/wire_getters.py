"""The shortest way from a metric on the wire to its value, for the usual types and values. Pure.

A getter gives None for zero, false and what is not a finite number, since absent fields read like that, too:
whoever gets None looks closer with ``value_of``.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.types import to_metric_type
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, TypeSpec

_SIGN, _WRAP = 1 << 31, 1 << 32
_LONG_SIGN, _LONG_WRAP = 1 << 63, 1 << 64


def is_direct(spec: TypeSpec, type_: MetricType) -> bool:
    """Whether every value that ``get`` gives is a value of the tag as it is."""
    if spec.length or type_ not in GETTERS:
        return False
    if spec.base is DataType.LREAL and type_ is MetricType.FLOAT:
        return True
    plain = spec.base in INTEGER_BITS or spec.base in FLOAT_TYPES or spec.base is DataType.BOOL
    return plain and to_metric_type(spec) is type_


def look_closer(_metric: PbPayload.Metric) -> None:
    return None


def _get_float(metric: PbPayload.Metric) -> float | None:
    value = metric.float_value
    return value if value and value - value == 0.0 else None


def _get_double(metric: PbPayload.Metric) -> float | None:
    value = metric.double_value
    return value if value and value - value == 0.0 else None


def _get_int32(metric: PbPayload.Metric) -> int | None:
    value = metric.int_value
    return (value - _WRAP if value & _SIGN else value) or None


def _get_int64(metric: PbPayload.Metric) -> int | None:
    value = metric.long_value
    return (value - _LONG_WRAP if value & _LONG_SIGN else value) or None


def _get_true(metric: PbPayload.Metric) -> bool | None:
    return metric.boolean_value or None


def _or_none(get: Callable[[Any], Any]) -> Callable[[PbPayload.Metric], Any]:
    def read(metric: PbPayload.Metric) -> Any:
        return get(metric) or None

    return read


GETTERS: Mapping[MetricType, Callable[[PbPayload.Metric], Any]] = {
    MetricType.FLOAT: _get_float,
    MetricType.DOUBLE: _get_double,
    MetricType.INT32: _get_int32,
    MetricType.INT64: _get_int64,
    MetricType.UINT32: _or_none(attrgetter("int_value")),
    MetricType.UINT64: _or_none(attrgetter("long_value")),
    MetricType.BOOLEAN: _get_true,
}
"""By the type that the birth declared; any other type is looked at closely."""
