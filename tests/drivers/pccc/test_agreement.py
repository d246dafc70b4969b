"""Letters of files that contradict one another: a PLC-5 would answer with a wrong number, and no error."""

import pytest

from drivers.base import AddressError
from drivers.pccc.address import parse_address
from drivers.pccc.agreement import doubtful_files
from drivers.pccc.family import Family

DEFAULTS = ("B3:0", "T4:0.ACC", "C5:0.ACC", "R6:0.LEN", "N7:0", "F8:0")


@pytest.mark.parametrize("text", ["N3:0", "N4:0", "F7:0", "N8:0", "B5:0", "ST6:0", "A7:0", "B7/3"])
def test_another_letter_over_a_default_file_of_a_plc5_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_address(text, Family.PLC5)


def test_the_reason_names_the_letter_of_the_file() -> None:
    with pytest.raises(AddressError, match="file 8 of a PLC-5 has the letter F; expected F8"):
        parse_address("N8:0", Family.PLC5)


@pytest.mark.parametrize("family", list(Family))
@pytest.mark.parametrize("text", [*DEFAULTS, "N9:0", "F10:0"])
def test_default_files_and_files_of_ones_own_are_not(text: str, family: Family) -> None:
    parse_address(text, family)


@pytest.mark.parametrize("family", [Family.SLC500, Family.MICROLOGIX])
def test_controllers_that_are_told_the_type_refuse_it_themselves(family: Family) -> None:
    parse_address("N8:0", family)


def test_one_number_with_two_letters_is_doubtful() -> None:
    (warning,) = doubtful_files(["N10:0", "N11:3", "F10:4", "N10:1/3", "F12:0"], Family.PLC5)
    assert "file 10" in warning
    assert "N10:0" in warning
    assert "F10:4" in warning


def test_one_letter_for_each_number_is_not() -> None:
    assert doubtful_files(["N10:0", "N10:0/1", "B3/17", "B3:1", "no address", "I:001/07"], Family.PLC5) == []


@pytest.mark.parametrize("family", [Family.SLC500, Family.MICROLOGIX])
def test_other_families_answer_with_an_error(family: Family) -> None:
    assert doubtful_files(["N10:0", "F10:0"], family) == []
