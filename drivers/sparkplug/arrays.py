"""Array types: packed little-endian in ``bytes_value``. Pure.

The examples of the specification show floats big-endian while its text says little-endian; the text
is followed, as every implementation does.
"""

import struct
from collections.abc import Sequence

from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import Basic, MetricType

_FORMATS = {
    MetricType.INT8_ARRAY: "b",
    MetricType.INT16_ARRAY: "h",
    MetricType.INT32_ARRAY: "i",
    MetricType.INT64_ARRAY: "q",
    MetricType.UINT8_ARRAY: "B",
    MetricType.UINT16_ARRAY: "H",
    MetricType.UINT32_ARRAY: "I",
    MetricType.UINT64_ARRAY: "Q",
    MetricType.FLOAT_ARRAY: "f",
    MetricType.DOUBLE_ARRAY: "d",
    MetricType.DATETIME_ARRAY: "Q",
}
ARRAY_TYPES = frozenset({*_FORMATS, MetricType.BOOLEAN_ARRAY, MetricType.STRING_ARRAY})
_FLOATS = (MetricType.FLOAT_ARRAY, MetricType.DOUBLE_ARRAY)


def unpack(type_: MetricType, data: bytes) -> tuple[Basic, ...]:
    """The elements of an array."""
    if type_ is MetricType.BOOLEAN_ARRAY:
        return _unpack_booleans(data)
    if type_ is MetricType.STRING_ARRAY:
        return _unpack_strings(data)
    letter = _FORMATS[type_]
    size = struct.calcsize("<" + letter)
    if len(data) % size:
        raise PayloadError(f"bytes_value of {len(data)} bytes is no {type_.title} of {size} byte elements")
    return struct.unpack(f"<{len(data) // size}{letter}", data)


def pack(type_: MetricType, values: Sequence[Basic]) -> bytes:
    """The bytes of an array; ``PayloadError`` where an element is of another type."""
    if type_ is MetricType.BOOLEAN_ARRAY:
        return _pack_booleans(values)
    if type_ is MetricType.STRING_ARRAY:
        return _pack_strings(values)
    accepted = (int, float) if type_ in _FLOATS else (int,)
    for index, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, accepted):
            raise PayloadError(f"element {index}, {value!r}, does not belong into a {type_.title}")
    try:
        return struct.pack(f"<{len(values)}{_FORMATS[type_]}", *values)
    except (struct.error, OverflowError) as error:
        raise PayloadError(f"an element does not fit {type_.title}: {error}") from None


def _unpack_booleans(data: bytes) -> tuple[bool, ...]:
    """Four bytes of count, then the bits, the first one highest."""
    count = int.from_bytes(data[:4], "little")
    if len(data) < 4 or len(data) - 4 != (count + 7) // 8:
        raise PayloadError(f"bytes_value of {len(data)} bytes is no BooleanArray of {count} elements")
    return tuple(bool(data[4 + (n >> 3)] & 0x80 >> (n & 7)) for n in range(count))


def _pack_booleans(values: Sequence[Basic]) -> bytes:
    packed = bytearray((len(values) + 7) // 8)
    for index, value in enumerate(values):
        if not isinstance(value, bool):
            raise PayloadError(f"element {index}, {value!r}, does not belong into a BooleanArray")
        if value:
            packed[index >> 3] |= 0x80 >> (index & 7)
    return len(values).to_bytes(4, "little") + packed


def _unpack_strings(data: bytes) -> tuple[str, ...]:
    if not data:
        return ()
    if data[-1]:
        raise PayloadError("bytes_value is no StringArray: the last text has no NUL at its end")
    try:
        return tuple(part.decode() for part in data[:-1].split(b"\0"))
    except UnicodeDecodeError:
        raise PayloadError("a text of the StringArray is not valid UTF-8") from None


def _pack_strings(values: Sequence[Basic]) -> bytes:
    packed = bytearray()
    for index, value in enumerate(values):
        if not isinstance(value, str) or "\0" in value:
            raise PayloadError(f"element {index}, {value!r}, does not belong into a StringArray")
        try:
            packed += value.encode() + b"\0"
        except UnicodeEncodeError:
            raise PayloadError(f"element {index}, {value!r}, cannot be written as UTF-8") from None
    return bytes(packed)
