"""Values and their bytes in a Logix controller."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.logix import types
from drivers.logix.types import DecodeError, EncodeError
from engine.model import INTEGER_BITS, DataType, TypeSpec, Value, parse_type

INTEGERS = [base for base in INTEGER_BITS if base in types.FORMATS]


@given(st.sampled_from(INTEGERS), st.integers(-(2**64), 2**64))
def test_an_integer_is_written_exactly_or_refused(base: DataType, number: int) -> None:
    bits, signed = INTEGER_BITS[base]
    low = -(1 << bits - 1) if signed else 0
    fits = low <= number < low + (1 << bits)
    try:
        data = types.encode(base, types.check(TypeSpec(base), number))
    except EncodeError:
        assert not fits
        return
    assert fits
    assert types.decode(TypeSpec(base), data) == number


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_real_comes_back(number: float) -> None:
    data = types.encode(DataType.REAL, types.check(TypeSpec(DataType.REAL), number))
    assert types.decode(TypeSpec(DataType.REAL), data) == number


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=50).map(tuple))
def test_an_array_comes_back(numbers: tuple[int, ...]) -> None:
    spec = TypeSpec(DataType.INT, len(numbers))
    assert types.decode(spec, types.encode(DataType.INT, types.check(spec, numbers))) == numbers


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=82))
def test_a_text_comes_back_in_a_structure_of_fixed_size(text: str) -> None:
    data = types.encode_text(text, 82, 88)
    assert len(data) == 88
    assert types.decode_text(data, 82) == text


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=80))
def test_a_short_text_comes_back(text: str) -> None:
    assert types.decode_short_text(types.encode_short_text(text)) == text


@given(st.lists(st.booleans(), min_size=1, max_size=70), st.integers(0, 7))
def test_bits_are_counted_from_the_lowest(bits: list[bool], first: int) -> None:
    data = (sum(bit << n for n, bit in enumerate(bits)) << first).to_bytes(12, "little")
    assert types.decode_bits(data, first, len(bits)) == tuple(bits)
    assert types.decode_bits(data, first, 0) is bits[0]


@pytest.mark.parametrize(
    ("type_text", "value"),
    [
        ("BOOL", 2),
        ("BOOL", "on"),
        ("SINT", 128),
        ("DINT", 2**31),
        ("DINT", 1.5),
        ("DINT", True),
        ("DINT", "1"),
        ("DINT", math.nan),
        ("DINT", (1, 2)),
        ("DINT[3]", (1, 2)),
        ("DINT[2]", 1),
        ("ULINT", -1),
        ("REAL", 1e39),
        ("REAL", math.nan),
        ("REAL", -math.inf),
        ("REAL", True),
        ("LREAL", 10**400),
        ("STRING[3]", "four"),
        ("STRING", "žlutý"),
        ("STRING", 5),
        ("DTL", "2026-03-31T14:05:00"),
    ],
)
def test_what_does_not_fit_is_refused(type_text: str, value: Value) -> None:
    with pytest.raises(EncodeError):
        types.check(parse_type(type_text), value)


@pytest.mark.parametrize(("type_text", "value"), [("DINT", 3.0), ("BOOL", 1), ("REAL", 4)])
def test_numbers_of_another_kind_but_the_same_value_are_taken(type_text: str, value: Value) -> None:
    assert types.check(parse_type(type_text), value) == (value,)


def test_what_is_no_number_is_not_shown_as_one() -> None:
    for broken in (math.nan, math.inf):
        with pytest.raises(DecodeError, match="no number"):
            types.decode(parse_type("REAL[2]"), struct.pack("<2f", 1.0, broken))


@pytest.mark.parametrize("length", [-1, 83, 2**31 - 1])
def test_a_text_longer_than_its_room_is_an_error(length: int) -> None:
    with pytest.raises(DecodeError, match="where 82 fit"):
        types.decode_text(struct.pack("<i84x", length), 82)


@pytest.mark.parametrize(
    ("type_text", "code", "fits"),
    [
        ("BOOL", 0xC1, True),
        ("BOOL", 0xC4, False),
        ("SINT", 0xC2, True),
        ("USINT", 0xC2, True),
        ("BYTE", 0xC2, True),
        ("WORD", 0xC3, True),
        ("TIME", 0xC4, True),
        ("INT", 0xC4, False),
        ("DINT", 0xC1, False),
        ("DINT", 0xCA, False),
        ("REAL", 0xC4, False),
        ("REAL", 0xCA, True),
        ("REAL", 0xCB, False),
        ("LREAL", 0xCB, True),
        ("LREAL", 0xC5, False),
        ("STRING", 0xDA, True),
        ("STRING", 0xC2, False),
        ("SINT", 0xDA, False),
        ("DTL", 0xC5, False),
        ("DINT", 0x00, False),
    ],
)
def test_only_types_of_the_same_kind_and_width_fit(type_text: str, code: int, fits: bool) -> None:
    assert types.fits(DataType[type_text], code) is fits
