"""Addresses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import AddressError
from drivers.s7.address import Address, Area, check_type, format_address, parse_address
from engine.model import parse_type

DB, M, I, Q = Area.DB, Area.MARKER, Area.INPUT, Area.OUTPUT  # noqa: E741

FORMS = [
    ("DB1,0.0", Address(DB, 1, 0, 0)),
    ("DB1,4", Address(DB, 1, 4)),
    ("DB1.DBX0.7", Address(DB, 1, 0, 7, "X")),
    ("DB1.DBB1", Address(DB, 1, 1, None, "B")),
    ("DB1.DBW2", Address(DB, 1, 2, None, "W")),
    ("DB1.DBD4", Address(DB, 1, 4, None, "D")),
    ("DB1.DBD4.0", Address(DB, 1, 4, None, "D")),
    ("DB1,R4", Address(DB, 1, 4, None, "R")),
    ("DB1,REAL4", Address(DB, 1, 4, None, "R")),
    ("DB1,R4.5", Address(DB, 1, 4, None, "R", 5)),
    ("DB1,X14.3", Address(DB, 1, 14, 3, "X")),
    ("DB1,B2", Address(DB, 1, 2, None, "B")),
    ("DB1,C2", Address(DB, 1, 2, None, "C")),
    ("DB1,W2", Address(DB, 1, 2, None, "W")),
    ("DB1,I2", Address(DB, 1, 2, None, "I")),
    ("DB1,DI4", Address(DB, 1, 4, None, "DI")),
    ("DB1,DW4", Address(DB, 1, 4, None, "D")),
    ("DB12,S10.20", Address(DB, 12, 10, None, "S", 20)),
    ("DB1,LR8", Address(DB, 1, 8, None, "LR")),
    ("M10.0", Address(M, 0, 10, 0)),
    ("MB1", Address(M, 0, 1, None, "B")),
    ("MW2", Address(M, 0, 2, None, "W")),
    ("MD4", Address(M, 0, 4, None, "D")),
    ("I0.0", Address(I, 0, 0, 0)),
    ("E0.0", Address(I, 0, 0, 0)),
    ("IW2", Address(I, 0, 2, None, "W")),
    ("Q0.1", Address(Q, 0, 0, 1)),
    ("A0.1", Address(Q, 0, 0, 1)),
    ("V0.0", Address(DB, 1, 0, 0)),
    ("VB1", Address(DB, 1, 1, None, "B")),
    ("VW2", Address(DB, 1, 2, None, "W")),
    ("VD4", Address(DB, 1, 4, None, "D")),
    (" %db1.dbw2 ", Address(DB, 1, 2, None, "W")),
]


@pytest.mark.parametrize(("text", "address"), FORMS)
def test_every_form_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected DB1,0.0"),
        ("DB1", "expected DB1,0.0"),
        ("DB1.DBW", "expected DB1,0.0"),
        ("Program:Main.Level", "expected DB1,0.0"),
        ("PIW256", "expected DB1,0.0"),
        ("DB0,4", "expected DB1 to DB65535"),
        ("DB70000,4", "expected DB1 to DB65535"),
        ("DB1,0.8", "expected 0 to 7"),
        ("M10.9", "expected 0 to 7"),
        ("DB1.DBX4", "expected 0 to 7"),
        ("DB1,65536", "expected 0 to 65535"),
    ],
)
def test_what_is_no_address_is_refused_with_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(AddressError, match=expected):
        parse_address(text)


@given(st.text(max_size=20))
def test_no_text_raises_anything_but_an_address_error(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError:
        return
    assert parse_address(format_address(address)) == address


@given(
    area=st.sampled_from(Area),
    db=st.integers(1, 65535),
    byte=st.integers(0, 65535),
    rest=st.one_of(
        st.tuples(st.integers(0, 7), st.sampled_from(["", "X"]), st.just(0)),
        st.tuples(st.none(), st.just(""), st.just(0)),
        st.tuples(
            st.none(), st.sampled_from(["B", "W", "D", "R", "I", "DI", "C", "S", "LR"]), st.integers(0, 9)
        ),
    ),
)
def test_a_formatted_address_reads_back_as_itself(
    area: Area, db: int, byte: int, rest: tuple[int | None, str, int]
) -> None:
    bit, hint, count = rest
    if area is not Area.DB and hint == "X":
        hint = ""
    address = Address(area, db if area is Area.DB else 0, byte, bit, hint, count)
    assert parse_address(format_address(address)) == address


@pytest.mark.parametrize(
    ("text", "type_text"),
    [
        ("DB1,0.3", "BOOL"),
        ("DB1.DBX0.3", "BOOL"),
        ("DB1,4", "REAL"),
        ("DB1,4.0", "REAL"),
        ("DB1.DBD4", "REAL"),
        ("DB1.DBD4", "DINT"),
        ("DB1,R4.5", "REAL[5]"),
        ("DB1,S10.20", "STRING[20]"),
        ("DB1.DBB10", "STRING[20]"),
        ("DB1.DBX10.0", "DTL"),
        ("DB1.DBW0", "INT[4]"),
        ("DB1,0.3", "BOOL[10]"),
    ],
)
def test_matching_addresses_and_types_are_accepted(text: str, type_text: str) -> None:
    assert check_type(parse_address(text), parse_type(type_text)) == ""


@pytest.mark.parametrize(
    ("text", "type_text", "reason"),
    [
        ("DB1,4", "BOOL", "needs its bit"),
        ("MB1", "BOOL", "needs its bit"),
        ("DB1.DBW2", "REAL", "a word of two bytes"),
        ("DB1.DBD4", "INT", "a double word"),
        ("DB1,R4", "DINT", "says a REAL"),
        ("DB1,4.3", "REAL", "starts at a whole byte"),
        ("DB1,R4.5", "REAL[4]", "says 5"),
        ("DB1.DBX4.0", "INT", "one bit"),
    ],
)
def test_an_address_that_contradicts_its_type_is_named(text: str, type_text: str, reason: str) -> None:
    assert reason in check_type(parse_address(text), parse_type(type_text))
