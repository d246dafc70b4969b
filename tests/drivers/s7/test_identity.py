"""Identity and state from status lists, also from odd ones."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.s7.identity import parse_names, parse_order_number, parse_running, parse_serial


def szl(*records: bytes) -> bytes:
    return struct.pack(">HH", len(records[0]), len(records)) + b"".join(records)


@pytest.mark.parametrize(
    ("mode", "running"),
    [
        (0x08, True),
        (0x68, True),
        (0x09, True),
        (0x04, False),
        (0x03, False),
        (0x84, False),
        (0x06, False),
        (0, None),
    ],
)
def test_only_the_run_modes_are_running(mode: int, running: bool | None) -> None:
    assert parse_running(szl(bytes((0x51, 0x44, 0xFF, mode)).ljust(20, b"\0"))) is running


def test_the_order_number_comes_with_the_firmware() -> None:
    order = b"\0\x01" + b"6ES7 512-1DK01-0AB0 " + bytes(6)
    firmware = b"\0\x07" + b" " * 20 + b"\0\0V\x02\x09\x02"
    assert parse_order_number(szl(order, firmware)) == "6ES7 512-1DK01-0AB0 V2.9.2"


def test_names_are_read_by_their_record_numbers() -> None:
    station = b"\0\x01" + b"Filler".ljust(32, b"\0")
    module = b"\0\x07" + b"CPU 1512SP-1 PN".ljust(32, b"\0")
    assert parse_names(szl(station, module)) == ("CPU 1512SP-1 PN", "Filler")


def test_the_serial_number_is_read() -> None:
    assert parse_serial(szl(b"\0\x05" + b"S C-H7UC12345678".ljust(32, b"\0"))) == "S C-H7UC12345678"


@given(st.binary(max_size=80))
def test_no_list_raises(raw: bytes) -> None:
    parse_running(raw)
    parse_order_number(raw)
    assert all(text.isprintable() for text in (*parse_names(raw), parse_serial(raw)))
