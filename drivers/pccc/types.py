"""Values in data files: bytes of whole words to values and back. Nothing out of range is encoded."""

import math
import struct
from collections.abc import Callable

from drivers.pccc.address import ANY_LENGTH, STRING_CHARS, FileType
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, Scalar, TypeSpec, Value

FORMATS: dict[DataType, str] = {
    DataType.INT: "h",
    DataType.UINT: "H",
    DataType.WORD: "H",
    DataType.DINT: "i",
    DataType.UDINT: "I",
    DataType.DWORD: "I",
    DataType.REAL: "f",
}
"""``struct`` letters of the types that ``struct`` decodes by itself."""


class DecodeError(ValueError):
    """The bytes are no value of this type; the text says why."""


class EncodeError(ValueError):
    """The value does not fit this type; the text says why."""


NOT_A_NUMBER = "the controller holds no number here (NaN or infinite)"


def decode(spec: TypeSpec, kind: FileType, data: bytes, bit: int = 0) -> Value:
    """The value in the whole words given; ``bit`` is where a BOOL starts."""
    if spec.base is DataType.BOOL:
        bits = tuple(bool(data[n >> 3] >> (n & 7) & 1) for n in range(bit, bit + max(spec.length, 1)))
        return bits if spec.length else bits[0]
    if spec.base is DataType.STRING:
        return _decode_strings(spec, kind, data)
    values: tuple[Scalar, ...] = struct.unpack(f"<{max(spec.length, 1)}{FORMATS[spec.base]}", data)
    if spec.base in FLOAT_TYPES and not all(map(math.isfinite, values)):  # type: ignore[arg-type]
        raise DecodeError(NOT_A_NUMBER)
    return values if spec.length else values[0]


def encode(spec: TypeSpec, kind: FileType, value: Value) -> bytes:
    """The whole words of a value that is not BOOL (bits are written through a mask)."""
    convert = _encoder(spec, kind)
    return b"".join(convert(element) for element in elements_of(spec, value))


def to_bits(spec: TypeSpec, value: Value) -> tuple[bool, ...]:
    """The bits of a BOOL or an array of them: true, false, 1 or 0."""
    elements = elements_of(spec, value)
    for element in elements:
        if not (isinstance(element, (bool, int, float)) and element in (0, 1)):
            raise EncodeError(f"{element!r} is neither on nor off")
    return tuple(map(bool, elements))


def elements_of(spec: TypeSpec, value: Value) -> tuple[Scalar, ...]:
    """The elements of a value of the declared length; one for a scalar."""
    if spec.length:
        if not isinstance(value, tuple) or len(value) != spec.length:
            raise EncodeError(f"{spec.length} values of {spec.base} were expected, not {value!r}")
        return value
    if isinstance(value, tuple):
        raise EncodeError(f"one {spec.base} was expected, not {len(value)} values")
    return (value,)


_STRING_BYTES = 2 + STRING_CHARS


def _decode_strings(spec: TypeSpec, kind: FileType, data: bytes) -> Value:
    if kind is FileType.ASCII:
        return _swapped(data)[: spec.chars].rstrip(b"\0").decode("latin-1")
    pieces = (data[n : n + _STRING_BYTES] for n in range(0, len(data), _STRING_BYTES))
    texts = tuple(_decode_string(spec, piece) for piece in pieces)
    return texts if spec.length else texts[0]


def _decode_string(spec: TypeSpec, data: bytes) -> str:
    length = int.from_bytes(data[:2], "little")
    if length > STRING_CHARS:
        raise DecodeError("the controller holds no valid text here (its length is out of range)")
    if length > spec.chars:
        raise DecodeError(f"the controller holds a text of {length} characters, {spec.chars} are declared")
    return _swapped(data[2:])[:length].decode("latin-1")


def _encoder(spec: TypeSpec, kind: FileType) -> Callable[[Scalar], bytes]:
    if spec.base is DataType.STRING:
        return lambda value: _encode_string(spec, kind, value)
    if spec.base is DataType.REAL:
        return _encode_real
    return lambda value: _encode_integer(spec.base, value)


def _encode_string(spec: TypeSpec, kind: FileType, value: Scalar) -> bytes:
    if not isinstance(value, str):
        raise EncodeError(f"a STRING is text, not {value!r}")
    raw = _latin_1(value)
    most = STRING_CHARS if spec.chars == ANY_LENGTH else spec.chars
    if len(raw) > most:
        raise EncodeError(f"{len(raw)} characters do not fit STRING of {most}")
    if kind is FileType.ASCII:
        return _swapped(raw.ljust(most + most % 2, b"\0"))
    return len(raw).to_bytes(2, "little") + _swapped(raw.ljust(STRING_CHARS, b"\0"))


def _latin_1(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError as error:
        letter = value[error.start]
        raise EncodeError(f"{letter!r} cannot be written: the controller knows Latin-1 only") from None


def _encode_real(value: Scalar) -> bytes:
    if isinstance(value, (bool, str)):
        raise EncodeError(f"a REAL is a number, not {value!r}")
    try:
        if math.isfinite(value):
            return struct.pack("<f", value)
    except OverflowError:
        raise EncodeError(f"{value} does not fit REAL") from None
    raise EncodeError(f"{value} cannot be written to REAL")


def _encode_integer(base: DataType, value: Scalar) -> bytes:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise EncodeError(f"a {base} is a whole number, not {value!r}")
    bits, signed = INTEGER_BITS[base]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= value <= high:
        raise EncodeError(f"{value} does not fit {base} ({low} to {high})")
    return struct.pack("<" + FORMATS[base], value)


def _swapped(data: bytes) -> bytes:
    """The two bytes of each word the other way round: the first character is the upper one."""
    swapped = bytearray(len(data))
    swapped[0::2], swapped[1::2] = data[1::2], data[0::2]
    return bytes(swapped)
