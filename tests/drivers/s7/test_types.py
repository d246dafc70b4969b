"""Memory layout of every type, checked by round trips and against python-snap7's own getters."""

import datetime as dt
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snap7 import util

from drivers.s7.types import DecodeError, EncodeError, array_elements, decode, encode, size_of, to_bool
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, Scalar, TypeSpec, parse_type

LATIN = st.characters(max_codepoint=255)


def integers(base: DataType) -> st.SearchStrategy[int]:
    bits, signed = INTEGER_BITS[base]
    if base is DataType.TOD:
        return st.integers(0, 86_399_999)
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)


def moments(first: int, last: int) -> st.SearchStrategy[dt.datetime]:
    return st.datetimes(dt.datetime(first, 1, 1), dt.datetime(last, 12, 31)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    )


def iso(moment: dt.datetime, nanoseconds: int, digits: int) -> str:
    return f"{moment.isoformat()}.{nanoseconds:09d}"[: 20 + digits]


SCALARS: dict[DataType, st.SearchStrategy[Scalar]] = {
    **{base: integers(base) for base in INTEGER_BITS},
    DataType.REAL: st.floats(allow_nan=False, allow_infinity=False, width=32),
    DataType.LREAL: st.floats(allow_nan=False, allow_infinity=False),
    DataType.CHAR: LATIN,
    DataType.STRING: st.text(LATIN, max_size=9),
    DataType.WSTRING: st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=9),
    DataType.DATE: st.dates(dt.date(1990, 1, 1), dt.date(2168, 12, 31)).map(dt.date.isoformat),
    DataType.DATE_AND_TIME: st.builds(
        lambda moment, ms: iso(moment, ms * 1_000_000, 3), moments(1990, 2089), st.integers(0, 999)
    ),
    DataType.DTL: st.builds(
        lambda moment, us: iso(moment, us * 1000, 3 if us % 1000 == 0 else 6),
        moments(1970, 2261),
        st.integers(0, 999_999),
    ),
}


def typed_values(length: int = 0) -> st.SearchStrategy[tuple[TypeSpec, object]]:
    def of(base: DataType) -> st.SearchStrategy[tuple[TypeSpec, object]]:
        chars = 9 if base in (DataType.STRING, DataType.WSTRING) else 254
        values: st.SearchStrategy[object] = SCALARS[base]
        if length:
            values = st.lists(SCALARS[base], min_size=length, max_size=length).map(tuple)
        return st.tuples(st.just(TypeSpec(base, length, chars)), values)

    return st.sampled_from(sorted(SCALARS)).flatmap(of)


@given(typed_values())
def test_what_is_encoded_is_decoded(typed: tuple[TypeSpec, Scalar]) -> None:
    spec, value = typed
    raw = encode(spec, value)
    assert len(raw) == size_of(spec)
    assert decode(spec, raw) == value


@given(typed_values(length=3))
def test_arrays_of_everything_are_encoded_and_decoded(typed: tuple[TypeSpec, tuple[Scalar, ...]]) -> None:
    spec, value = typed
    raw = encode(spec, value)
    assert len(raw) == size_of(spec)
    assert decode(spec, raw) == value


@given(typed_values())
def test_python_snap7_reads_the_same_value(typed: tuple[TypeSpec, Scalar]) -> None:
    spec, value = typed
    raw = bytearray(encode(spec, value))
    assert _oracle(spec.base, raw, value)


def _oracle(base: DataType, raw: bytearray, value: Scalar) -> bool:
    if base is DataType.TIME:
        assert isinstance(value, int)
        days, hours, minutes, rest = util.get_time(raw, 0).lstrip("-").split(":")
        seconds = (int(days) * 24 + int(hours)) * 60 + int(minutes)
        return seconds * 60_000 + round(float(rest) * 1000) == abs(value)
    if base is DataType.TOD:
        return bool(util.get_tod(raw, 0) == dt.timedelta(milliseconds=int(value)))
    if base is DataType.DATE:
        return bool(util.get_date(raw, 0).isoformat() == value)
    if base is DataType.DATE_AND_TIME:
        return bool(util.get_dt(raw, 0)[:23] == value)
    if base is DataType.DTL:
        return bool(util.get_dtl(raw, 0) == dt.datetime.fromisoformat(str(value)))
    getters = {
        DataType.BYTE: util.get_byte,
        DataType.SINT: util.get_sint,
        DataType.USINT: util.get_usint,
        DataType.INT: util.get_int,
        DataType.UINT: util.get_uint,
        DataType.WORD: util.get_word,
        DataType.DINT: util.get_dint,
        DataType.UDINT: util.get_udint,
        DataType.DWORD: util.get_dword,
        DataType.LINT: util.get_lint,
        DataType.ULINT: util.get_ulint,
        DataType.REAL: util.get_real,
        DataType.LREAL: util.get_lreal,
        DataType.CHAR: util.get_char,
        DataType.STRING: util.get_string,
        DataType.WSTRING: util.get_wstring,
    }
    return bool(getters[base](raw, 0) == value)


@given(st.binary(min_size=4, max_size=4), st.integers(0, 7), st.integers(1, 24))
def test_arrays_of_bool_are_packed_from_the_given_bit(raw: bytes, bit: int, length: int) -> None:
    expected = tuple(util.get_bool(bytearray(raw), n // 8, n % 8) for n in range(bit, bit + length))
    assert decode(TypeSpec(DataType.BOOL, length), raw, bit) == expected


@pytest.mark.parametrize(
    ("type_text", "bit", "size"),
    [
        ("BOOL", 7, 1),
        ("BOOL[9]", 0, 2),
        ("BOOL[9]", 7, 2),
        ("BOOL[10]", 7, 3),
        ("REAL", 0, 4),
        ("REAL[10]", 0, 40),
        ("CHAR[3]", 0, 3),
        ("STRING", 0, 256),
        ("STRING[5]", 0, 7),
        ("STRING[5][3]", 0, 23),
        ("WSTRING[10]", 0, 24),
        ("DATE", 0, 2),
        ("DATE_AND_TIME", 0, 8),
        ("DTL", 0, 12),
    ],
)
def test_sizes_are_those_of_step_7(type_text: str, bit: int, size: int) -> None:
    assert size_of(parse_type(type_text), bit) == size


@pytest.mark.parametrize(
    ("type_text", "value"),
    [
        ("BYTE", 256),
        ("SINT", -129),
        ("INT", 32768),
        ("UINT", -1),
        ("DINT", 2**31),
        ("ULINT", 2**64),
        ("INT", 1.5),
        ("INT", "7"),
        ("INT", True),
        ("REAL", 1e39),
        ("REAL", math.nan),
        ("LREAL", math.inf),
        ("LREAL", 10**400),
        ("REAL", True),
        ("TOD", 86_400_000),
        ("CHAR", "ab"),
        ("CHAR", "€"),
        ("STRING[3]", "abcd"),
        ("STRING[3]", "€"),
        ("STRING[3]", 5),
        ("WSTRING[3]", "ab😀"),
        ("WSTRING[3]", "\ud800"),
        ("DATE", "1989-12-31"),
        ("DATE", "31.03.2026"),
        ("DATE_AND_TIME", "2090-01-01T00:00:00"),
        ("DATE_AND_TIME", "2026-01-01T00:00:00.0001"),
        ("DTL", "2026-01-01T00:00:00Z"),
        ("DTL", "2026-01-01T00:00:00.1234567891"),
        ("DTL", "yesterday"),
        ("REAL", (1.0, 2.0)),
        ("REAL[3]", (1.0, 2.0)),
        ("REAL[3]", 1.0),
    ],
)
def test_what_does_not_fit_is_refused(type_text: str, value: object) -> None:
    with pytest.raises(EncodeError):
        encode(parse_type(type_text), value)  # type: ignore[arg-type]


def test_a_whole_float_may_be_written_to_an_integer() -> None:
    assert encode(parse_type("INT"), 58.0) == b"\x00\x3a"


def test_only_on_and_off_are_written_to_a_bool() -> None:
    assert (to_bool(True), to_bool(0), to_bool(1.0)) == (True, False, True)
    with pytest.raises(EncodeError):
        to_bool(2)
    with pytest.raises(EncodeError):
        array_elements(parse_type("BOOL[2]"), True)


@pytest.mark.parametrize(
    ("type_text", "raw"),
    [
        ("REAL", struct.pack(">f", math.nan)),
        ("REAL[2]", struct.pack(">2f", 1.0, math.inf)),
        ("LREAL", struct.pack(">d", math.inf)),
        ("STRING[3]", b"\x03\x04abc"),
        ("WSTRING[2]", b"\x00\x02\x00\x03abcd"),
        ("WSTRING[2]", b"\x00\x02\x00\x01\xd8\x00\x00\x00"),
        ("DATE_AND_TIME", b"\x26\x13\x01\x00\x00\x00\x00\x00"),
        ("DATE_AND_TIME", b"\xff" * 8),
        ("DTL", bytes(12)),
        ("DTL", struct.pack(">HBBBBBBI", 2026, 1, 1, 1, 0, 0, 0, 2**32 - 1)),
    ],
)
def test_bytes_that_are_no_value_are_an_error(type_text: str, raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(parse_type(type_text), raw)


@given(st.sampled_from(sorted(DataType)), st.integers(0, 3), st.data())
def test_no_bytes_raise_anything_but_a_decode_error(base: DataType, length: int, data: st.DataObject) -> None:
    spec = TypeSpec(base, length, 5)
    raw = data.draw(st.binary(min_size=size_of(spec), max_size=size_of(spec)))
    try:
        value = decode(spec, raw)
    except DecodeError:
        return
    assert isinstance(value, tuple) == bool(length)
    assert base in FLOAT_TYPES or value == value
