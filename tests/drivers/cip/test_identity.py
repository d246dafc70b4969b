"""Who a device says it is."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cip.identity import CipIdentity, parse_identity, parse_list_identity

FIELDS = struct.Struct("<HHHBBHI")


def identity_bytes(
    name: bytes = b"1756-L83E/B", status: int = 0x3160, vendor: int = 1, kind: int = 14
) -> bytes:
    return FIELDS.pack(vendor, kind, 166, 32, 11, status, 0x12ABCD) + bytes((len(name),)) + name


def test_an_identity_is_one_line_for_people() -> None:
    assert parse_identity(identity_bytes()).text == "1756-L83E/B · FW 32.11 · SN 0012ABCD"


def test_firmware_has_two_digits_behind_its_point() -> None:
    assert CipIdentity(1, 14, 1, 20, 5, 0, 0, "x").firmware == "20.05"


@pytest.mark.parametrize(
    ("status", "running"),
    [(0x3160, True), (0x1060, True), (0x3170, False), (0x2070, False), (0x0450, False), (0x0000, None)],
)
def test_the_keyswitch_tells_whether_it_runs(status: int, running: bool | None) -> None:
    assert parse_identity(identity_bytes(status=status)).running is running


def test_other_devices_say_something_else_with_these_bits() -> None:
    assert parse_identity(identity_bytes(vendor=2)).running is None
    assert parse_identity(identity_bytes(kind=12)).running is None


def test_unprintable_letters_are_left_out_of_the_name() -> None:
    assert parse_identity(identity_bytes(b"1747\0\x07-L551 ")).product_name == "1747-L551"


def test_the_state_follows_where_it_is_told() -> None:
    assert parse_identity(identity_bytes()).state == 255
    assert parse_identity(identity_bytes() + b"\x03").state == 3


def test_a_list_identity_has_the_address_too() -> None:
    body = (
        struct.pack("<H", 1)
        + struct.pack(">HH4s8x", 2, 44818, bytes((10, 1, 0, 7)))
        + identity_bytes()
        + b"\x03"
    )
    data = struct.pack("<HHH", 1, 0x0C, len(body)) + body
    identity, address = parse_list_identity(data)
    assert (identity.product_name, identity.state, address) == ("1756-L83E/B", 3, "10.1.0.7")


@given(st.binary(max_size=60))
def test_nonsense_is_a_value_error_and_nothing_else(data: bytes) -> None:
    for parse in (parse_identity, parse_list_identity):
        try:
            parse(data)
        except ValueError:
            continue


@given(st.integers(0, len(identity_bytes()) - 1))
def test_an_identity_that_is_cut_off_is_none(length: int) -> None:
    with pytest.raises(ValueError, match="identity"):
        parse_identity(identity_bytes()[:length])
