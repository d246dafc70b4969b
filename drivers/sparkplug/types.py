"""Between the data types of tags and those of Sparkplug. Pure."""

import math
import struct
from collections.abc import Callable

from drivers.sparkplug.model import DataSet, MetricType, MetricValue, Template
from engine.model import FLOAT_TYPES, INTEGER_BITS, TEXT_TYPES, DataType, Scalar, TypeSpec, Value


class ConversionError(ValueError):
    """A value cannot become one of the other type without loss; the text says why."""


def to_metric_type(spec: TypeSpec) -> MetricType:
    """The Sparkplug type that holds every value of a tag's type."""
    scalar = _SCALARS.get(spec.base, MetricType.STRING)
    return _ARRAYS[scalar] if spec.length else scalar


def to_metric_value(spec: TypeSpec, value: Value | None) -> MetricValue | None:
    """A tag's value as that of a metric of type ``to_metric_type(spec)``; ConversionError if it is none."""
    if value is None:
        return None
    return to_tag_value(spec, value, to_metric_type(spec))


def to_tag_value(spec: TypeSpec, value: MetricValue | None, type: MetricType) -> Value:  # noqa: A002
    """A metric's value as the value of a tag; ConversionError says why it would lose something."""
    if value is None:
        raise ConversionError(f"the metric is null, a {spec} was expected")
    if isinstance(value, (bytes, DataSet, Template)):
        raise ConversionError(f"a {type.title} cannot become a {spec}")
    convert = _CONVERTERS[spec.base]
    if not spec.length:
        if isinstance(value, tuple):
            raise ConversionError(f"one {spec} was expected, not {len(value)} values of a {type.title}")
        return convert(spec, value)
    if not isinstance(value, tuple):
        raise ConversionError(f"{spec.length} values were expected for {spec}, not one {type.title}")
    if len(value) != spec.length:
        raise ConversionError(f"{spec.length} values were expected for {spec}, not {len(value)}")
    return tuple(convert(spec, element) for element in value)


def _to_boolean(spec: TypeSpec, value: Scalar) -> bool:
    if isinstance(value, bool):
        return value
    raise ConversionError(f"{value!r} is neither true nor false, which {spec.base} needs")


def _to_integer(spec: TypeSpec, value: Scalar) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConversionError(f"{value!r} is not a whole number, which {spec.base} needs")
    bits, signed = INTEGER_BITS[spec.base]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= value <= high:
        raise ConversionError(f"{value} does not fit {spec.base} ({low} to {high})")
    return value


def _to_float(spec: TypeSpec, value: Scalar) -> float:
    if isinstance(value, (bool, str)):
        raise ConversionError(f"{value!r} is not a number, which {spec.base} needs")
    try:
        number = float(value)
        if spec.base is DataType.REAL:
            struct.pack("<f", number)
    except OverflowError:
        raise ConversionError(f"{value} does not fit {spec.base}") from None
    if isinstance(value, int) and int(number) != value:
        raise ConversionError(f"{value} cannot be held exactly by {spec.base}")
    if not math.isfinite(number):
        raise ConversionError(f"{value} is not a number that {spec.base} can hold")
    return number


def _to_text(spec: TypeSpec, value: Scalar) -> str:
    if not isinstance(value, str):
        raise ConversionError(f"{value!r} is not text, which {spec.base} needs")
    limit = _text_limit(spec)
    if limit is not None and len(value) > limit:
        raise ConversionError(f"{len(value)} characters do not fit {spec.base} of {limit}")
    return value


def _text_limit(spec: TypeSpec) -> int | None:
    if spec.base is DataType.CHAR:
        return 1
    return spec.chars if spec.base in (DataType.STRING, DataType.WSTRING) else None


_SCALARS = {
    DataType.BOOL: MetricType.BOOLEAN,
    DataType.BYTE: MetricType.UINT8,
    DataType.USINT: MetricType.UINT8,
    DataType.SINT: MetricType.INT8,
    DataType.INT: MetricType.INT16,
    DataType.UINT: MetricType.UINT16,
    DataType.WORD: MetricType.UINT16,
    DataType.DINT: MetricType.INT32,
    DataType.UDINT: MetricType.UINT32,
    DataType.DWORD: MetricType.UINT32,
    DataType.LINT: MetricType.INT64,
    DataType.ULINT: MetricType.UINT64,
    DataType.REAL: MetricType.FLOAT,
    DataType.LREAL: MetricType.DOUBLE,
    DataType.TIME: MetricType.INT32,
    DataType.TOD: MetricType.UINT32,
}
"""Everything else is text."""

_ARRAYS = {
    MetricType.INT8: MetricType.INT8_ARRAY,
    MetricType.INT16: MetricType.INT16_ARRAY,
    MetricType.INT32: MetricType.INT32_ARRAY,
    MetricType.INT64: MetricType.INT64_ARRAY,
    MetricType.UINT8: MetricType.UINT8_ARRAY,
    MetricType.UINT16: MetricType.UINT16_ARRAY,
    MetricType.UINT32: MetricType.UINT32_ARRAY,
    MetricType.UINT64: MetricType.UINT64_ARRAY,
    MetricType.FLOAT: MetricType.FLOAT_ARRAY,
    MetricType.DOUBLE: MetricType.DOUBLE_ARRAY,
    MetricType.BOOLEAN: MetricType.BOOLEAN_ARRAY,
    MetricType.STRING: MetricType.STRING_ARRAY,
}

_CONVERTERS: dict[DataType, Callable[[TypeSpec, Scalar], Scalar]] = {
    DataType.BOOL: _to_boolean,
    **dict.fromkeys(INTEGER_BITS, _to_integer),
    **dict.fromkeys(FLOAT_TYPES, _to_float),
    **dict.fromkeys(TEXT_TYPES, _to_text),
}
