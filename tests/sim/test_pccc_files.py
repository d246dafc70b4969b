"""Data files: how numbers and texts lie in them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.pccc_files import (
    DataFiles,
    FileType,
    from_floats,
    from_string,
    from_words,
    to_ascii,
    to_floats,
    to_string,
    to_words,
)

FLOATS = st.lists(st.floats(width=32, allow_nan=False), max_size=8)


def test_a_float_lies_low_word_first_in_an_slc_and_high_word_first_in_a_plc5():
    assert to_floats([1000.0], high_word_first=False) == bytes.fromhex("00007a44")
    assert to_floats([1000.0], high_word_first=True) == bytes.fromhex("7a440000")


@given(FLOATS, st.booleans())
def test_floats_are_read_back(values, swapped):
    data = to_floats(values, high_word_first=swapped)
    assert list(from_floats(data, high_word_first=swapped)) == values


def test_no_number_stays_none():
    assert math.isnan(from_floats(to_floats([math.nan], high_word_first=True), high_word_first=True)[0])


@given(st.lists(st.integers(-32768, 32767), max_size=8))
def test_integers_are_read_back(values):
    assert list(from_words(to_words(values))) == values


def test_what_does_not_fit_into_16_bits_keeps_its_low_word():
    assert from_words(to_words([65536 + 5, -32769])) == (5, 32767)


def test_a_string_has_its_length_first_and_the_bytes_of_each_word_swapped():
    data = to_string("ABC")
    assert data[:6] == b"\x03\x00BA\x00C"
    assert len(data) == FileType.STRING.size == 84


@given(st.text(st.characters(max_codepoint=255), max_size=100))
def test_strings_are_read_back_as_far_as_they_fit(text):
    assert from_string(to_string(text)) == text[:82]


def test_a_length_beyond_a_string_is_taken_as_all_of_it():
    assert from_string(b"\xff\x7f" + to_string("A" * 82)[2:]) == "A" * 82


def test_characters_of_an_ascii_file_are_swapped_and_padded():
    assert to_ascii("ABC") == b"BA C"


def test_files_are_known_by_number_and_told_in_order():
    files = DataFiles()
    files.add(FileType.FLOAT, 8, 10)
    files.add(FileType.OUTPUT, 0, 1)
    assert [(file.name, file.elements, len(file.memory)) for file in files] == [("O", 1, 2), ("F8", 10, 40)]
    assert files.get(7) is None


@pytest.mark.parametrize(("number", "elements"), [(-1, 1), (1000, 1), (7, 0)])
def test_what_cannot_be_a_data_file_is_refused(number, elements):
    with pytest.raises(ValueError, match="is not a data file"):
        DataFiles().add(FileType.INTEGER, number, elements)
