"""Addresses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import AddressError
from drivers.logix.address import Address, Part, format_address, parse_address

FORMS = [
    ("Level", Address("", (Part("Level"),))),
    (" Level ", Address("", (Part("Level"),))),
    ("Fill.Level", Address("", (Part("Fill"), Part("Level")))),
    ("Program:Main.Fill.Level", Address("Main", (Part("Fill"), Part("Level")))),
    ("program:Main.Level", Address("Main", (Part("Level"),))),
    ("Recipe[3]", Address("", (Part("Recipe", (3,)),))),
    ("Mat[1,2]", Address("", (Part("Mat", (1, 2)),))),
    ("Cube[ 1 , 2 , 3 ]", Address("", (Part("Cube", (1, 2, 3)),))),
    ("Recipe{10}", Address("", (Part("Recipe"),), count=10)),
    ("Recipe[3]{5}", Address("", (Part("Recipe", (3,)),), count=5)),
    ("Word.3", Address("", (Part("Word"),), bit=3)),
    ("Word[2].31", Address("", (Part("Word", (2,)),), bit=31)),
    (
        "Line[3].Motor.Flags[1].7",
        Address("", (Part("Line", (3,)), Part("Motor"), Part("Flags", (1,))), bit=7),
    ),
    ("Local:1:I.Data.5", Address("", (Part("Local:1:I"), Part("Data")), bit=5)),
    ("Rack_2:3:C.Ch[0].Enable", Address("", (Part("Rack_2:3:C"), Part("Ch", (0,)), Part("Enable")))),
]


@pytest.mark.parametrize(("text", "address"), FORMS)
def test_every_form_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected one like"),
        ("DB1,0.0", "expected one like"),
        ("N7:0", "expected one like"),
        ("3Level", "expected one like"),
        ("Fill..Level", "expected one like"),
        ("Fill.Level.", "expected one like"),
        ("Recipe[]", "expected one like"),
        ("Recipe[-1]", "expected one like"),
        ("Recipe[1,2,3,4]", "expected one like"),
        ("Recipe{0}", "expected 1 to 65535"),
        ("Recipe{70000}", "expected 1 to 65535"),
        ("Word.64", "expected 0 to 63"),
        ("Word.3.4", "expected one like"),
        ("Program:Main", "expected one like"),
        ("Line.Mat[1,2]", "one index"),
        ("Recipe[99999999999]", "no such element"),
        ("x" * 41, "up to 40"),
        ("Füllung", "expected one like"),
    ],
)
def test_what_is_no_address_is_said_so(text: str, expected: str) -> None:
    with pytest.raises(AddressError, match=expected):
        parse_address(text)


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
indices = st.lists(st.integers(0, 2**32 - 1), max_size=3).map(tuple)
one_index = st.lists(st.integers(0, 2**32 - 1), max_size=1).map(tuple)
bases = st.builds(
    Part,
    st.one_of(
        names,
        st.builds("{}:{}:I".format, names.filter(lambda name: name.lower() != "program"), st.integers(0, 99)),
    ),
    indices,
)
addresses = st.builds(
    Address,
    st.one_of(st.just(""), names),
    st.tuples(bases, st.lists(st.builds(Part, names, one_index), max_size=4)).map(
        lambda parts: (parts[0], *parts[1])
    ),
    st.one_of(st.none(), st.integers(0, 63)),
    st.integers(0, 65535),
)


@given(addresses)
def test_what_is_written_is_read_back(address: Address) -> None:
    assert parse_address(format_address(address)) == address


@given(st.text(alphabet="aZ_09.:[]{}, Program", max_size=40))
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError:
        return
    assert parse_address(format_address(address)) == address
