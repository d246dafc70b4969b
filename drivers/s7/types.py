"""S7 memory layout of every data type: sizes, bytes to values and values to bytes (big-endian).

Values are those of ``engine.model.Value``: TIME and TOD in milliseconds, dates as ISO 8601 text.
Nothing out of range is encoded.
"""

import datetime as dt
import math
import struct
from collections.abc import Callable

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
    DataType.TOD: "I",
}
"""``struct`` letters of the types that ``struct`` decodes by itself."""


class DecodeError(ValueError):
    """The bytes are no value of this type; the text says why."""


class EncodeError(ValueError):
    """The value does not fit this type; the text says why."""


NOT_A_NUMBER = "the controller holds no number here (NaN or infinite)"


def size_of(spec: TypeSpec, bit: int = 0) -> int:
    """Bytes from the first to the last that belongs to the value; ``bit`` is where a BOOL starts."""
    if spec.base is DataType.BOOL:
        return (bit + max(spec.length, 1) + 7) // 8
    return _stride(spec) * (max(spec.length, 1) - 1) + _element_size(spec)


def decode(spec: TypeSpec, data: bytes, bit: int = 0) -> Value:
    """The value in the ``size_of`` bytes given."""
    if spec.base is DataType.BOOL:
        bits = tuple(bool(data[n >> 3] >> (n & 7) & 1) for n in range(bit, bit + max(spec.length, 1)))
        return bits if spec.length else bits[0]
    if not spec.length:
        return _decode_element(spec, data)
    if spec.base in FORMATS:
        values: tuple[Scalar, ...] = struct.unpack(f">{spec.length}{FORMATS[spec.base]}", data)
        if spec.base in FLOAT_TYPES and not all(map(math.isfinite, values)):  # type: ignore[arg-type]
            raise DecodeError(NOT_A_NUMBER)
        return values
    stride, size = _stride(spec), _element_size(spec)
    return tuple(_decode_element(spec, data[n * stride : n * stride + size]) for n in range(spec.length))


def encode(spec: TypeSpec, value: Value) -> bytes:
    """The bytes of a value that is not BOOL (a BOOL is written by its bit)."""
    if not spec.length:
        if isinstance(value, tuple):
            raise EncodeError(f"one {spec.base} was expected, not {len(value)} values")
        return _encode_element(spec, value)
    elements = array_elements(spec, value)
    stride = _stride(spec)
    packed = b"".join(_encode_element(spec, element).ljust(stride, b"\0") for element in elements)
    return packed[: size_of(spec)]


def array_elements(spec: TypeSpec, value: Value) -> tuple[Scalar, ...]:
    """The elements of an array value of the declared length."""
    if not isinstance(value, tuple) or len(value) != spec.length:
        raise EncodeError(f"{spec.length} values of {spec.base} were expected, not {value!r}")
    return value


def to_bool(value: Scalar) -> bool:
    """A BOOL to write: true, false, 1 or 0."""
    if isinstance(value, bool) or value in (0, 1):
        return bool(value)
    raise EncodeError(f"{value!r} is neither on nor off")


_EPOCH = dt.date(1990, 1, 1)
_LAST_DATE = dt.date(2168, 12, 31)
_MAX_TOD_MS = 86_399_999
_DTL = struct.Struct(">HBBBBBBI")
_DTL_YEARS = (1970, 2554)
_DT_YEARS = (1990, 2089)


def _element_size(spec: TypeSpec) -> int:
    if spec.base in FORMATS:
        return struct.calcsize(">" + FORMATS[spec.base])
    if spec.base is DataType.STRING:
        return spec.chars + 2
    if spec.base is DataType.WSTRING:
        return 2 * spec.chars + 4
    return _SIZES[spec.base]


def _stride(spec: TypeSpec) -> int:
    """Distance between array elements: a string starts on an even byte."""
    size = _element_size(spec)
    return size + (size & 1) if spec.base is DataType.STRING else size


def _decode_element(spec: TypeSpec, data: bytes) -> Scalar:
    if spec.base in FORMATS:
        value: int | float = struct.unpack(">" + FORMATS[spec.base], data)[0]
        if spec.base in FLOAT_TYPES and not math.isfinite(value):
            raise DecodeError(NOT_A_NUMBER)
        return value
    return _DECODERS[spec.base](spec, data)


def _encode_element(spec: TypeSpec, value: Scalar) -> bytes:
    if spec.base in INTEGER_BITS:
        return struct.pack(">" + FORMATS[spec.base], _checked_integer(spec.base, value))
    if spec.base in FLOAT_TYPES:
        return _encode_float(spec.base, value)
    if not isinstance(value, str):
        raise EncodeError(f"a {spec.base} is text, not {value!r}")
    return _ENCODERS[spec.base](spec, value)


def _checked_integer(base: DataType, value: Scalar) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise EncodeError(f"a {base} is a whole number, not {value!r}")
    bits, signed = INTEGER_BITS[base]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if base is DataType.TOD:
        high = _MAX_TOD_MS
    if not low <= value <= high:
        raise EncodeError(f"{value} does not fit {base} ({low} to {high})")
    return value


def _encode_float(base: DataType, value: Scalar) -> bytes:
    if isinstance(value, (bool, str)):
        raise EncodeError(f"a {base} is a number, not {value!r}")
    try:
        if not math.isfinite(value):
            raise EncodeError(f"{value} cannot be written to {base}")
        return struct.pack(">" + FORMATS[base], value)
    except OverflowError:
        raise EncodeError(f"{value} does not fit {base}") from None


def _decode_char(_spec: TypeSpec, data: bytes) -> str:
    return data.decode("latin-1")


def _encode_char(_spec: TypeSpec, value: str) -> bytes:
    if len(value) != 1:
        raise EncodeError(f"a CHAR is one character, not {value!r}")
    return _latin_1(value)


def _decode_string(spec: TypeSpec, data: bytes) -> str:
    _checked_length(spec, data[1])
    return data[2 : 2 + data[1]].decode("latin-1")


def _encode_string(spec: TypeSpec, value: str) -> bytes:
    raw = _latin_1(value)
    if len(raw) > spec.chars:
        raise EncodeError(f"{len(raw)} characters do not fit {spec.base} of {spec.chars}")
    return bytes((spec.chars, len(raw))) + raw.ljust(spec.chars, b"\0")


def _latin_1(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise EncodeError(
            f"{value[error.start]!r} cannot be written: the controller knows Latin-1 only"
        ) from None


def _decode_wstring(spec: TypeSpec, data: bytes) -> str:
    length = int.from_bytes(data[2:4])
    _checked_length(spec, length)
    try:
        return data[4 : 4 + 2 * length].decode("utf-16-be")
    except UnicodeDecodeError:
        raise DecodeError("the text in the controller is not valid UTF-16") from None


def _encode_wstring(spec: TypeSpec, value: str) -> bytes:
    try:
        raw = value.encode("utf-16-be")
    except UnicodeEncodeError:
        raise EncodeError(f"{value!r} is not valid text") from None
    if len(raw) > 2 * spec.chars:
        raise EncodeError(f"{len(raw) // 2} characters do not fit {spec.base} of {spec.chars}")
    return struct.pack(">HH", spec.chars, len(raw) // 2) + raw.ljust(2 * spec.chars, b"\0")


def _checked_length(spec: TypeSpec, length: int) -> None:
    if length > spec.chars:
        raise DecodeError(f"the controller holds a text of {length} characters, {spec.chars} are declared")


def _decode_date(_spec: TypeSpec, data: bytes) -> str:
    return (_EPOCH + dt.timedelta(days=int.from_bytes(data))).isoformat()


def _encode_date(_spec: TypeSpec, value: str) -> bytes:
    try:
        date = dt.date.fromisoformat(value)
    except ValueError:
        raise EncodeError(f"{value!r} is not a date; expected one like 2026-03-31") from None
    if not _EPOCH <= date <= _LAST_DATE:
        raise EncodeError(f"{value} does not fit DATE ({_EPOCH} to {_LAST_DATE})")
    return (date - _EPOCH).days.to_bytes(2)


def _decode_date_and_time(_spec: TypeSpec, data: bytes) -> str:
    """Eight BCD bytes; the last three digits are milliseconds, then the day of the week."""
    digits = data.hex()
    if not digits[:15].isdecimal():
        raise DecodeError("the controller holds no valid date and time here")
    year, month, day, hour, minute, second = (int(digits[n : n + 2]) for n in range(0, 12, 2))
    year += 1900 if year >= 90 else 2000
    moment = _moment(year, month, day, hour, minute, second)
    return f"{moment.isoformat()}.{digits[12:15]}"


def _encode_date_and_time(_spec: TypeSpec, value: str) -> bytes:
    moment, nanoseconds = _parse_moment(value, _DT_YEARS, "DATE_AND_TIME")
    if nanoseconds % 1_000_000:
        raise EncodeError(f"{value}: a DATE_AND_TIME counts whole milliseconds")
    weekday = moment.isoweekday() % 7 + 1
    return bytes.fromhex(f"{moment:%y%m%d%H%M%S}{nanoseconds // 1_000_000:03d}{weekday}")


def _decode_dtl(_spec: TypeSpec, data: bytes) -> str:
    year, month, day, _weekday, hour, minute, second, nanoseconds = _DTL.unpack(data)
    moment = _moment(year, month, day, hour, minute, second)
    if nanoseconds > 999_999_999:
        raise DecodeError("the controller holds no valid date and time here")
    fraction = f"{nanoseconds:09d}"
    while len(fraction) > 3 and fraction.endswith("000"):
        fraction = fraction[:-3]
    return f"{moment.isoformat()}.{fraction}"


def _encode_dtl(_spec: TypeSpec, value: str) -> bytes:
    moment, nanoseconds = _parse_moment(value, _DTL_YEARS, "DTL")
    weekday = moment.isoweekday() % 7 + 1
    return _DTL.pack(
        moment.year,
        moment.month,
        moment.day,
        weekday,
        moment.hour,
        moment.minute,
        moment.second,
        nanoseconds,
    )


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> dt.datetime:
    try:
        # Controllers keep local time and know no zone.
        return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        raise DecodeError("the controller holds no valid date and time here") from None


def _parse_moment(value: str, years: tuple[int, int], name: str) -> tuple[dt.datetime, int]:
    """ISO 8601 text without a zone as (whole seconds, nanoseconds)."""
    whole, point, fraction = value.partition(".")
    try:
        moment = dt.datetime.fromisoformat(whole)
    except ValueError:
        moment = None
    good_fraction = not point or (fraction.isascii() and fraction.isdecimal() and len(fraction) <= 9)
    if moment is None or moment.tzinfo is not None or moment.microsecond or not good_fraction:
        raise EncodeError(f"{value!r} is not a date and time; expected one like 2026-03-31T14:05:00.250")
    if not years[0] <= moment.year <= years[1]:
        raise EncodeError(f"{value} does not fit {name} ({years[0]} to {years[1]})")
    return moment, int(fraction.ljust(9, "0")) if fraction else 0


_SIZES = {DataType.CHAR: 1, DataType.DATE: 2, DataType.DATE_AND_TIME: 8, DataType.DTL: 12}
_DECODERS: dict[DataType, Callable[[TypeSpec, bytes], Scalar]] = {
    DataType.CHAR: _decode_char,
    DataType.STRING: _decode_string,
    DataType.WSTRING: _decode_wstring,
    DataType.DATE: _decode_date,
    DataType.DATE_AND_TIME: _decode_date_and_time,
    DataType.DTL: _decode_dtl,
}
_ENCODERS: dict[DataType, Callable[[TypeSpec, str], bytes]] = {
    DataType.CHAR: _encode_char,
    DataType.STRING: _encode_string,
    DataType.WSTRING: _encode_wstring,
    DataType.DATE: _encode_date,
    DataType.DATE_AND_TIME: _encode_date_and_time,
    DataType.DTL: _encode_dtl,
}
