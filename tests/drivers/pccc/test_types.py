"""Values in data files."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.pccc.address import FileType
from drivers.pccc.types import DecodeError, EncodeError, decode, encode, to_bits
from engine.model import INTEGER_BITS, DataType, TypeSpec, Value, parse_type

WORDS = [DataType.INT, DataType.UINT, DataType.WORD]
LONGS = [DataType.DINT, DataType.UDINT, DataType.DWORD]
STRING, ASCII, INTEGER = FileType.STRING, FileType.ASCII, FileType.INTEGER


@pytest.mark.parametrize("base", WORDS + LONGS)
@given(data=st.data())
def test_integers_come_back_and_what_does_not_fit_never_goes(base: DataType, data: st.DataObject) -> None:
    bits, signed = INTEGER_BITS[base]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    value = data.draw(st.integers(low, high))
    assert decode(TypeSpec(base), INTEGER, encode(TypeSpec(base), INTEGER, value)) == value
    outside = data.draw(st.integers(max_value=low - 1) | st.integers(min_value=high + 1))
    with pytest.raises(EncodeError, match="does not fit"):
        encode(TypeSpec(base), INTEGER, outside)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_come_back(value: float) -> None:
    spec = TypeSpec(DataType.REAL)
    assert decode(spec, FileType.FLOAT, encode(spec, FileType.FLOAT, value)) == value


@given(st.text(st.characters(max_codepoint=255), max_size=82))
def test_a_string_is_its_length_and_characters_with_the_bytes_of_each_word_swapped(text: str) -> None:
    data = encode(TypeSpec(DataType.STRING), STRING, text)
    assert len(data) == 84
    assert int.from_bytes(data[:2], "little") == len(text)
    assert decode(TypeSpec(DataType.STRING), STRING, data) == text


def test_the_first_character_of_a_string_is_the_upper_byte_of_its_word() -> None:
    assert encode(TypeSpec(DataType.STRING), STRING, "ABC")[:6] == b"\x03\0BA\0C"
    assert encode(parse_type("STRING[4]"), ASCII, "ABC") == b"BA\0C"
    assert decode(parse_type("STRING[5]"), ASCII, b"BADC\0E") == "ABCDE"


@given(st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=21))
def test_text_in_an_ascii_file_comes_back(text: str) -> None:
    spec = parse_type("STRING[21]")
    assert decode(spec, ASCII, encode(spec, ASCII, text)) == text


def test_arrays() -> None:
    reals = parse_type("REAL[3]")
    assert decode(reals, FileType.FLOAT, struct.pack("<3f", 1.5, 2.5, -3.0)) == (1.5, 2.5, -3.0)
    texts = parse_type("STRING[10][2]")
    assert decode(texts, STRING, encode(texts, STRING, ("one", "two"))) == ("one", "two")
    assert decode(parse_type("BOOL[4]"), FileType.BIT, b"\0\x80\x05\0", 15) == (True, True, False, True)


def test_what_the_controller_holds_and_cannot_be_said_is_an_error() -> None:
    with pytest.raises(DecodeError, match="no number"):
        decode(TypeSpec(DataType.REAL), FileType.FLOAT, struct.pack("<f", math.nan))
    with pytest.raises(DecodeError, match="no valid text"):
        decode(TypeSpec(DataType.STRING), STRING, b"\x53\0" + bytes(82))
    with pytest.raises(DecodeError, match="5 characters, 3 are declared"):
        decode(parse_type("STRING[3]"), STRING, b"\x05\0" + bytes(82))


@pytest.mark.parametrize(
    ("type_text", "kind", "value", "reason"),
    [
        ("INT", INTEGER, 1.5, "whole number"),
        ("INT", INTEGER, True, "whole number"),
        ("INT", INTEGER, "1", "whole number"),
        ("INT", INTEGER, (1, 2), "one INT was expected"),
        ("INT[2]", INTEGER, (1, 2, 3), "2 values of INT"),
        ("INT[2]", INTEGER, 1, "2 values of INT"),
        ("REAL", FileType.FLOAT, math.nan, "cannot be written"),
        ("REAL", FileType.FLOAT, math.inf, "cannot be written"),
        ("REAL", FileType.FLOAT, 1e39, "does not fit REAL"),
        ("REAL", FileType.FLOAT, "1", "is a number"),
        ("STRING", STRING, "x" * 83, "do not fit STRING of 82"),
        ("STRING[4]", STRING, "five!", "do not fit STRING of 4"),
        ("STRING[4]", ASCII, "five!", "do not fit STRING of 4"),
        ("STRING", STRING, "€", "Latin-1 only"),
        ("STRING", STRING, 5, "is text"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(
    type_text: str, kind: FileType, value: Value, reason: str
) -> None:
    with pytest.raises(EncodeError, match=reason):
        encode(parse_type(type_text), kind, value)


def test_bits_are_true_false_one_or_zero() -> None:
    assert to_bits(parse_type("BOOL[3]"), (1, False, 0.0)) == (True, False, False)
    for value in (2, "on", math.nan):
        with pytest.raises(EncodeError, match="neither on nor off"):
            to_bits(parse_type("BOOL"), value)


def test_whole_floats_are_taken_for_integers() -> None:
    assert encode(TypeSpec(DataType.INT), INTEGER, 12.0) == b"\x0c\0"
