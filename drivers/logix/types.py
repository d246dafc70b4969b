"""Logix memory of every data type: bytes to values and values to bytes (little-endian).

Values are those of ``engine.model.Value``; TIME in milliseconds. Nothing out of range is encoded.
"""

import math
import struct
from typing import cast

from drivers.logix.symbols import BOOL, ELEMENTARY, SHORT_STRING, SIZES
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, Scalar, TypeSpec, Value

FORMATS: dict[DataType, str] = {
    DataType.BYTE: "B",
    DataType.SINT: "b",
    DataType.USINT: "B",
    DataType.INT: "h",
    DataType.UINT: "H",
    DataType.WORD: "H",
    DataType.DINT: "i",
    DataType.UDINT: "I",
    DataType.DWORD: "I",
    DataType.LINT: "q",
    DataType.ULINT: "Q",
    DataType.REAL: "f",
    DataType.LREAL: "d",
    DataType.TIME: "i",
}
"""``struct`` letters of the types that ``struct`` decodes by itself."""

NOT_A_NUMBER = "the controller holds no number here (NaN or infinite)"
TEXT_START = 4
"""Bytes of the length in front of the characters of a string."""


class DecodeError(ValueError):
    """The bytes are no value of this type; the text says why."""


class EncodeError(ValueError):
    """The value does not fit this type; the text says why."""


def fits(base: DataType, code: int) -> bool:
    """Whether a value declared as this type can be read from what the controller calls ``code``.

    Integers of one width fit each other: the plant file says how their bits are meant.
    """
    if base is DataType.BOOL or code == BOOL:
        return base is DataType.BOOL and code == BOOL
    if base is DataType.STRING or code == SHORT_STRING:
        return base is DataType.STRING and code == SHORT_STRING
    if base not in FORMATS or code not in SIZES:
        return False
    is_float = base in FLOAT_TYPES
    return is_float == (ELEMENTARY[code] in FLOAT_TYPES) and SIZES[code] == struct.calcsize(
        "<" + FORMATS[base]
    )


def decode(spec: TypeSpec, data: bytes) -> Value:
    """One number or an array of them."""
    values = struct.unpack(f"<{max(spec.length, 1)}{FORMATS[spec.base]}", data)
    if spec.base in FLOAT_TYPES and not all(map(math.isfinite, values)):
        raise DecodeError(NOT_A_NUMBER)
    return values if spec.length else cast("Scalar", values[0])


def decode_bits(data: bytes, bit: int, length: int) -> Value:
    """BOOLs from consecutive bits; ``length`` 0: the one at ``bit``."""
    number = int.from_bytes(data, "little") >> bit
    return tuple(bool(number >> n & 1) for n in range(length)) if length else bool(number & 1)


def decode_text(data: bytes, chars: int) -> str:
    """The text in a string structure that has room for ``chars`` characters."""
    length = int.from_bytes(data[:TEXT_START], "little", signed=True)
    if not 0 <= length <= chars:
        raise DecodeError(f"the controller holds a text of {length} characters where {chars} fit")
    return data[TEXT_START : TEXT_START + length].decode("latin-1")


def decode_short_text(data: bytes) -> str:
    """The text in a SHORT_STRING: its length in one byte, then as many characters."""
    if not data or len(data) < 1 + data[0]:
        raise DecodeError("the controller sent a text that is cut off")
    return data[1 : 1 + data[0]].decode("latin-1")


def check(spec: TypeSpec, value: Value) -> tuple[Scalar, ...]:
    """The elements of a value that can be written as this type, one for a scalar. Raises ``EncodeError``."""
    if spec.length:
        if not isinstance(value, tuple) or len(value) != spec.length:
            raise EncodeError(f"{spec.length} values of {spec.base} were expected, not {value!r}")
        elements = value
    else:
        if isinstance(value, tuple):
            raise EncodeError(f"one {spec.base} was expected, not {len(value)} values")
        elements = (value,)
    return tuple(_checked(spec, element) for element in elements)


def encode(base: DataType, elements: tuple[Scalar, ...]) -> bytes:
    """The bytes of checked numbers."""
    return struct.pack(f"<{len(elements)}{FORMATS[base]}", *elements)


def encode_text(text: Scalar, chars: int, size: int) -> bytes:
    """A string structure of ``size`` bytes with room for ``chars`` characters."""
    raw = str(text).encode("latin-1")
    if len(raw) > chars:
        raise EncodeError(f"{len(raw)} characters do not fit: the controller has room for {chars}")
    return (len(raw).to_bytes(TEXT_START, "little") + raw).ljust(size, b"\0")


def encode_short_text(text: Scalar) -> bytes:
    """A SHORT_STRING."""
    raw = str(text).encode("latin-1")
    return bytes((len(raw),)) + raw


def _checked(spec: TypeSpec, value: Scalar) -> Scalar:
    base = spec.base
    if base is DataType.BOOL:
        return _checked_bool(value)
    if base is DataType.STRING:
        return _checked_text(spec, value)
    if base in FLOAT_TYPES:
        return _checked_float(base, value)
    if base in FORMATS:
        return _checked_integer(base, value)
    raise EncodeError(f"these controllers have no {base}")


def _checked_bool(value: Scalar) -> bool:
    if isinstance(value, bool) or value in (0, 1):
        return bool(value)
    raise EncodeError(f"{value!r} is neither on nor off")


def _checked_integer(base: DataType, value: Scalar) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise EncodeError(f"a {base} is a whole number, not {value!r}")
    bits, signed = INTEGER_BITS[base]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= value <= high:
        raise EncodeError(f"{value} does not fit {base} ({low} to {high})")
    return value


def _checked_float(base: DataType, value: Scalar) -> float:
    if isinstance(value, (bool, str)):
        raise EncodeError(f"a {base} is a number, not {value!r}")
    try:
        if not math.isfinite(value):
            raise EncodeError(f"{value} cannot be written to {base}")
        struct.pack("<" + FORMATS[base], value)
    except OverflowError:
        raise EncodeError(f"{value} does not fit {base}") from None
    return float(value)


def _checked_text(spec: TypeSpec, value: Scalar) -> str:
    if not isinstance(value, str):
        raise EncodeError(f"a {spec.base} is text, not {value!r}")
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise EncodeError(
            f"{value[error.start]!r} cannot be written: the controller knows Latin-1 only"
        ) from None
    if len(raw) > spec.chars:
        raise EncodeError(f"{len(raw)} characters do not fit {spec.base} of {spec.chars}")
    return value
