"""Addresses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import AddressError
from drivers.pccc.address import Address, FileType, check_type, format_address, parse_address
from drivers.pccc.family import Family
from engine.model import parse_type
from tests.drivers.pccc.frames import NAMED_BITS, addresses

SLC, ML, PLC5 = Family.SLC500, Family.MICROLOGIX, Family.PLC5
N, B, T, C, R = FileType.INTEGER, FileType.BIT, FileType.TIMER, FileType.COUNTER, FileType.CONTROL
I, O, S = FileType.INPUT, FileType.OUTPUT, FileType.STATUS  # noqa: E741

FORMS = [
    ("N7:0", Address(N, 7, 0)),
    ("N:3", Address(N, 7, 3)),
    ("N10:300", Address(N, 10, 300)),
    ("N7:0/3", Address(N, 7, 0, 0, 3)),
    ("B3:1/1", Address(B, 3, 1, 0, 1)),
    ("B3/17", Address(B, 3, 1, 0, 1)),
    ("B/0", Address(B, 3, 0, 0, 0)),
    ("B13/31", Address(B, 13, 1, 0, 15)),
    ("B3:4", Address(B, 3, 4)),
    ("F8:12", Address(FileType.FLOAT, 8, 12)),
    ("F:0", Address(FileType.FLOAT, 8, 0)),
    ("ST10:2", Address(FileType.STRING, 10, 2)),
    ("A11:4", Address(FileType.ASCII, 11, 4)),
    ("S:1", Address(S, 2, 1)),
    ("S2:1/5", Address(S, 2, 1, 0, 5)),
    ("T4:0.PRE", Address(T, 4, 0, 1)),
    ("T4:0.ACC", Address(T, 4, 0, 2)),
    ("T:7.acc", Address(T, 4, 7, 2)),
    ("T4:0/DN", Address(T, 4, 0, 0, 13)),
    ("T4:0.DN", Address(T, 4, 0, 0, 13)),
    ("T4:0/13", Address(T, 4, 0, 0, 13)),
    ("T4:0.ACC/3", Address(T, 4, 0, 2, 3)),
    ("C5:1.CU", Address(C, 5, 1, 0, 15)),
    ("C5:1.PRE", Address(C, 5, 1, 1)),
    ("R6:0.LEN", Address(R, 6, 0, 1)),
    ("R6:0.POS", Address(R, 6, 0, 2)),
    ("R6:0/FD", Address(R, 6, 0, 0, 8)),
    (" n7:0 / 3 ", Address(N, 7, 0, 0, 3)),
]
SLC_FORMS = [
    ("O:1.0", Address(O, 0, 1)),
    ("O0:1.0", Address(O, 0, 1)),
    ("I:0.2", Address(I, 1, 0, 2)),
    ("I1:0.3", Address(I, 1, 0, 3)),
    ("I:0/4", Address(I, 1, 0, 0, 4)),
    ("I:0/20", Address(I, 1, 0, 1, 4)),
    ("I:0.1/4", Address(I, 1, 0, 1, 4)),
    ("L9:0", Address(FileType.LONG, 9, 0)),
    ("L9:0/31", Address(FileType.LONG, 9, 0, 1, 15)),
]
PLC5_FORMS = [
    ("I:001/07", Address(I, 1, 1, 0, 7)),
    ("O:012/17", Address(O, 0, 10, 0, 15)),
    ("I:017", Address(I, 1, 15)),
    ("I:1/7", Address(I, 1, 1, 0, 7)),
    ("N400:0", Address(N, 400, 0)),
]


@pytest.mark.parametrize(
    ("text", "address", "family"),
    [(*form, family) for form in FORMS for family in Family]
    + [(*form, family) for form in SLC_FORMS for family in (SLC, ML)]
    + [(*form, PLC5) for form in PLC5_FORMS],
)
def test_every_form_is_read(text: str, address: Address, family: Family) -> None:
    assert parse_address(text, family) == address


@pytest.mark.parametrize(("kind", "name", "bit"), NAMED_BITS)
def test_every_bit_of_a_control_word_has_its_name(kind: FileType, name: str, bit: int) -> None:
    for mark in "./":
        assert parse_address(f"{kind}20:3{mark}{name}", SLC) == Address(kind, 20, 3, 0, bit)


@given(bit=st.integers(0, 16 * 65536 - 1))
def test_bits_counted_from_the_start_of_a_file_fall_into_their_words(bit: int) -> None:
    assert parse_address(f"B3/{bit}", SLC) == parse_address(f"B3:{bit // 16}/{bit % 16}", SLC)


@pytest.mark.parametrize(
    ("text", "family", "expected"),
    [
        ("", SLC, "expected N7:0"),
        ("Program:Main.Level", SLC, "is no SLC-500 address; expected N7:0"),
        ("DB1,0.0", ML, "is no MicroLogix address"),
        ("N7", SLC, "expected N7:0"),
        ("N7:0/16", SLC, "no bit 16; expected 0 to 15"),
        ("N7:0.3", SLC, "expected / and a bit"),
        ("N7:0/DN", SLC, "DN is a member of timers"),
        ("N2:0", SLC, "no file 2; expected 3 to 255"),
        ("N256:0", SLC, "expected 3 to 255"),
        ("N1000:0", PLC5, "expected 3 to 999"),
        ("N7:70000", SLC, "no element 70000"),
        ("O5:0", SLC, "the O file has number 0"),
        ("S3:0", SLC, "the S file has number 2"),
        ("ST:0", SLC, "an ST file needs its number, as in ST10:0"),
        ("L:0", ML, "an L file needs its number"),
        ("F8:0/3", SLC, "a floating-point number has no bits"),
        ("ST10:0/3", SLC, "a string has no bits"),
        ("T4:0", SLC, "expected one of PRE, ACC, EN, TT, DN"),
        ("T4:0.LEN", SLC, "expected one of PRE, ACC"),
        ("T4:0.0", SLC, "expected one of PRE"),
        ("T4:0.DN/3", SLC, "expected one of PRE"),
        ("T4:0/PRE", SLC, "is no SLC-500 address"),
        ("R6:0.ACC", SLC, "expected one of LEN, POS"),
        ("L9:0/32", ML, "expected 0 to 31"),
        ("L9:0", PLC5, "a PLC-5 has no long integers"),
        ("I:008", PLC5, "in octal; 008 is not"),
        ("I:001/08", PLC5, "in octal; 08 is not"),
        ("I:001/20", PLC5, "no bit 20; expected 0 to 17"),
        ("I:400", PLC5, "no word 400; expected 0 to 377"),
        ("I:001.0", PLC5, "by rack and group"),
    ],
)
def test_what_is_no_address_is_refused_with_what_was_expected(
    text: str, family: Family, expected: str
) -> None:
    with pytest.raises(AddressError, match=expected):
        parse_address(text, family)


@given(text=st.text(max_size=20) | st.from_regex(r"[NBFTCRSLAIO]{1,2}\d{0,4}:?\d{0,4}[./][A-Z0-9]{0,4}"))
def test_no_text_raises_anything_but_an_address_error(text: str) -> None:
    for family in Family:
        try:
            address = parse_address(text, family)
        except AddressError:
            continue
        assert parse_address(format_address(address, family), family) == address


@pytest.mark.parametrize("family", Family)
@given(data=st.data())
def test_a_formatted_address_reads_back_as_itself(family: Family, data: st.DataObject) -> None:
    address = data.draw(addresses(family))
    assert parse_address(format_address(address, family), family) == address


@pytest.mark.parametrize(
    ("text", "type_text"),
    [
        ("N7:0", "INT"),
        ("N7:0", "UINT"),
        ("N7:0", "WORD[20]"),
        ("B3:0", "WORD"),
        ("B3/17", "BOOL"),
        ("B3/17", "BOOL[40]"),
        ("F8:0", "REAL"),
        ("F8:0", "REAL[100]"),
        ("L9:0", "DINT"),
        ("L9:0", "UDINT[3]"),
        ("L9:0/20", "BOOL"),
        ("ST10:0", "STRING"),
        ("ST10:0", "STRING[20]"),
        ("ST10:0", "STRING[82][4]"),
        ("A11:0", "STRING[20]"),
        ("A11:0", "WORD"),
        ("T4:0.ACC", "INT"),
        ("T4:0/DN", "BOOL"),
        ("S:1", "WORD"),
        ("O:1.0", "WORD[2]"),
    ],
)
def test_matching_addresses_and_types_are_accepted(text: str, type_text: str) -> None:
    assert check_type(parse_address(text, SLC), parse_type(type_text), SLC) == ""


@pytest.mark.parametrize(
    ("text", "type_text", "reason"),
    [
        ("N7:0", "BOOL", "needs its bit, as in N7:0/0"),
        ("F8:0", "BOOL", "a floating-point number has none"),
        ("N7:0", "DINT", "is DINT, expected INT, UINT or WORD"),
        ("N7:0", "REAL", "expected INT, UINT or WORD"),
        ("F8:0", "LREAL", "expected REAL"),
        ("L9:0", "INT", "expected DINT, DWORD or UDINT"),
        ("N7:0/3", "INT", "one bit is a BOOL"),
        ("T4:0.ACC", "INT[3]", "a member of a timer is one number"),
        ("T4:0/DN", "BOOL[3]", "arrays of bits"),
        ("L9:0/3", "BOOL[3]", "arrays of bits"),
        ("ST10:0", "STRING[83]", "82 characters at most"),
        ("A11:0", "STRING", "expected a length"),
        ("A11:0", "STRING[4][2]", "arrays of strings lie in ST files"),
        ("T4:0.PRE", "DINT", "expected INT"),
    ],
)
def test_an_address_that_contradicts_its_type_is_named(text: str, type_text: str, reason: str) -> None:
    assert reason in check_type(parse_address(text, SLC), parse_type(type_text), SLC)
