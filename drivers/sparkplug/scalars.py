"""Basic values on the wire: integers in two's complement, floats, booleans, text. Pure.

Every place of a payload that holds a value (metric, property, parameter of a template, element of a
data set) has the same fields for it, so that one reader and one writer per type serve all of them.

Reading is generous where the field is known to be: a negative Int8 is 0xFF or 0xFFFFFFFF, and any
integer may come in int_value or long_value. Writing follows the specification.
"""

import struct
from collections.abc import Callable, Mapping

from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import Basic, MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload

Holder = (
    PbPayload.Metric | PbPayload.PropertyValue | PbPayload.Template.Parameter | PbPayload.DataSet.DataSetValue
)
"""A message with a value."""

INTEGERS: dict[MetricType, tuple[int, bool]] = {
    MetricType.INT8: (8, True),
    MetricType.INT16: (16, True),
    MetricType.INT32: (32, True),
    MetricType.INT64: (64, True),
    MetricType.UINT8: (8, False),
    MetricType.UINT16: (16, False),
    MetricType.UINT32: (32, False),
    MetricType.UINT64: (64, False),
    MetricType.DATETIME: (64, False),
}
"""Bits and signedness of every type whose value is an integer."""

TEXTS = frozenset({MetricType.STRING, MetricType.TEXT, MetricType.UUID})


def integer_limits(type_: MetricType) -> tuple[int, int]:
    """Lowest and highest value of an integer type."""
    bits, signed = INTEGERS[type_]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def read_wire(holder: Holder) -> Basic | None:
    """The value as its field tells it where no type is known; integers are unsigned."""
    field = holder.WhichOneof("value")
    if field is None:
        return None
    if field not in _BASIC_FIELDS:
        raise PayloadError(f"{field} cannot be read here")
    value: Basic = _text(holder) if field == "string_value" else getattr(holder, field)
    return value


def checked_text(text: str, field: str) -> str:
    """A text of the wire: protobuf hands out bytes where it is not UTF-8."""
    if isinstance(text, str):
        return text
    raise PayloadError(f"{field} is not valid UTF-8")


def write(holder: Holder, type_: MetricType, value: Basic) -> None:
    """Put a value into the field of its type; ``PayloadError`` where it does not fit."""
    writer = WRITERS.get(type_)
    if writer is None:
        raise PayloadError(f"{type_.title} is no basic type")
    writer(holder, value)


def write_untyped(holder: Holder, value: Basic) -> None:
    """Put a value of unknown type into the field that suits the Python value."""
    if isinstance(value, bool):
        holder.boolean_value = value
    elif isinstance(value, int):
        _write_untyped_integer(holder, value)
    elif isinstance(value, float):
        holder.double_value = value
    else:
        _write_text(holder, value)


def other_field(holder: Holder, type_: MetricType, expected: str) -> PayloadError:
    """The error for a value in a field that does not belong to its type."""
    return PayloadError(f"{type_.title} is expected in {expected}, not in {holder.WhichOneof('value')}")


def _signed_reader(type_: MetricType) -> Callable[[Holder], int | None]:
    bits, _ = INTEGERS[type_]
    half, full = 1 << bits - 1, 1 << bits

    def read(holder: Holder) -> int | None:
        raw: int = holder.int_value or holder.long_value
        if not raw:
            return _zero(holder, type_)
        if raw < half:
            return raw
        if raw < full:
            return raw - full
        # Sign-extended to the width of the field, or a 32 bit value in long_value.
        for width in (1 << 32, 1 << 64):
            if width - half <= raw < width:
                return raw - width
        raise PayloadError(f"{holder.WhichOneof('value')} {raw} does not fit {type_.title}")

    return read


def _unsigned_reader(type_: MetricType) -> Callable[[Holder], int | None]:
    full = 1 << INTEGERS[type_][0]

    def read(holder: Holder) -> int | None:
        raw: int = holder.int_value or holder.long_value
        if not raw:
            return _zero(holder, type_)
        if raw < full:
            return raw
        raise PayloadError(f"{holder.WhichOneof('value')} {raw} does not fit {type_.title}")

    return read


def _zero(holder: Holder, type_: MetricType) -> int | None:
    """Zero where an integer field is set, None where no field is."""
    field = holder.WhichOneof("value")
    if field in ("int_value", "long_value"):
        return 0
    if field is None:
        return None
    raise other_field(holder, type_, "int_value or long_value")


def _read_float(holder: Holder) -> float | None:
    value = holder.float_value or holder.double_value
    return value or _zero_float(holder, MetricType.FLOAT)


def _read_double(holder: Holder) -> float | None:
    value = holder.double_value or holder.float_value
    return value or _zero_float(holder, MetricType.DOUBLE)


def _zero_float(holder: Holder, type_: MetricType) -> float | None:
    field = holder.WhichOneof("value")
    if field == "float_value":
        return holder.float_value
    if field == "double_value":
        return holder.double_value
    if field is None:
        return None
    raise other_field(holder, type_, "float_value" if type_ is MetricType.FLOAT else "double_value")


def _read_boolean(holder: Holder) -> bool | None:
    if holder.boolean_value:
        return True
    field = holder.WhichOneof("value")
    if field == "boolean_value":
        return False
    if field is None:
        return None
    raise other_field(holder, MetricType.BOOLEAN, "boolean_value")


def _text_reader(type_: MetricType) -> Callable[[Holder], str | None]:
    def read(holder: Holder) -> str | None:
        field = holder.WhichOneof("value")
        if field == "string_value":
            return _text(holder)
        if field is None:
            return None
        raise other_field(holder, type_, "string_value")

    return read


def _text(holder: Holder) -> str:
    return checked_text(holder.string_value, "string_value")


def _integer_writer(type_: MetricType) -> Callable[[Holder, Basic], None]:
    low, high = integer_limits(type_)
    bits = INTEGERS[type_][0]
    # Int8..Int32 travel as 32 bits, everything wider as 64.
    mask = (1 << 32) - 1 if bits <= 32 else (1 << 64) - 1

    def write(holder: Holder, value: Basic) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise PayloadError(f"{value!r} is no {type_.title}")
        if not low <= value <= high:
            raise PayloadError(f"{value} does not fit {type_.title} ({low} to {high})")
        if bits <= 32:
            holder.int_value = value & mask
        else:
            holder.long_value = value & mask

    return write


def _write_untyped_integer(holder: Holder, value: int) -> None:
    if 0 <= value < 1 << 32:
        holder.int_value = value
    elif -(1 << 63) <= value < 1 << 64:
        holder.long_value = value & ((1 << 64) - 1)
    else:
        raise PayloadError(f"{value} does not fit 64 bits")


def _write_float(holder: Holder, value: Basic) -> None:
    number = _number(value, MetricType.FLOAT)
    try:
        struct.pack("<f", number)
    except OverflowError:
        raise PayloadError(f"{value} does not fit Float") from None
    holder.float_value = number


def _write_double(holder: Holder, value: Basic) -> None:
    holder.double_value = _number(value, MetricType.DOUBLE)


def _number(value: Basic, type_: MetricType) -> float:
    if isinstance(value, (bool, str)):
        raise PayloadError(f"{value!r} is no {type_.title}")
    try:
        return float(value)
    except OverflowError:
        raise PayloadError(f"{value} does not fit {type_.title}") from None


def _write_boolean(holder: Holder, value: Basic) -> None:
    if not isinstance(value, bool):
        raise PayloadError(f"{value!r} is no Boolean")
    holder.boolean_value = value


def _write_text(holder: Holder, value: Basic) -> None:
    if not isinstance(value, str):
        raise PayloadError(f"{value!r} is no text")
    try:
        holder.string_value = value
    except UnicodeEncodeError:
        raise PayloadError(f"{value!r} cannot be written as UTF-8") from None


_BASIC_FIELDS = frozenset(
    {"int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value"}
)

READERS: Mapping[MetricType, Callable[[Holder], Basic | None]] = {
    **{
        type_: (_signed_reader if signed else _unsigned_reader)(type_)
        for type_, (_, signed) in INTEGERS.items()
    },
    MetricType.UNKNOWN: read_wire,
    MetricType.FLOAT: _read_float,
    MetricType.DOUBLE: _read_double,
    MetricType.BOOLEAN: _read_boolean,
    **{type_: _text_reader(type_) for type_ in TEXTS},
}
"""How to read a basic value of each type; None where no field is set."""

WRITERS: Mapping[MetricType, Callable[[Holder, Basic], None]] = {
    **{type_: _integer_writer(type_) for type_ in INTEGERS},
    MetricType.UNKNOWN: write_untyped,
    MetricType.FLOAT: _write_float,
    MetricType.DOUBLE: _write_double,
    MetricType.BOOLEAN: _write_boolean,
    **dict.fromkeys(TEXTS, _write_text),
}
"""How to write a basic value of each type."""

BASIC_TYPES = frozenset(READERS) - {MetricType.UNKNOWN}
"""The types a column of a data set or a parameter of a template may have."""
