"""Who a controller is and whether it runs."""

import pytest

from drivers.pccc.mode import is_small, parse_catalog, parse_plc5_mode, parse_plc5_name, parse_slc_mode

SLC = bytes.fromhex("00 ee 34 78 4a") + b"5/05       " + bytes(8)


@pytest.mark.parametrize(
    ("word", "running"),
    [
        (0b00110, True),
        (0b11110, True),
        (0b00111, True),
        (0b00001, False),
        (0b10001, False),
        (0b00011, False),
        (0b01000, False),
        (0b11110 | 1 << 13, False),
        (0b00110 | 1 << 7, True),
        (0b10111, None),
    ],
)
def test_the_mode_of_an_slc(word: int, running: bool | None) -> None:
    assert parse_slc_mode(word) is running


@pytest.mark.parametrize(
    ("status", "running"),
    [
        ("06eb", True),
        ("02eb", True),
        ("04eb", False),
        ("00eb", False),
        ("0eeb", False),
        ("01eb", None),
        ("", None),
    ],
)
def test_the_mode_of_a_plc5(status: str, running: bool | None) -> None:
    assert parse_plc5_mode(bytes.fromhex(status)) is running


def test_names() -> None:
    assert parse_catalog(SLC) == "5/05"
    assert parse_catalog(b"") == ""
    assert parse_plc5_name(bytes.fromhex("06eb4b")) == "PLC-5/40E"
    assert parse_plc5_name(bytes.fromhex("06eb01")) == "PLC-5"
    assert parse_plc5_name(SLC) == ""


def test_small_processors_are_told_apart() -> None:
    assert is_small(SLC[:3] + b"\x25" + SLC[4:])
    assert not is_small(SLC)
    assert not is_small(b"")
